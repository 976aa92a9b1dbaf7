/**
 * The viewer hosts of `bench mesh`, as one: viewers are spread over them, reports are summed up.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { projectRoot } from '../../tools/files.ts';
import { Histogram } from '../harness/histogram.ts';
import type { HostAnswer, HostOrder, HostReport, MeshStream } from './host-messages.ts';

/** Sums over all hosts; the delays as one histogram. */
export type MeshReport = Omit<HostReport, 'delays'> & { readonly delays: Histogram };

/**
 * The same loader whoever starts them. Node's incremental marking starts anew several times a second for the memory
 * that messages hold outside its heap, which costs a third of the processor; whole collections now and then do not.
 */
const FORKING = { cwd: projectRoot, execArgv: ['--import', 'tsx', '--no-incremental-marking'] };

/** Running hosts. */
export class Hosts {
  readonly #children: readonly ChildProcess[];
  readonly #hostOf = new Map<number, ChildProcess>();
  #nextViewer = 0;
  #state: 'running' | 'closed' = 'running';

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
    for (const child of children) child.once('exit', (code, signal) => this.#died(signal ?? code));
  }

  /** Viewers that are gone fetch nothing from the origin: without this, a crash would look like a perfect swarm. */
  #died(how: string | number | null): void {
    if (this.#state === 'running')
      throw new Error(`a viewer host died in mid-run (${how}); there is nothing to measure`);
  }

  static async start(count: number): Promise<Hosts> {
    const children = Array.from({ length: count }, () => fork(`${projectRoot}/bench/mesh/mesh-host.ts`, FORKING));
    await Promise.all(children.map((child) => once(child, 'message')));
    return new Hosts(children);
  }

  /** Process ids by name. */
  get pids(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#children.map((child, index) => [`host${index + 1}`, child.pid ?? 0]));
  }

  /** Viewers there now, oldest first. */
  get viewers(): readonly number[] {
    return [...this.#hostOf.keys()];
  }

  join(stream: MeshStream): void {
    const viewer = this.#nextViewer++;
    const child = this.#children[viewer % this.#children.length];
    if (child === undefined) return;
    this.#hostOf.set(viewer, child);
    send(child, { kind: 'join', viewer, ...stream });
  }

  leave(viewer: number): void {
    const child = this.#hostOf.get(viewer);
    this.#hostOf.delete(viewer);
    if (child !== undefined) send(child, { kind: 'leave', viewer });
  }

  begin(): void {
    for (const child of this.#children) send(child, { kind: 'begin' });
  }

  async report(): Promise<MeshReport> {
    return sum(await Promise.all(this.#children.map(reportOf)));
  }

  close(): void {
    this.#state = 'closed';
    for (const child of this.#children) if (child.connected) child.disconnect();
  }
}

const send = (child: ChildProcess, order: HostOrder): void => void child.send(order);

const reportOf = async (child: ChildProcess): Promise<HostReport> => {
  const answered = once(child, 'message') as Promise<[HostAnswer]>;
  send(child, { kind: 'report' });
  const [answer] = await answered;
  if (answer.kind !== 'report') throw new Error('a viewer host answered out of turn');
  return answer.report;
};

const sum = (reports: readonly HostReport[]): MeshReport => {
  const delays = new Histogram();
  const faults: Record<string, number> = {};
  for (const report of reports) {
    delays.merge(report.delays);
    for (const [code, count] of Object.entries(report.faults)) faults[code] = (faults[code] ?? 0) + count;
  }
  const total = (name: Exclude<keyof HostReport, 'delays' | 'faults'>): number =>
    reports.reduce((whole, report) => whole + report[name], 0);
  return {
    originBytes: total('originBytes'),
    neighbourBytes: total('neighbourBytes'),
    uploadedBytes: total('uploadedBytes'),
    missedDeadlines: total('missedDeadlines'),
    repairsFromOrigin: total('repairsFromOrigin'),
    repairsFromNeighbours: total('repairsFromNeighbours'),
    piecesDuplicate: total('piecesDuplicate'),
    fromOrigin: total('fromOrigin'),
    fromNeighbours: total('fromNeighbours'),
    orphaned: total('orphaned'),
    neighbours: total('neighbours'),
    viewers: total('viewers'),
    fellBack: total('fellBack'),
    loopLateMsP99: Math.max(...reports.map((report) => report.loopLateMsP99)),
    delays,
    faults,
  };
};
