/**
 * How busy the machine and single processes are, so that a figure can be told from a machine at its limit. Linux only:
 * elsewhere everything reads as NaN.
 */
import { readFileSync } from 'node:fs';

/** A moment's counts, in ticks. */
interface Ticks {
  readonly busy: number;
  readonly all: number;
}

const TICKS_PER_SEC = 100;

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // No such file: another system, or a process that has ended.
    return '';
  }
};

const machineTicks = (): Ticks => {
  const counts = (/^cpu +(.*)$/m.exec(read('/proc/stat'))?.[1] ?? '').split(' ').map(Number);
  const all = counts.slice(0, 8).reduce((sum, count) => sum + count, 0);
  return { all, busy: all - (counts[3] ?? 0) - (counts[4] ?? 0) };
};

const processTicks = (pid: number): number => {
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /, '')
    .split(' ');
  // utime and stime are fields 14 and 15 counted from 1; the first two are cut off.
  return Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN);
};

/** What a watch found since it was started. */
export interface ProcessorUse {
  /** Share of all cores that was busy, percent. */
  readonly machinePercent: number;
  /** Seconds of one core per second, percent, of each process. */
  readonly processPercent: Readonly<Record<string, number>>;
}

/** Starts watching; call what comes back for the use since then. */
export const watchProcessor = (processes: Readonly<Record<string, number>>): (() => ProcessorUse) => {
  const machine = machineTicks();
  const began = performance.now();
  const ticks = Object.entries(processes).map(([name, pid]) => ({ name, pid, from: processTicks(pid) }));
  return () => {
    const now = machineTicks();
    const seconds = (performance.now() - began) / 1000;
    const percent = (used: number): number => Number(((used * 100) / TICKS_PER_SEC / seconds).toFixed(1));
    return {
      machinePercent: Number((((now.busy - machine.busy) * 100) / (now.all - machine.all)).toFixed(1)),
      processPercent: Object.fromEntries(ticks.map(({ name, pid, from }) => [name, percent(processTicks(pid) - from)])),
    };
  };
};
