/**
 * The viewers of `bench cluster`, in a few processes of their own.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { projectRoot } from '../../tools/files.ts';
import type { ClusterAnswer, ClusterOrder, ViewerReport } from './host-messages.ts';

const FORKING = { cwd: projectRoot, execArgv: ['--import', 'tsx', '--no-incremental-marking'] };

/** See above. */
export class Viewers {
  readonly #hosts: readonly ChildProcess[];
  #joined = 0;
  #state: 'running' | 'closed' = 'running';

  private constructor(hosts: readonly ChildProcess[]) {
    this.#hosts = hosts;
    // Viewers that are gone fetch nothing from the origin: without this, a crash would look like a perfect swarm.
    for (const host of hosts) {
      host.once('exit', (code, signal) => {
        if (this.#state === 'running') throw new Error(`a viewer host died in mid-run (${signal ?? code})`);
      });
    }
  }

  static async start(count: number): Promise<Viewers> {
    const hosts = Array.from({ length: count }, () => fork(`${projectRoot}/bench/cluster/cluster-host.ts`, FORKING));
    await Promise.all(hosts.map((host) => once(host, 'message')));
    return new Viewers(hosts);
  }

  /** One more viewer, at the address of a server process. */
  join(url: string, place: number): void {
    const host = this.#hosts[this.#joined++ % this.#hosts.length];
    host?.send({ kind: 'join', url, place } satisfies ClusterOrder);
  }

  async report(): Promise<readonly ViewerReport[]> {
    const reports = await Promise.all(this.#hosts.map(reportOf));
    return reports.flat();
  }

  close(): void {
    this.#state = 'closed';
    for (const host of this.#hosts) if (host.connected) host.disconnect();
  }
}

const reportOf = async (host: ChildProcess): Promise<readonly ViewerReport[]> => {
  const answered = once(host, 'message') as Promise<[ClusterAnswer]>;
  host.send({ kind: 'report' } satisfies ClusterOrder);
  const [said] = await answered;
  if (said.kind !== 'report') throw new Error('a viewer host answered out of turn');
  return said.viewers;
};

/** Links between viewers that began at different server processes, each counted once. */
export const crossingLinks = (reports: readonly ViewerReport[]): number => {
  const placeOf = new Map(reports.map(({ name, place }) => [name, place]));
  const links = new Set<string>();
  for (const { name = '', place, neighbours } of reports) {
    for (const other of neighbours) {
      const far = placeOf.get(other);
      if (far !== undefined && far !== place) links.add([name, other].sort().join(' '));
    }
  }
  return links.size;
};
