/**
 * The most memory that processes take while something is done, beyond what they took before. Linux only: elsewhere it is
 * NaN.
 */
import { readFileSync } from 'node:fs';

const EVERY_MS = 100;
const BYTES_PER_MB = 1e6;

/** Starts watching; call what comes back for the most of all processes together, MB above the beginning. */
export const watchMemory = (pids: readonly number[]): (() => number) => {
  const all = (): number => pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
  const before = all();
  let peak = before;
  const look = (): void => {
    peak = Math.max(peak, all());
  };
  const timer = setInterval(look, EVERY_MS);
  return () => {
    clearInterval(timer);
    look();
    return (peak - before) / BYTES_PER_MB;
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
