// Who is in which room with which tracks. It decides who may enter, what a track's stream code and publish key are, and when
// somebody has left; what is asked of live pushes, recordings and screenshots is handed on with the owner it belongs to.

import type { Engine, Millis } from '../../../src/core/engine.ts';
import { Bucket } from '../../../src/core/kit/bucket.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { ROOM_BURST, ROOM_MEMBERS_MAX, ROOM_RATE } from '../../../src/wire/limits.ts';
import { publishAddress } from '../../../src/wire/publish.ts';
import type { RoomAnswer, RoomMember, RoomRequest, Starter, Track } from '../../../src/wire/room.ts';
import { speaks } from '../../../src/wire/version.ts';
import { pathOfCode, streamCode, type TrackOwner } from './stream-code.ts';

/** A connection, numbered by whoever carries it. */
export type Connection = number;

/** What is asked of others than the rooms. */
export type MediaRequest = Extract<
  RoomRequest,
  { kind: 'start-push' | 'stop-push' | 'start-record' | 'stop-record' | 'take-screenshot' }
>;

/** What happens to them. */
export type RoomsInput =
  | { readonly kind: 'opened'; readonly connection: Connection; readonly address: string }
  | { readonly kind: 'said'; readonly connection: Connection; readonly request: RoomRequest }
  | { readonly kind: 'nonsense'; readonly connection: Connection }
  | { readonly kind: 'closed'; readonly connection: Connection }
  /** Somebody sends a stream, or sends it no longer. */
  | { readonly kind: 'track-up'; readonly code: string }
  | { readonly kind: 'track-down'; readonly code: string }
  /** Something for the publisher of a code, where it is there. */
  | { readonly kind: 'tell'; readonly code: string; readonly answer: RoomAnswer }
  /** The answer to something that was asked of others; whoever asked may have gone. */
  | { readonly kind: 'answer'; readonly connection: Connection; readonly answer: RoomAnswer }
  | { readonly kind: 'wake' };

/** What is to be done. */
export type RoomsOutput =
  | { readonly kind: 'say'; readonly connection: Connection; readonly answer: RoomAnswer }
  | { readonly kind: 'close'; readonly connection: Connection }
  /** The track is closed: whoever sends it has to go, and nothing of it is wished for any longer. */
  | { readonly kind: 'released'; readonly code: string }
  | {
      readonly kind: 'asked';
      readonly connection: Connection;
      readonly request: MediaRequest;
      readonly owner: TrackOwner;
    };

/** What strangers may take. */
export interface RoomLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/** What an app offers in its rooms. */
export interface RoomOffer {
  readonly bypass: Starter;
  readonly record: Starter;
  readonly formats: number;
}

/** What they are made with. */
export interface RoomsOptions {
  readonly limits: RoomLimits;
  /** What an app offers a user; or why it does not let it in. */
  admit(owner: TrackOwner, token: string): RoomOffer | ErrorCode;
  /** A secret nobody can guess. */
  freshKey(): string;
}

/** A socket that is lost is a leave after so long, unless the user enters again before. */
export const GRACE_MS = 10_000;

interface Line {
  readonly connection: Connection;
  readonly address: string;
  readonly bucket: Bucket;
  member: Member | undefined;
}

interface OpenTrack {
  readonly code: string;
  readonly key: string;
  isUp: boolean;
}

interface Member {
  readonly owner: TrackOwner;
  readonly tracks: Map<Track, OpenTrack>;
  line: Line | undefined;
  /** When it has left for good; set while its connection is lost. */
  until: Millis;
}

const roomOf = ({ bizid, room }: TrackOwner): string => `${bizid}\n${room}`;

/** See above. */
export class Rooms implements Engine<RoomsInput, RoomsOutput> {
  readonly #options: RoomsOptions;
  readonly #lines = new Map<Connection, Line>();
  readonly #perAddress = new Map<string, number>();
  readonly #rooms = new Map<string, Map<string, Member>>();
  /** Open tracks by stream code. */
  readonly #owners = new Map<string, { readonly member: Member; readonly track: Track }>();
  readonly #outputs: RoomsOutput[] = [];
  /** In all rooms, those whose connection is lost too. */
  #users = 0;

  constructor(options: RoomsOptions) {
    this.#options = options;
  }

  /** Rooms, and users in all of them. */
  get counts(): { readonly rooms: number; readonly users: number } {
    return { rooms: this.#rooms.size, users: this.#users };
  }

  /** Rooms with users. */
  *occupied(): Generator<{ readonly bizid: number; readonly room: string }> {
    for (const members of this.#rooms.values()) for (const { owner } of [...members.values()].slice(0, 1)) yield owner;
  }

  /** The key that publishes a code; undefined when no user has opened it. */
  keyOf(code: string): string | undefined {
    const owned = this.#owners.get(code);
    return owned?.member.tracks.get(owned.track)?.key;
  }

  /** Whose an open track is. */
  ownerOf(code: string): { readonly owner: TrackOwner; readonly track: Track } | undefined {
    const owned = this.#owners.get(code);
    return owned === undefined ? undefined : { owner: owned.member.owner, track: owned.track };
  }

  handle(now: Millis, input: RoomsInput): void {
    if (input.kind === 'opened') return this.#open(input.connection, input.address);
    if (input.kind === 'wake') return this.#leaveLost(now);
    if (input.kind === 'track-up' || input.kind === 'track-down')
      return this.#turn(input.code, input.kind === 'track-up');
    if (input.kind === 'tell') return this.#tell(this.#owners.get(input.code)?.member.line, input.answer);
    const line = this.#lines.get(input.connection);
    if (line === undefined) return;
    if (input.kind === 'answer') return this.#say(line, input.answer);
    if (input.kind === 'closed') return this.#lost(now, line);
    if (input.kind === 'nonsense') return this.#cut(now, line, 'room/bad-message');
    if (!line.bucket.take(now)) return this.#cut(now, line, 'room/rate-limited');
    this.#hear(now, line, input.request);
  }

  poll(): RoomsOutput | undefined {
    return this.#outputs.shift();
  }

  nextWakeup(): Millis {
    let next = Number.POSITIVE_INFINITY;
    for (const members of this.#rooms.values()) for (const { until } of members.values()) next = Math.min(next, until);
    return next;
  }

  #open(connection: Connection, address: string): void {
    const { connections, connectionsPerAddress } = this.#options.limits;
    const here = this.#perAddress.get(address) ?? 0;
    if (this.#lines.size >= connections || here >= connectionsPerAddress) {
      this.#outputs.push({ kind: 'say', connection, answer: { kind: 'out', code: 'room/full' } });
      this.#outputs.push({ kind: 'close', connection });
      return;
    }
    this.#perAddress.set(address, here + 1);
    this.#lines.set(connection, { connection, address, bucket: new Bucket(ROOM_RATE, ROOM_BURST), member: undefined });
  }

  #hear(now: Millis, line: Line, request: RoomRequest): void {
    if (request.kind === 'enter') return this.#enter(now, line, request);
    const { member } = line;
    if (member === undefined) return this.#fail(line, request.ask, 'room/not-entered');
    switch (request.kind) {
      case 'leave':
        this.#leave(member);
        return this.#say(line, { kind: 'left', ask: request.ask });
      case 'open':
        return this.#openTrack(line, member, request);
      case 'close':
        this.#release(member, request.track);
        this.#tellOthers(member);
        return this.#say(line, { kind: 'closed', ask: request.ask, track: request.track });
      default:
        this.#outputs.push({ kind: 'asked', connection: line.connection, request, owner: member.owner });
    }
  }

  #enter(now: Millis, line: Line, request: Extract<RoomRequest, { kind: 'enter' }>): void {
    const { ask, bizid, room, user, version, token } = request;
    if (!speaks(version)) return this.#cut(now, line, 'wire/bad-version');
    if (line.member !== undefined) return this.#fail(line, ask, 'room/already-entered');
    const owner = { bizid, room, user };
    const offer = this.#options.admit(owner, token);
    if (typeof offer === 'string') return this.#fail(line, ask, offer);
    const members = this.#rooms.get(roomOf(owner)) ?? new Map<string, Member>();
    const before = members.get(user);
    const isFull = members.size >= ROOM_MEMBERS_MAX || this.#users >= this.#options.limits.connections;
    if (before === undefined && isFull) return this.#fail(line, ask, 'room/full');
    if (before === undefined) this.#users++;
    this.#rooms.set(roomOf(owner), members);
    const member = before ?? { owner, tracks: new Map(), line: undefined, until: Number.POSITIVE_INFINITY };
    const old = member.line;
    member.line = line;
    member.until = Number.POSITIVE_INFINITY;
    members.set(user, member);
    line.member = member;
    if (old !== undefined) this.#takeOver(old);
    this.#say(line, { kind: 'entered', ask, ...offer, members: [...members.values()].map(shownOf) });
    if (before === undefined) this.#tellOthers(member);
  }

  /** The same user from elsewhere: a page that was loaded anew, or a second one. Tracks stay as they are. */
  #takeOver(old: Line): void {
    old.member = undefined;
    this.#say(old, { kind: 'out', code: 'room/taken-over' });
    this.#outputs.push({ kind: 'close', connection: old.connection });
  }

  #openTrack(line: Line, member: Member, { ask, track }: Extract<RoomRequest, { kind: 'open' }>): void {
    const code = streamCode(member.owner, track);
    // Room `a_b` with user `c` and room `a` with user `b_c` have the same code: whoever is first has it.
    const owned = this.#owners.get(code);
    if (owned !== undefined && owned.member !== member) return this.#fail(line, ask, 'publish/taken');
    const opened = member.tracks.get(track) ?? { code, key: this.#options.freshKey(), isUp: false };
    member.tracks.set(track, opened);
    this.#owners.set(code, { member, track });
    const publish = publishAddress(pathOfCode(code), opened.key);
    this.#say(line, { kind: 'opened', ask, track, code, publish });
  }

  #turn(code: string, isUp: boolean): void {
    const owned = this.#owners.get(code);
    const open = owned?.member.tracks.get(owned.track);
    if (owned === undefined || open === undefined || open.isUp === isUp) return;
    open.isUp = isUp;
    this.#tellOthers(owned.member);
  }

  #release(member: Member, track: Track): void {
    const open = member.tracks.get(track);
    if (open === undefined) return;
    member.tracks.delete(track);
    this.#owners.delete(open.code);
    this.#outputs.push({ kind: 'released', code: open.code });
  }

  #leave(member: Member): void {
    const { owner, line } = member;
    for (const track of [...member.tracks.keys()]) this.#release(member, track);
    if (line !== undefined) line.member = undefined;
    member.line = undefined;
    const members = this.#rooms.get(roomOf(owner));
    if (members?.delete(owner.user) === true) this.#users--;
    if (members?.size === 0) this.#rooms.delete(roomOf(owner));
    for (const other of members?.values() ?? []) {
      this.#tell(other.line, { kind: 'gone', user: owner.user });
    }
  }

  #lost(now: Millis, line: Line): void {
    this.#forget(line);
    const { member } = line;
    if (member === undefined) return;
    member.line = undefined;
    member.until = now + GRACE_MS;
  }

  #leaveLost(now: Millis): void {
    for (const members of [...this.#rooms.values()]) {
      for (const member of [...members.values()]) if (member.until <= now) this.#leave(member);
    }
  }

  /** It speaks nonsense, or too much: it is lost like any other connection. */
  #cut(now: Millis, line: Line, code: ErrorCode): void {
    this.#say(line, { kind: 'out', code });
    this.#outputs.push({ kind: 'close', connection: line.connection });
    this.#lost(now, line);
  }

  #forget({ connection, address }: Line): void {
    this.#lines.delete(connection);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }

  #tellOthers(member: Member): void {
    for (const other of this.#rooms.get(roomOf(member.owner))?.values() ?? []) {
      if (other !== member) this.#tell(other.line, { kind: 'member', ...shownOf(member) });
    }
  }

  #tell(line: Line | undefined, answer: RoomAnswer): void {
    if (line !== undefined) this.#say(line, answer);
  }

  #fail(line: Line, ask: number, code: ErrorCode): void {
    this.#say(line, { kind: 'failed', ask, code, detail: '' });
  }

  #say({ connection }: Line, answer: RoomAnswer): void {
    this.#outputs.push({ kind: 'say', connection, answer });
  }
}

const shownOf = ({ owner, tracks }: Member): RoomMember => ({
  user: owner.user,
  tracks: [...tracks].filter(([, { isUp }]) => isUp).map(([track]) => track),
});
