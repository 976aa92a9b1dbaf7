/**
 * The tracker that ships, in virtual time: connections are viewers, everybody is admitted, and tokens are empty. It can be
 * gone for a while.
 */
import type { Connection, TrackerInput, TrackerOutput } from '../src/core/tracker/io.ts';
import { Swarm } from '../src/core/tracker/swarm.ts';
import type { TrackerAnswer, TrackerRequest } from '../src/wire/tracker.ts';
import { PROTOCOL_VERSION } from '../src/wire/version.ts';
import type { Sink } from './event-wheel.ts';
import type { ServerStage, TrackedViewer } from './stage.ts';

/** What a tracker is like. */
export interface TrackerOptions {
  readonly seed: number;
  readonly httpRtts: number;
}

const TOKEN_MS = 900_000;
const LIMITS = { connectionsPerAddress: 32, viewersPerStream: 1_000_000, connections: 1_000_000 };
const SAID = 0;
const OPENED = 1;
const SWEEP = 2;
const ADMITTED = 3;
const CLOSED = { kind: 'tracker-closed' } as const;

/** Something said, under way. */
interface Word {
  readonly viewer: TrackedViewer;
  readonly request: TrackerRequest;
}

export class GhostTracker implements Sink {
  readonly #world: ServerStage;
  readonly #options: TrackerOptions;
  #swarm: Swarm;
  readonly #viewers = new Map<Connection, TrackedViewer>();
  readonly #connections = new Map<TrackedViewer, Connection>();
  #opened = 0;
  #state: 'up' | 'down' = 'up';

  constructor(world: ServerStage, options: TrackerOptions) {
    this.#world = world;
    this.#options = options;
    this.#swarm = new Swarm(LIMITS, options.seed);
    world.wheel.schedule(world.now + 1_000, this, SWEEP, undefined);
  }

  /** Loses everybody and everything, and is unreachable for so long. */
  outage(ms: number): void {
    this.#state = 'down';
    for (const viewer of this.#connections.keys()) viewer.later(20, CLOSED);
    this.#connections.clear();
    this.#viewers.clear();
    this.#world.at(this.#world.now + ms, () => {
      this.#state = 'up';
      this.#swarm = new Swarm(LIMITS, this.#options.seed + 1);
    });
  }

  open(viewer: TrackedViewer): void {
    const way = this.#options.httpRtts * viewer.originRttMs;
    this.#world.wheel.schedule(this.#world.now + way, this, OPENED, viewer);
  }

  join(viewer: TrackedViewer, uploads: boolean): void {
    const path = streamPath(viewer);
    const request = { kind: 'join', version: PROTOCOL_VERSION, path, credentials: '', viewerKey: '', uploads } as const;
    this.tell(viewer, request);
  }

  leave(viewer: TrackedViewer): void {
    const connection = this.#connections.get(viewer);
    if (connection === undefined) return;
    this.#connections.delete(viewer);
    this.#viewers.delete(connection);
    this.#handle({ kind: 'closed', connection });
  }

  tell(viewer: TrackedViewer, request: TrackerRequest): void {
    const word: Word = { viewer, request };
    this.#world.wheel.schedule(this.#world.now + viewer.originRttMs / 2, this, SAID, word);
  }

  fire(code: number, what: unknown): void {
    switch (code) {
      case SAID: {
        const { viewer, request } = what as Word;
        const connection = this.#connections.get(viewer);
        if (connection !== undefined) this.#handle({ kind: 'said', connection, request });
        return;
      }
      case OPENED:
        return this.#open(what as TrackedViewer);
      case ADMITTED:
        return this.#handle({ kind: 'admitted', connection: what as Connection, admitted: true });
      case SWEEP:
        this.#handle({ kind: 'wake' });
        this.#world.wheel.schedule(this.#world.now + 1_000, this, SWEEP, undefined);
        return;
    }
  }

  #open(viewer: TrackedViewer): void {
    if (!viewer.up) return;
    if (this.#state === 'down') return viewer.later(0, CLOSED);
    this.leave(viewer);
    const connection = ++this.#opened;
    this.#viewers.set(connection, viewer);
    this.#connections.set(viewer, connection);
    this.#handle({ kind: 'opened', connection, address: viewer.address, viewer: viewer.name });
    if (this.#connections.get(viewer) === connection) viewer.later(0, { kind: 'tracker-opened' });
  }

  #handle(input: TrackerInput): void {
    this.#swarm.handle(this.#world.now, input);
    for (let output = this.#swarm.poll(); output !== undefined; output = this.#swarm.poll()) this.#perform(output);
  }

  #perform(output: TrackerOutput): void {
    const grant = { token: '', expiresInMs: TOKEN_MS, tokenKeys: [] };
    switch (output.kind) {
      case 'say':
        return this.#say(output.connection, output.answer);
      case 'admit':
        return this.#world.wheel.schedule(this.#world.now, this, ADMITTED, output.connection);
      case 'joined': {
        const { viewer, neighbours } = output;
        return this.#say(output.connection, { kind: 'joined', viewer, stream: STREAM, neighbours, ...grant });
      }
      case 'renewed':
        return this.#say(output.connection, { kind: 'renewed', ...grant });
      case 'close': {
        const viewer = this.#viewers.get(output.connection);
        if (viewer === undefined) return;
        this.leave(viewer);
        return viewer.later(viewer.originRttMs / 2, CLOSED);
      }
    }
  }

  #say(connection: Connection, answer: TrackerAnswer): void {
    const viewer = this.#viewers.get(connection);
    if (viewer !== undefined) viewer.later(viewer.originRttMs / 2, { kind: 'tracker-said', answer });
  }
}

const STREAM = '00'.repeat(32);

const streamPath = (viewer: TrackedViewer): string => `/sim/${viewer.stream}`;
