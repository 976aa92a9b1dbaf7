// Rooms, live pushes and what follows from them, put together: publishers enter rooms and send tracks, tracks become live
// pushes, and the customer's server hears of it. A stream with a code of an app is shown to viewers only while it is pushed.

import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '../../../src/errors.ts';
import { RECORD_ALL } from '../../../src/wire/room.ts';
import type { CallbackService } from '../callbacks/callback-service.ts';
import type { Clock } from '../clock.ts';
import type { SharedStore } from '../cluster/shared-store.ts';
import type { PublishDesk } from '../ingest/publish-desk.ts';
import type { PublishEnd, PublishFacts } from '../ingest/publish-events.ts';
import { sameText } from '../ingest/publish-keys.ts';
import type { Log } from '../log.ts';
import type { Egress } from '../origin/egress.ts';
import type { EgressBudget } from '../origin/egress-budget.ts';
import type { Streams } from '../origin/streams.ts';
import type { Recordings } from '../recording/recordings.ts';
import type { ServerSocket, SocketEvents } from '../sockets.ts';
import type { Addresses } from './addresses.ts';
import { EngineDriver } from './engine-driver.ts';
import type { LiveApp } from './live-apps.ts';
import { type LiveChannel, LiveSessions } from './live-sessions.ts';
import { MediaAsks } from './media-asks.ts';
import type { RateType } from './play-urls.ts';
import type { StreamFacts } from './push-events.ts';
import { PushStarts } from './push-starts.ts';
import { Pushes, type PushesInput, type PushesOutput } from './pushes.ts';
import { RoomHomes } from './room-homes.ts';
import { RoomSockets } from './room-sockets.ts';
import { whyNotEnter } from './room-token.ts';
import { type RoomLimits, type RoomOffer, Rooms, type RoomsInput, type RoomsOutput } from './rooms.ts';
import { codeOfPath, pathOfCode, type TrackOwner } from './stream-code.ts';

/** What it works with. */
export interface BypassParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly apps: ReadonlyMap<number, LiveApp>;
  readonly addresses: Addresses;
  readonly desk: PublishDesk;
  readonly streams: Streams;
  readonly budget: EgressBudget;
  readonly egress: Egress;
  readonly limits: RoomLimits;
  /** What streams can be had in besides the form they came in. */
  readonly rates: readonly RateType[];
  readonly callbacks: CallbackService;
  readonly recordings: Recordings;
  /** What processes share; absent where there is one. */
  readonly shared?: SharedStore | undefined;
}

const KEY_BYTES = 16;

/** The app of a stream code. */
export const appOfCode = (apps: ReadonlyMap<number, LiveApp>, code: string): LiveApp | undefined =>
  apps.get(Number(code.slice(0, code.indexOf('_'))));

/** See above. */
export class BypassService {
  readonly #parts: BypassParts;
  readonly #rooms: Rooms;
  readonly #roomDriver: EngineDriver<RoomsInput, RoomsOutput>;
  readonly #pushes = new Pushes();
  readonly #pushDriver: EngineDriver<PushesInput, PushesOutput>;
  readonly #sockets: RoomSockets;
  readonly #starts: PushStarts;
  readonly #sessions: LiveSessions;
  readonly #asks: MediaAsks;
  readonly #homes: RoomHomes | undefined;
  readonly #unwatch: () => void;

  constructor(parts: BypassParts) {
    this.#parts = parts;
    const { clock, desk, egress, limits } = parts;
    this.#rooms = new Rooms({
      limits,
      admit: (owner, token) => this.#admit(owner, token),
      freshKey: () => randomBytes(KEY_BYTES).toString('base64url'),
    });
    this.#roomDriver = new EngineDriver(this.#rooms, {
      clock,
      wake: { kind: 'wake' },
      carry: (out) => this.#inRoom(out),
    });
    this.#pushDriver = new EngineDriver(this.#pushes, {
      clock,
      wake: { kind: 'wake' },
      carry: (out) => this.#push(out),
    });
    this.#homes = this.#homesIn(parts);
    this.#sockets = new RoomSockets(egress, (input) => this.#hear(input));
    this.#sessions = new LiveSessions(parts);
    this.#starts = new PushStarts(parts, {
      running: () => this.#pushes.running(),
      tell: (input) => this.#pushDriver.tell(input),
    });
    this.#asks = new MediaAsks(parts, {
      sessions: this.#sessions,
      push: (input) => this.#pushDriver.tell(input),
      isPushed: (code) => this.#pushes.stateOf(code) !== 'stopped',
      answer: (connection, answer) => this.#roomDriver.tell({ kind: 'answer', connection, answer }),
    });
    this.#unwatch = desk.watch({
      began: (publisher) => this.#began(publisher),
      ended: (end) => this.#ended(end),
    });
  }

  /** Serves one publisher's socket. */
  accept(socket: ServerSocket, request: IncomingMessage, tag: string): SocketEvents {
    return this.#sockets.accept(socket, request, tag);
  }

  /** Whether viewers must not know of a stream: it has a code of an app and is not pushed. */
  hides(path: string): boolean {
    const code = this.#codeOf(path);
    return code !== undefined && this.#pushes.stateOf(code) !== 'running';
  }

  /** Whether a publisher has the key of an open track; undefined for paths that are none of ours. */
  mayPublish(path: string, credentials: string): boolean | undefined {
    const code = this.#codeOf(path);
    if (code === undefined) return undefined;
    const key = this.#rooms.keyOf(code);
    return key !== undefined && sameText(new URLSearchParams(credentials).get('key') ?? '', key);
  }

  /** Rooms, their users, and live pushes that run. */
  get counts(): { readonly rooms: number; readonly users: number; readonly pushes: number } {
    return { ...this.#rooms.counts, pushes: this.#pushes.running().length };
  }

  /** The live pushes of an app that run. */
  channelsOf(bizid: number): readonly LiveChannel[] {
    return this.#sessions.channelsOf(bizid);
  }

  /** What is known of a stream that somebody sends. */
  factsOf(code: string): StreamFacts | undefined {
    return this.#sessions.factsOf(code);
  }

  /** The process goes: its rooms may be entered elsewhere. */
  async leave(): Promise<void> {
    await this.#homes?.close();
  }

  /** Cuts all pushes, which the customers' servers hear of after the next start at the latest. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#roomDriver.close();
    this.#pushDriver.close();
    this.#starts.close();
    await this.#sessions.close();
  }

  #codeOf(path: string): string | undefined {
    const code = codeOfPath(path.replace(/~[\w-]+$/, ''));
    return code !== undefined && appOfCode(this.#parts.apps, code) !== undefined ? code : undefined;
  }

  #homesIn({ shared: store, clock, log }: BypassParts): RoomHomes | undefined {
    if (store === undefined) return undefined;
    return new RoomHomes({ store, clock, log, node: randomUUID(), occupied: () => this.#rooms.occupied() });
  }

  /** Somebody who may enter a room is let in here only where the room is. */
  #hear(input: RoomsInput): void {
    const homes = this.#homes;
    if (homes === undefined || input.kind !== 'said' || input.request.kind !== 'enter') {
      return this.#roomDriver.tell(input);
    }
    const { connection, request } = input;
    const { ask, bizid, room, user, token } = request;
    if (typeof this.#admit({ bizid, room, user }, token) === 'string') return this.#roomDriver.tell(input);
    void homes.claim({ bizid, room }).then((isOurs) => {
      const answer = { kind: 'failed', ask, code: 'room/elsewhere', detail: '' } as const;
      this.#roomDriver.tell(isOurs ? input : { kind: 'answer', connection, answer });
    });
  }

  #admit(owner: TrackOwner, token: string): RoomOffer | ErrorCode {
    const { apps, clock, recordings } = this.#parts;
    const app = apps.get(owner.bizid);
    if (app === undefined) return 'room/no-such-app';
    const { roomSecret, bypass, record, formats, manualFormats } = app;
    const why = roomSecret === undefined ? undefined : whyNotEnter(roomSecret, owner, { token, nowMs: clock.wall() });
    const recorded = recordings.isOffered ? (record === 'auto' ? formats : manualFormats) & RECORD_ALL : 0;
    return why ?? { bypass, record, formats: recorded };
  }

  #began(publisher: PublishFacts): void {
    const code = this.#codeOf(publisher.path);
    const app = code === undefined ? undefined : appOfCode(this.#parts.apps, code);
    if (code === undefined || app === undefined) return;
    this.#sessions.trackUp(code, app, publisher);
    // Whoever pushes to a code without a room, such as an encoder with a key, wants it pushed.
    const auto = app.bypass === 'auto' || this.#rooms.ownerOf(code) === undefined;
    this.#pushDriver.tell({ kind: 'track-up', code, auto });
    this.#roomDriver.tell({ kind: 'track-up', code });
  }

  #ended({ publisher, how }: PublishEnd): void {
    const code = this.#codeOf(publisher.path);
    if (code === undefined) return;
    this.#sessions.trackDown(code, how);
    this.#pushDriver.tell({ kind: 'track-down', code });
    this.#roomDriver.tell({ kind: 'track-down', code });
    if (this.#rooms.ownerOf(code) === undefined) this.#forget(code);
  }

  #inRoom(output: RoomsOutput): void {
    switch (output.kind) {
      case 'say':
        return this.#sockets.say(output.connection, output.answer);
      case 'close':
        return this.#sockets.close(output.connection);
      case 'asked':
        return this.#asks.take(output.connection, output.request, output.owner);
      case 'released':
        return this.#release(output.code);
    }
  }

  /** The track is closed for good: its push stops, whoever sends it goes, and its viewers need not wait. */
  #release(code: string): void {
    const { desk, streams } = this.#parts;
    this.#forget(code);
    desk.dismiss(pathOfCode(code), 'publish/stopped');
    streams.running(pathOfCode(code))?.sendAway();
  }

  /** Nobody is there who could want anything of it. */
  #forget(code: string): void {
    const { recordings } = this.#parts;
    this.#pushDriver.tell({ kind: 'forget', code });
    for (const task of recordings.manualOf(code)) void recordings.stop(task);
    this.#sessions.forget(code);
  }

  #push(output: PushesOutput): void {
    const { code } = output;
    switch (output.kind) {
      case 'attempt':
        return this.#starts.begin(code, output.attempt);
      case 'cancel':
        return this.#starts.cancel(code);
      case 'announce':
        return this.#sessions.announce(code);
      case 'withdraw':
        return this.#withdraw(code);
      case 'answer':
        return this.#asks.pushAnswered(output.ask, output.why);
      case 'state': {
        const track = this.#rooms.ownerOf(code)?.track;
        const urls = output.state === 'running' ? this.#sessions.urlsOf(code, []) : [];
        if (track === undefined) return;
        const answer = { kind: 'push', track, state: output.state, channelId: code, urls } as const;
        return this.#roomDriver.tell({ kind: 'tell', code, answer });
      }
    }
  }

  /** A publisher that only broke off comes back, and its viewers wait; one that stopped its push sends them away. */
  #withdraw(code: string): void {
    this.#sessions.withdraw(code);
    const path = pathOfCode(code);
    if (this.#parts.desk.has(path)) this.#parts.streams.running(path)?.sendAway();
  }
}
