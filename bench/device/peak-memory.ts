/**
 * The memory that processes take while something is done, beyond what they took before. Linux only: elsewhere it is NaN.
 */
import { readFileSync } from 'node:fs';
import { median } from '../harness/quantiles.ts';

const EVERY_MS = 100;
const BYTES_PER_MB = 1e6;

/** What a watch found, of all processes together. */
export interface MemoryUse {
  /** The most, MB above the beginning. */
  readonly peakMB: number;
  /** What the last third of the time took beyond the second one: what grows with the work, and not with having begun it. */
  readonly growthMB: number;
}

/** Starts watching; call what comes back for what was found. */
export const watchMemory = (pids: readonly number[]): (() => MemoryUse) => {
  const all = (): number => pids.reduce((sum, pid) => sum + residentBytes(pid), 0) / BYTES_PER_MB;
  const samples = [all()];
  const look = (): void => void samples.push(all());
  const timer = setInterval(look, EVERY_MS);
  return () => {
    clearInterval(timer);
    look();
    const third = Math.ceil(samples.length / 3);
    return {
      peakMB: Math.max(...samples) - (samples[0] ?? Number.NaN),
      growthMB: median(samples.slice(-third)) - median(samples.slice(-2 * third, -third)),
    };
  };
};

const residentBytes = (pid: number): number => {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024;
  } catch {
    // Another system, or a process that has ended.
    return Number.NaN;
  }
};
