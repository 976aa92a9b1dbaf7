/**
 * A room of publishers: its user's camera and screen, and what is made of them. The line to the room is made anew when it breaks;
 * what is published has lines of its own and goes on meanwhile.
 */

import { type ErrorCode, ShoalError, severityOf } from '../errors.ts';
import { Emitter } from '../player/events.ts';
import { type Push, type RecordedFile, ROOMS_PATH, type RoomMember, type Starter, type Track } from '../wire/room.ts';
import { PROTOCOL_VERSION } from '../wire/version.ts';
import type { PublisherOptions } from './options.ts';
import { type Publisher, publishIn } from './publisher.ts';
import { type PushOption, parsePush } from './push-options.ts';
import { RoomLine, type RoomNews } from './room-line.ts';
import { browserPublisherWorld, type PublisherWorld } from './world.ts';

/** Where to go, and as whom. */
export interface RoomOptions {
  /** Address of the Shoal server, `https://host` and its path prefix if it has one. */
  readonly server: string;
  /** The customer's number. */
  readonly bizid: number;
  readonly room: string;
  readonly user: string;
  /** The customer's word that this user may enter, where the server wants one; a function is asked at each entrance. */
  readonly token?: string | (() => string | Promise<string>);
}

/** What a room says, by event name. */
export interface RoomEvents {
  /** Where the live push of a track of ours stands, with its addresses while it runs. */
  push: Extract<RoomNews, { readonly kind: 'push' }>;
  /** Somebody is here with these tracks, or has gone. */
  member: RoomMember;
  gone: { readonly user: string };
  /** The line broke and is made anew, or is there again. */
  state: { readonly state: RoomState };
  /** We are out: the server said why, or it cannot be reached any more. */
  out: { readonly error: ShoalError };
}

/** Where a room stands. */
export type RoomState = 'entered' | 'returning' | 'left';

/** Who starts what in this room, and what can be recorded. */
export interface RoomTerms {
  readonly bypass: Starter;
  readonly record: Starter;
  /** A sum of 1 HLS, 2 FLV, 4 MP4. */
  readonly formats: number;
}

/** Options of a camera or a screen. */
export type TrackOptions = Omit<PublisherOptions, 'url' | 'source'> & {
  /** Pictures and sound of the page's own instead of what the user is asked for. */
  readonly source?: MediaStream;
};

/** A lost line is made anew so often; a server keeps our place for ten seconds. */
const RETURN_MS = [0, 500, 1000, 2000, 4000] as const;
/** What may get better by itself. */
const RETRIED: readonly ErrorCode[] = ['bypass/start-failed', 'room/no-track', 'publish/unreachable'];

/** See above. */
export class Room {
  readonly #options: RoomOptions;
  readonly #world: PublisherWorld;
  readonly #server: string;
  readonly #events = new Emitter<RoomEvents>();
  readonly #members = new Map<string, RoomMember>();
  readonly #publishers = new Map<Track, Promise<Publisher>>();
  readonly #retries = new Set<() => void>();
  #line: RoomLine | undefined;
  #state: RoomState = 'entered';
  #terms: RoomTerms = { bypass: 'manual', record: 'manual', formats: 0 };

  /** @internal Use `enterRoom`. */
  constructor(options: RoomOptions, world: PublisherWorld) {
    this.#options = options;
    this.#world = world;
    this.#server = parseServer(options);
  }

  get state(): RoomState {
    return this.#state;
  }

  get terms(): RoomTerms {
    return this.#terms;
  }

  /** Everybody in the room, this user too. */
  get members(): readonly RoomMember[] {
    return [...this.#members.values()];
  }

  /** Listens; returns how to stop listening. */
  on<Name extends keyof RoomEvents>(name: Name, listener: (event: RoomEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  off<Name extends keyof RoomEvents>(name: Name, listener: (event: RoomEvents[Name]) => void): void {
    this.#events.off(name, listener);
  }

  /** Publishes the camera as `main`; the one that runs if it does already. */
  openCamera(options: TrackOptions = {}): Promise<Publisher> {
    return this.#publish('main', { source: 'camera', ...options });
  }

  /** Publishes the screen as `aux`; the one that runs if it does already. */
  shareScreen(options: TrackOptions = {}): Promise<Publisher> {
    return this.#publish('aux', { source: 'screen', ...options });
  }

  /** Makes FLV, HLS and RTMP of a track; tries again, three seconds apart or more, what may get better by itself. */
  async startPushStream(option: PushOption = {}): Promise<Push> {
    const { retryMs, attempts, track = this.#firstTrack(), ...wish } = parsePush(option);
    for (let left = attempts - 1; ; left--) {
      try {
        const { channelId, urls } = await this.#entered().ask({ kind: 'start-push', track, ...wish });
        return { channelId, urls };
      } catch (error) {
        if (left === 0 || !(error instanceof ShoalError) || !RETRIED.includes(error.code)) throw error;
      }
      await this.#pause(retryMs);
    }
  }

  /** Ends live pushes: of one channel, of several, or all of this user's by 0. */
  async stopPushStream(channels: string | readonly string[] | 0): Promise<void> {
    const named = typeof channels === 'string' ? [channels] : channels === 0 ? [] : channels;
    // An empty list means none to us, and all to the server.
    if (channels !== 0 && named.length === 0) return;
    await this.#entered().ask({ kind: 'stop-push', channels: named });
  }

  /** Records a track as MP4, or as a sum of 1 HLS, 2 FLV, 4 MP4; resolves with what `stopRecord` wants. */
  async startRecord(track: Track = this.#firstTrack(), formats = 4): Promise<string> {
    return (await this.#entered().ask({ kind: 'start-record', track, formats })).task;
  }

  /** Resolves with the files when they are whole. */
  async stopRecord(task: string): Promise<readonly RecordedFile[]> {
    return (await this.#entered().ask({ kind: 'stop-record', task })).files;
  }

  /** Resolves with the address of the picture. */
  async takeScreenshot(track: Track = this.#firstTrack()): Promise<string> {
    return (await this.#entered().ask({ kind: 'take-screenshot', track })).url;
  }

  /** Stops camera and screen, which ends what is made of them, and leaves. */
  async leaveRoom(): Promise<void> {
    if (this.#state === 'left') return;
    const line = this.#line;
    this.#enter('left');
    await this.#stopAll();
    try {
      await line?.ask({ kind: 'leave' });
    } catch {
      // A line that is broken cannot say goodbye; the server notices by itself.
    }
    line?.drop();
  }

  /** @internal Resolves when the user is in. */
  async enter(): Promise<void> {
    const { bizid, room, user, token = '' } = this.#options;
    const line = new RoomLine(
      this.#world.openSocket,
      `${this.#server.replace(/^http/, 'ws')}${ROOMS_PATH}`,
      this.#world.timing,
      {
        news: (news) => this.#hear(news),
        closed: (code) => this.#lost(line, code),
      },
    );
    this.#line = line;
    try {
      const given = typeof token === 'function' ? await token() : token;
      await line.opened;
      const entered = await line.ask({ kind: 'enter', version: PROTOCOL_VERSION, bizid, room, user, token: given });
      this.#terms = { bypass: entered.bypass, record: entered.record, formats: entered.formats };
      this.#members.clear();
      for (const member of entered.members) this.#members.set(member.user, member);
    } catch (error) {
      line.drop();
      throw error;
    }
  }

  async #publish(track: Track, options: Omit<PublisherOptions, 'url'>): Promise<Publisher> {
    const running = this.#publishers.get(track);
    if (running !== undefined) return running;
    const opening = this.#open(track, options);
    this.#publishers.set(track, opening);
    const forget = (): void => {
      if (this.#publishers.get(track) === opening) this.#publishers.delete(track);
    };
    try {
      const publisher = await opening;
      publisher.on('ended', () => {
        forget();
        this.#closeTrack(track);
      });
      return publisher;
    } catch (error) {
      forget();
      throw error;
    }
  }

  async #open(track: Track, options: Omit<PublisherOptions, 'url'>): Promise<Publisher> {
    const { publish } = await this.#entered().ask({ kind: 'open', track });
    try {
      return await publishIn(this.#world, { ...options, url: `${this.#server}${publish}` });
    } catch (error) {
      this.#closeTrack(track);
      throw error;
    }
  }

  #closeTrack(track: Track): void {
    if (this.#state !== 'entered') return;
    // The track ends with its bytes in any case; saying so only makes it sooner.
    this.#line?.ask({ kind: 'close', track }).catch(() => undefined);
  }

  async #stopAll(): Promise<void> {
    for (const retry of [...this.#retries]) retry();
    const publishers = await Promise.allSettled([...this.#publishers.values()]);
    await Promise.all(publishers.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  }

  #firstTrack(): Track {
    return this.#publishers.has('main') || !this.#publishers.has('aux') ? 'main' : 'aux';
  }

  #entered(): RoomLine {
    if (this.#state === 'left' || this.#line === undefined) throw new ShoalError('room/not-entered');
    return this.#line;
  }

  #hear(news: RoomNews): void {
    switch (news.kind) {
      case 'push':
        return this.#events.emit('push', news);
      case 'member': {
        const { user, tracks } = news;
        this.#members.set(user, { user, tracks });
        return this.#events.emit('member', { user, tracks });
      }
      case 'gone':
        this.#members.delete(news.user);
        return this.#events.emit('gone', { user: news.user });
      case 'out':
        if (severityOf(news.code) === 'fatal') this.#out(new ShoalError(news.code));
        return;
    }
  }

  #lost(line: RoomLine, code: ErrorCode): void {
    // Before it was entered, whoever enters hears of it.
    if (line !== this.#line || this.#state !== 'entered') return;
    this.#enter('returning');
    void this.#comeBack(code);
  }

  async #comeBack(code: ErrorCode): Promise<void> {
    let last = new ShoalError(code);
    for (const wait of RETURN_MS) {
      await this.#pause(wait);
      if (this.#state !== 'returning') return;
      try {
        await this.enter();
        return this.#enter('entered');
      } catch (error) {
        last = error instanceof ShoalError ? error : last;
        if (severityOf(last.code) === 'fatal') break;
      }
    }
    this.#out(last);
  }

  #out(error: ShoalError): void {
    if (this.#state === 'left') return;
    this.#enter('left');
    this.#line?.drop();
    void this.#stopAll();
    this.#events.emit('out', { error });
  }

  #enter(state: RoomState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#events.emit('state', { state });
  }

  /** Ends early when the room is left. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        timer.cancel();
        this.#retries.delete(over);
        resolve();
      };
      const timer = this.#world.timing.after(ms, over);
      this.#retries.add(over);
    });
  }
}

/** Enters a room; rejects with why not. */
export const enterRoom = (options: RoomOptions): Promise<Room> => enterRoomIn(browserPublisherWorld(), options);

/** The same in another world than a browser's. */
export const enterRoomIn = async (world: PublisherWorld, options: RoomOptions): Promise<Room> => {
  const room = new Room(options, world);
  await room.enter();
  return room;
};

/** Leaves a room, as its own method does. */
export const leaveRoom = (room: Room): Promise<void> => room.leaveRoom();

const parseServer = ({ server, bizid, room, user }: RoomOptions): string => {
  const bad = (detail: string): ShoalError => new ShoalError('options/invalid', { detail });
  if (typeof server !== 'string' || !/^https?:/.test(server) || !URL.canParse(server)) throw bad('server');
  if (!Number.isInteger(bizid) || bizid < 0) throw bad('bizid');
  if (typeof room !== 'string' || room === '') throw bad('room');
  if (typeof user !== 'string' || user === '') throw bad('user');
  const { origin, pathname } = new URL(server);
  return `${origin}${pathname.replace(/\/$/, '')}`;
};
