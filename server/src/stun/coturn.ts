// A STUN server beside ours: coturn, as a child that answers Binding requests and nothing else. It is kept running, and
// ends with the server.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ShoalError } from '../../../src/errors.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Log } from '../log.ts';
import { stunAnswers } from './binding.ts';
import { endpointOf, type StunAddress } from './stun-address.ts';

/** What a STUN server is made of. */
export interface StunParts {
  readonly addresses: readonly StunAddress[];
  readonly clock: Clock;
  readonly log: Log;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Another program than the `turnserver` on the PATH. */
  readonly program?: string;
}

const PROGRAM = 'turnserver';
const READY_WITHIN_MS = 15_000;
const RESTART_MIN_MS = 1000;
const RESTART_MAX_MS = 60_000;
/** A child that ran for so long has recovered from whatever ended the last one. */
const STEADY_MS = 60_000;
const SAID_CHARS_MAX = 2000;

/** What coturn could do beside is left off: relaying, TLS, its console, and answers to addresses it was not asked from. */
const QUIET = [
  ['-n', '--stun-only', '--no-rfc5780', '--no-stun-backward-compatibility', '--no-software-attribute'],
  ['--no-tls', '--no-dtls', '--no-tcp', '--no-tcp-relay', '--no-cli', '--log-file=stdout', '--simple-log'],
].flat();

/** The child, and its successors. */
export class StunServer {
  readonly #parts: StunParts;
  readonly #dir: string;
  #child: ChildProcess | undefined;
  #state: 'starting' | 'running' | 'waiting' | 'closed' = 'starting';
  #timer: Timer | undefined;
  #waitMs = RESTART_MIN_MS;
  #startedAt = 0;
  #said = '';

  private constructor(parts: StunParts, dir: string) {
    this.#parts = parts;
    this.#dir = dir;
  }

  /** Starts it and waits until it answers on every address; rejects with `server/stun-failed`. */
  static async start(parts: StunParts): Promise<StunServer> {
    const server = new StunServer(parts, await mkdtemp(join(tmpdir(), 'shoal-stun-')));
    try {
      await server.#begin();
      return server;
    } catch (cause) {
      await server.close();
      throw cause;
    }
  }

  /** The child's process id; undefined while it is being replaced. */
  get pid(): number | undefined {
    return this.#state === 'running' ? this.#child?.pid : undefined;
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#timer?.cancel();
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const gone = new Promise((resolve) => {
        child.once('exit', resolve);
      });
      child.kill('SIGKILL');
      await gone;
    }
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    const until = new AbortController();
    const late = this.#parts.clock.after(READY_WITHIN_MS, () => until.abort(this.#failure('it does not answer')));
    const child = this.#spawn((why) => until.abort(this.#failure(why)));
    try {
      await Promise.all(this.#parts.addresses.map((address) => stunAnswers(address, until.signal)));
    } finally {
      late.cancel();
    }
    // Somebody else may have answered from an address that was taken.
    if (child.exitCode !== null || until.signal.aborted) throw this.#failure('it has ended');
    this.#state = 'running';
    this.#startedAt = this.#parts.clock.now();
    this.#parts.log.write('info', 'stun-ready', { addresses: this.#parts.addresses.map(endpointOf).join(' ') });
  }

  #spawn(ended: (why: string) => void): ChildProcess {
    const [first, ...others] = this.#parts.addresses.map(endpointOf);
    const { ip = '', port = 0 } = this.#parts.addresses[0] ?? {};
    const child = spawn(
      this.#parts.program ?? PROGRAM,
      [
        ...QUIET,
        ...['--listening-ip', ip, '--listening-port', String(port)],
        ...others.filter((other) => other !== first).map((other) => `--aux-server=${other}`),
        ...['--pidfile', join(this.#dir, 'pid'), '--userdb', join(this.#dir, 'db')],
      ],
      { cwd: this.#dir, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    this.#said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (said: Buffer) => {
        this.#said = (this.#said + said.toString()).slice(-SAID_CHARS_MAX);
        if (CANNOT_BIND.test(this.#said)) ended('an address cannot be used');
      });
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      ended(error.code === 'ENOENT' ? 'turnserver of coturn is not installed' : error.message);
      this.#ended(child);
    });
    child.once('exit', (code, signal) => {
      ended(`it ended with ${signal ?? code}`);
      this.#ended(child);
    });
    return child;
  }

  /** One that ran is replaced; one that never came up is the affair of whoever waits for it. */
  #ended(child: ChildProcess): void {
    if (this.#state !== 'running' || child !== this.#child) return;
    const { clock, log, random } = this.#parts;
    if (clock.now() - this.#startedAt > STEADY_MS) this.#waitMs = RESTART_MIN_MS;
    this.#await(log, clock, random);
  }

  #await(log: Log, clock: Clock, random: () => number): void {
    const waitMs = Math.round(this.#waitMs * (0.75 + random() / 2));
    this.#waitMs = Math.min(RESTART_MAX_MS, this.#waitMs * 2);
    this.#state = 'waiting';
    log.write('warn', 'stun-ended', { waitMs, said: this.#lastWords });
    this.#timer = clock.after(waitMs, () => {
      this.#state = 'starting';
      this.#begin().catch((error: unknown) => {
        if (this.#state === 'closed') return;
        log.write('warn', 'stun-failed', { reason: error instanceof Error ? error.message : String(error) });
        this.#child?.kill('SIGKILL');
        this.#await(log, clock, random);
      });
    });
  }

  #failure(why: string): ShoalError {
    const words = this.#lastWords;
    return new ShoalError('server/stun-failed', { detail: words === '' ? why : `${why}: ${words}` });
  }

  get #lastWords(): string {
    const lines = this.#said.split('\n').filter((line) => /error|fatal|cannot|bind/i.test(line));
    return (lines.at(-1) ?? '').trim().slice(0, 200);
  }
}

const CANNOT_BIND = /bind: .*(in use|assign|denied)|Cannot bind/i;
