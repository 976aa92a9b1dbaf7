// What publishers ask of their live pushes, recordings and screenshots. Nobody can name a stream here that is not their own:
// codes are made from who they are.

import type { ErrorCode } from '../../../src/errors.ts';
import { type Encode, RECORD_ALL, type RoomAnswer, tracks } from '../../../src/wire/room.ts';
import type { Recordings } from '../recording/recordings.ts';
import type { LiveApp } from './live-apps.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { PushesInput } from './pushes.ts';
import type { Connection, MediaRequest } from './rooms.ts';
import { streamCode, type TrackOwner } from './stream-code.ts';

/** Whom it asks, and how it answers. */
export interface MediaPorts {
  readonly sessions: LiveSessions;
  readonly push: (input: PushesInput) => void;
  readonly isPushed: (code: string) => boolean;
  readonly answer: (connection: Connection, answer: RoomAnswer) => void;
}

/** What it works with. */
export interface MediaParts {
  readonly apps: ReadonlyMap<number, LiveApp>;
  readonly recordings: Recordings;
}

interface PushAsk {
  readonly connection: Connection;
  readonly ask: number;
  readonly code: string;
  readonly encode: readonly Encode[];
}

type Ask<Kind extends MediaRequest['kind']> = Extract<MediaRequest, { readonly kind: Kind }>;

/** See above. */
export class MediaAsks {
  readonly #parts: MediaParts;
  readonly #ports: MediaPorts;
  readonly #pushAsks = new Map<number, PushAsk>();
  #next = 1;

  constructor(parts: MediaParts, ports: MediaPorts) {
    this.#parts = parts;
    this.#ports = ports;
  }

  /** Takes a request of somebody in a room; it is answered once. */
  take(connection: Connection, request: MediaRequest, owner: TrackOwner): void {
    switch (request.kind) {
      case 'start-push':
        return this.#startPush(connection, request, owner);
      case 'stop-push':
        return this.#stopPush(connection, request, owner);
      case 'start-record':
        return this.#startRecord(connection, request, owner);
      case 'stop-record':
        void this.#stopRecord(connection, request, owner);
        return;
      case 'take-screenshot':
        void this.#takeScreenshot(connection, request, owner);
    }
  }

  /** A start has come to its end. */
  pushAnswered(id: number, why: ErrorCode | undefined): void {
    const asked = this.#pushAsks.get(id);
    this.#pushAsks.delete(id);
    if (asked === undefined) return;
    const { connection, ask, code, encode } = asked;
    if (why !== undefined) return this.#fail(connection, ask, why);
    const urls = this.#ports.sessions.urlsOf(code, encode);
    this.#ports.answer(connection, { kind: 'pushed', ask, channelId: code, urls });
  }

  #startPush(connection: Connection, request: Ask<'start-push'>, owner: TrackOwner): void {
    const { ask, track, encode, record, channelName, channelDesc } = request;
    const code = streamCode(owner, track);
    this.#ports.sessions.choose(code, { record, channelName, channelDesc });
    const id = this.#next++;
    this.#pushAsks.set(id, { connection, ask, code, encode });
    this.#ports.push({ kind: 'start', code, ask: id });
  }

  #stopPush(connection: Connection, { ask, channels }: Ask<'stop-push'>, owner: TrackOwner): void {
    const own = tracks.map((track) => streamCode(owner, track));
    if (channels.some((code) => !own.includes(code))) return this.#fail(connection, ask, 'bypass/no-such-channel');
    const stopped = channels.length > 0 ? channels : own.filter((code) => this.#ports.isPushed(code));
    for (const code of stopped) this.#ports.push({ kind: 'stop', code });
    this.#ports.answer(connection, { kind: 'push-stopped', ask, channels: stopped });
  }

  #startRecord(connection: Connection, { ask, track, formats }: Ask<'start-record'>, owner: TrackOwner): void {
    const app = this.#parts.apps.get(owner.bizid);
    const facts = this.#ports.sessions.factsOf(streamCode(owner, track));
    if (app === undefined || facts === undefined) return this.#fail(connection, ask, 'room/no-track', track);
    if ((formats & RECORD_ALL & ~app.manualFormats) !== 0) {
      return this.#fail(
        connection,
        ask,
        'record/not-offered',
        `on demand the app records formats ${app.manualFormats}`,
      );
    }
    const isReported = app.isManualReported;
    const started = this.#parts.recordings.start({ app, facts, formats, how: 'manual', isReported });
    if ('task' in started) this.#ports.answer(connection, { kind: 'record-started', ask, task: started.task });
    else this.#fail(connection, ask, started.code, started.detail);
  }

  async #stopRecord(connection: Connection, { ask, task }: Ask<'stop-record'>, owner: TrackOwner): Promise<void> {
    const { recordings } = this.#parts;
    const code = recordings.codeOf(task);
    const isOwn = tracks.some((track) => streamCode(owner, track) === code);
    if (!isOwn) return this.#fail(connection, ask, 'record/no-such-task');
    const stopped = await recordings.stop(task);
    if ('code' in stopped) this.#fail(connection, ask, stopped.code, stopped.detail);
    else this.#ports.answer(connection, { kind: 'record-stopped', ask, files: stopped.files });
  }

  async #takeScreenshot(
    connection: Connection,
    { ask, track }: Ask<'take-screenshot'>,
    owner: TrackOwner,
  ): Promise<void> {
    const app = this.#parts.apps.get(owner.bizid);
    const facts = this.#ports.sessions.factsOf(streamCode(owner, track));
    if (app === undefined || facts === undefined) return this.#fail(connection, ask, 'room/no-track', track);
    const taken = await this.#parts.recordings.takeScreenshot(app, facts);
    if ('code' in taken) this.#fail(connection, ask, taken.code, taken.detail);
    else this.#ports.answer(connection, { kind: 'screenshot', ask, url: taken.url });
  }

  #fail(connection: Connection, ask: number, code: ErrorCode, detail = ''): void {
    this.#ports.answer(connection, { kind: 'failed', ask, code, detail });
  }
}
