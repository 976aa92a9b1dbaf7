/**
 * The user-space network between viewers: builds and runs `bench/netrelay`, a small Rust program, because Node needs
 * several times the processor for the same packets and benchmarks share two cores with what they measure.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { projectRoot } from '../../tools/files.ts';

/** What holds for every path between viewers. */
export interface PathConditions {
  readonly rttMs: number;
  readonly lossPercent: number;
  /** Longest wait in a viewer's uplink before it drops packets, ms. */
  readonly queueMs?: number;
  readonly seed?: number;
}

/** Counts of the network. */
export interface RelayStats {
  readonly packets: number;
  readonly bytes: number;
  readonly lost: number;
  /** Packets from addresses that no signal named (yet). */
  readonly unrouted: number;
  readonly uplinks: readonly { readonly viewer: number; readonly sent: number; readonly dropped: number }[];
}

const folder = join(projectRoot, 'bench/netrelay');
const QUEUE_MS = 200;

/** A running network. */
export class NetRelay {
  /** The address all public sockets are on. */
  readonly ip: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers = new Map<string, ((rest: string) => void)[]>();
  #state: 'running' | 'closing' = 'running';

  private constructor(ip: string, child: ChildProcessByStdio<Writable, Readable, null>) {
    this.ip = ip;
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line));
    child.on('exit', (code) => {
      if (this.#state === 'running') throw new Error(`the network relay ended with ${code}`);
    });
  }

  /** Builds the program if need be and starts it. */
  static start(conditions: PathConditions): NetRelay {
    const built = spawnSync('cargo', ['build', '--release', '--quiet'], { cwd: folder, stdio: ['ignore', 2, 2] });
    if (built.status !== 0) throw new Error('bench/netrelay does not build');
    const ip = ownAddress();
    const { rttMs, lossPercent, queueMs = QUEUE_MS, seed = 1 } = conditions;
    const numbers = [rttMs * 500, lossPercent * 10_000, queueMs, seed].map((value) => String(Math.round(value)));
    const program = join(folder, 'target/release/shoal-netrelay');
    return new NetRelay(ip, spawn(program, [ip, ...numbers], { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  /** The process, for whoever counts its processor time. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Gives a viewer its public socket; 0 bytes a second means an uplink without limit. */
  async addViewer(viewer: number, uplinkBytesPerSec: number): Promise<number> {
    const port = this.#answer(`viewer ${viewer}`);
    this.#order(`viewer ${viewer} ${uplinkBytesPerSec}`);
    return Number(await port);
  }

  /** Learns a real address of one side of a link. */
  addAddress(link: number, viewer: number, address: string): void {
    this.#order(`address ${link} ${viewer} ${address}`);
  }

  removeViewer(viewer: number): void {
    this.#order(`gone ${viewer}`);
  }

  async stats(): Promise<RelayStats> {
    const text = this.#answer('stats');
    this.#order('stats');
    return JSON.parse(await text) as RelayStats;
  }

  close(): void {
    this.#state = 'closing';
    this.#child.stdin.end();
  }

  #order(line: string): void {
    if (this.#state === 'running') this.#child.stdin.write(`${line}\n`);
  }

  #answer(prefix: string): Promise<string> {
    return new Promise((resolve) => {
      const waiting = this.#answers.get(prefix);
      if (waiting === undefined) this.#answers.set(prefix, [resolve]);
      else waiting.push(resolve);
    });
  }

  #hear(line: string): void {
    const [word = '', ...rest] = line.split(' ');
    const prefix = word === 'viewer' ? `viewer ${rest.shift()}` : word;
    this.#answers.get(prefix)?.shift()?.(rest.join(' '));
  }
}

/** An IPv4 address of this machine that is not loopback: WebRTC has no loopback candidates. */
export const ownAddress = (): string => {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (found === undefined) throw new Error('this machine has no IPv4 address but loopback; WebRTC needs one');
  return found.address;
};
