/**
 * The tracker that ships, in virtual time: connections are viewers, everybody is admitted, and tokens are empty.
 */

import type { Connection, TrackerInput, TrackerOutput } from '../src/core/tracker/io.ts';
import { Swarm } from '../src/core/tracker/swarm.ts';
import type { TrackerAnswer, TrackerRequest } from '../src/wire/tracker.ts';
import { PROTOCOL_VERSION } from '../src/wire/version.ts';
import type { ServedViewer, ServerStage } from './stage.ts';

const TOKEN_MS = 900_000;
const LIMITS = { connectionsPerAddress: 1_000_000, viewersPerStream: 1_000_000, connections: 1_000_000 };

export class GhostTracker {
  readonly #world: ServerStage;
  readonly #swarm: Swarm;
  readonly #viewers = new Map<Connection, ServedViewer>();
  readonly #connections = new Map<ServedViewer, Connection>();
  #opened = 0;

  constructor(world: ServerStage, seed: number) {
    this.#world = world;
    this.#swarm = new Swarm(LIMITS, seed);
    this.#sweep();
  }

  join(viewer: ServedViewer, uploads: boolean): void {
    this.leave(viewer);
    const connection = ++this.#opened;
    this.#viewers.set(connection, viewer);
    this.#connections.set(viewer, connection);
    this.#handle({ kind: 'opened', connection, address: '', viewer: viewer.name });
    const request = { kind: 'join', version: PROTOCOL_VERSION, path: '/sim', credentials: '', viewerKey: '' } as const;
    this.#handle({ kind: 'said', connection, request: { ...request, uploads } });
  }

  leave(viewer: ServedViewer): void {
    const connection = this.#connections.get(viewer);
    if (connection === undefined) return;
    this.#connections.delete(viewer);
    this.#viewers.delete(connection);
    this.#handle({ kind: 'closed', connection });
  }

  tell(viewer: ServedViewer, request: TrackerRequest): void {
    const connection = this.#connections.get(viewer);
    if (connection !== undefined) this.#handle({ kind: 'said', connection, request });
  }

  #sweep(): void {
    this.#world.at(this.#world.now + 1_000, () => {
      this.#handle({ kind: 'wake' });
      this.#sweep();
    });
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
        this.#world.at(this.#world.now, () => {
          this.#handle({ kind: 'admitted', connection: output.connection, admitted: true });
        });
        return;
      case 'joined': {
        const { viewer, neighbours } = output;
        return this.#say(output.connection, { kind: 'joined', viewer, stream: '00'.repeat(32), neighbours, ...grant });
      }
      case 'renewed':
        return this.#say(output.connection, { kind: 'renewed', ...grant });
      case 'close': {
        const viewer = this.#viewers.get(output.connection);
        if (viewer !== undefined) this.#closed(viewer);
        return;
      }
    }
  }

  #closed(viewer: ServedViewer): void {
    this.leave(viewer);
    this.#world.toViewer(viewer, viewer.originRttMs, () => viewer.input({ kind: 'tracker-closed' }));
  }

  #say(connection: Connection, answer: TrackerAnswer): void {
    const viewer = this.#viewers.get(connection);
    if (viewer === undefined) return;
    this.#world.toViewer(viewer, viewer.originRttMs, () => viewer.input({ kind: 'tracker-said', answer }));
  }
}
