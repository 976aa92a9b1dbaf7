/**
 * The tracker: who is in which stream, who is introduced to whom, and whose word is passed on to whom. It never looks
 * inside a signal. Who speaks is known by the connection, so nobody can speak for somebody else.
 */
import type { ErrorCode } from '../../errors.ts';
import type { TrackerRequest, ViewerName } from '../../wire/tracker.ts';
import { speaks } from '../../wire/version.ts';
import type { Engine, Millis } from '../engine.ts';
import { Random } from '../kit/random.ts';
import { PairTable } from '../nat/pair-table.ts';
import { Visitor } from './attendee.ts';
import type { ClusterInput, ClusterOutput } from './guests.ts';
import type {
  Connection,
  Dismissal,
  Grant,
  PlainAnswer,
  RoomCount,
  TrackerInput,
  TrackerLimits,
  TrackerOutput,
} from './io.ts';
import { Member } from './member.ts';
import { Room } from './room.ts';

/** Neighbours a joiner is introduced to; it dials them. */
export const NEIGHBOURS_AT_JOIN = 8;
/** A connection that has not joined by then is closed. */
export const JOIN_WITHIN_MS = 10_000;
/** A viewer that has not been heard for so long is gone; it reports every few seconds. */
export const SILENT_MS = 45_000;

const SWEEP_MS = 1000;
const RETRY_MS = 2000;
const CROWDED_RETRY_MS = 30_000;

/** Whether there are other processes with viewers of the same streams. */
export type Company = 'alone' | 'clustered';

/** See above. */
export class Swarm implements Engine<TrackerInput, TrackerOutput> {
  readonly #limits: TrackerLimits;
  readonly #random: Random;
  readonly #company: Company;
  readonly #members = new Map<Connection, Member>();
  readonly #rooms = new Map<string, Room>();
  readonly #perAddress = new Map<string, number>();
  readonly #pairs = new PairTable();
  #outputs: TrackerOutput[] = [];
  #sweepAt: Millis = Number.POSITIVE_INFINITY;

  constructor(limits: TrackerLimits, seed: number, company: Company = 'alone') {
    this.#limits = limits;
    this.#company = company;
    this.#random = new Random(seed);
  }

  handle(now: Millis, input: TrackerInput): void {
    if (input.kind === 'wake') return this.#sweep(now);
    if (input.kind === 'opened') return this.#open(now, input);
    if (!('connection' in input)) return this.#hearOthers(now, input);
    const member = this.#members.get(input.connection);
    if (member === undefined) return;
    switch (input.kind) {
      case 'said':
        return this.#hear(now, member, input.request);
      case 'nonsense':
        return this.#dismiss(member, 'tracker/bad-message', 0);
      case 'admitted':
        return input.admitted ? this.#join(now, member) : this.#dismiss(member, 'tracker/refused', 0);
      case 'closed':
        return this.#forget(member);
    }
  }

  poll(): TrackerOutput | undefined {
    return this.#outputs.shift();
  }

  nextWakeup(): Millis {
    return this.#sweepAt;
  }

  /** Connections, joined or not. */
  get connections(): number {
    return this.#members.size;
  }

  /** Viewers per stream. */
  rooms(): readonly RoomCount[] {
    return [...this.#rooms.values()].map((room) => room.count());
  }

  #open(
    now: Millis,
    opened: { readonly connection: Connection; readonly address: string; readonly viewer: ViewerName },
  ): void {
    const { connection, address } = opened;
    const member = new Member(connection, opened, now);
    const same = this.#perAddress.get(address) ?? 0;
    this.#members.set(connection, member);
    this.#perAddress.set(address, same + 1);
    if (this.#sweepAt === Number.POSITIVE_INFINITY) this.#sweepAt = now + SWEEP_MS;
    const { connections, connectionsPerAddress } = this.#limits;
    if (same >= connectionsPerAddress) this.#dismiss(member, 'tracker/rate-limited', CROWDED_RETRY_MS);
    else if (this.#members.size > connections) this.#dismiss(member, 'tracker/refused', CROWDED_RETRY_MS);
  }

  #hear(now: Millis, member: Member, request: TrackerRequest): void {
    if (!member.requests.take(now)) return this.#dismiss(member, 'tracker/rate-limited', RETRY_MS);
    member.heardAt = now;
    if (request.kind === 'join') return this.#askToJoin(member, request);
    if (request.kind === 'leave') return this.#forget(member);
    const room = this.#roomOf(member);
    if (room === undefined) return this.#refuse(member, 'tracker/refused', 0);
    switch (request.kind) {
      case 'renew':
        return this.#put({ kind: 'renewed', ...grantOf(member) });
      case 'more': {
        const { count } = request;
        const neighbours = this.#introduce(now, room, member, count);
        return this.#say(member, { kind: 'neighbours', neighbours });
      }
      case 'report':
        return this.#report(now, member, room, request);
      case 'receipts':
      case 'proofs':
        return this.#put({ kind: 'account', connection: member.connection, request });
      case 'signal':
        return this.#relay(now, member, room, request);
    }
  }

  #askToJoin(member: Member, request: Extract<TrackerRequest, { readonly kind: 'join' }>): void {
    if (!speaks(request.version)) return this.#refuse(member, 'wire/bad-version', 0);
    if (member.state !== 'open') return this.#refuse(member, 'tracker/refused', 0);
    const { path, credentials, viewerKey, uploads, nat } = request;
    member.state = 'asking';
    member.nat = nat ?? 'unknown';
    member.membership = { path, viewerKey, uploads };
    this.#put({ kind: 'admit', connection: member.connection, path, credentials });
  }

  #join(now: Millis, member: Member): void {
    const path = member.membership?.path;
    if (member.state !== 'asking' || path === undefined) return;
    const room = this.#rooms.get(path) ?? new Room(path);
    if (room.here >= this.#limits.viewersPerStream) return this.#dismiss(member, 'tracker/refused', CROWDED_RETRY_MS);
    if (room.here === 0) this.#spread({ kind: 'room-opened', path });
    this.#rooms.set(path, room);
    member.state = 'joined';
    member.joinedAt = now;
    member.heardAt = now;
    const neighbours = this.#introduce(now, room, member, NEIGHBOURS_AT_JOIN);
    room.add(member);
    this.#tellOf(member);
    this.#put({ kind: 'joined', ...grantOf(member), neighbours });
  }

  #introduce(now: Millis, room: Room, to: Member, count: number): ViewerName[] {
    return room.introduce(now, to, { count, random: this.#random, pairs: this.#pairs });
  }

  /** What became of a dial teaches only once for each introduction, and nobody teaches much. */
  #report(now: Millis, member: Member, room: Room, said: Extract<TrackerRequest, { readonly kind: 'report' }>): void {
    member.report = said.report;
    const isNews = member.learnsToUpload() || (said.nat !== undefined && said.nat !== member.nat);
    member.nat = said.nat ?? member.nat;
    if (isNews) this.#tellOf(member);
    const learn = (viewers: readonly ViewerName[], outcome: 'reached' | 'missed'): void => {
      for (const viewer of viewers) {
        const other = room.find(viewer);
        if (other === undefined || !member.mayTellOf(viewer) || !member.lessons.take(now)) continue;
        this.#pairs.learn(now, [member, other], outcome);
      }
    };
    learn(said.reached ?? [], 'reached');
    learn(said.missed ?? [], 'missed');
  }

  /** Only within a stream, only as oneself, and not more than the other can take. */
  #relay(now: Millis, from: Member, room: Room, signal: Extract<TrackerRequest, { readonly kind: 'signal' }>): void {
    const { to, dial, data } = signal;
    const target = room.find(to);
    if (target instanceof Visitor) {
      const carried = { path: room.path, from: from.viewer, to, dial, data };
      return this.#put({ kind: 'carry', node: target.node, signal: carried });
    }
    const deliverable = target instanceof Member && target !== from && target.inbox.take(now);
    if (!deliverable) return this.#say(from, { kind: 'gone', viewer: to });
    this.#say(target, { kind: 'signal', from: from.viewer, dial, data });
  }

  #hearOthers(now: Millis, input: ClusterInput): void {
    switch (input.kind) {
      case 'visitors-came':
        return this.#rooms.get(input.path)?.welcome(now, input.visitors);
      case 'visitors-left':
        for (const viewer of input.viewers) this.#rooms.get(input.path)?.part(viewer);
        return;
      case 'node-gone': {
        const isGone = ({ node }: Visitor): boolean => input.node === undefined || node === input.node;
        for (const room of this.#rooms.values()) room.dismiss(isGone);
        return;
      }
      case 'carried': {
        const { path, from, to, dial, data } = input.signal;
        const target = this.#rooms.get(path)?.find(to);
        if (target instanceof Member && target.inbox.take(now)) this.#say(target, { kind: 'signal', from, dial, data });
        else this.#put({ kind: 'carry-back', node: input.node, signal: { path, from, to } });
        return;
      }
      case 'undelivered': {
        const room = this.#rooms.get(input.path);
        const from = room?.find(input.from);
        if (from instanceof Member) this.#say(from, { kind: 'gone', viewer: input.to });
        return;
      }
    }
  }

  /** What the other processes should know of a viewer of ours. */
  #tellOf({ viewer, address, nat, membership }: Member): void {
    const { path = '', uploads = false } = membership ?? {};
    this.#spread({ kind: 'came', path, entry: { viewer, address, nat, uploads } });
  }

  #spread(output: ClusterOutput): void {
    if (this.#company === 'clustered') this.#put(output);
  }

  #sweep(now: Millis): void {
    if (now < this.#sweepAt) return;
    for (const member of [...this.#members.values()]) {
      const limit = member.state === 'joined' ? SILENT_MS : JOIN_WITHIN_MS;
      if (now - member.heardAt >= limit) this.#dismiss(member, 'tracker/refused', RETRY_MS);
    }
    this.#sweepAt = this.#members.size === 0 ? Number.POSITIVE_INFINITY : now + SWEEP_MS;
  }

  #roomOf(member: Member): Room | undefined {
    return member.state === 'joined' ? this.#rooms.get(member.membership?.path ?? '') : undefined;
  }

  #refuse(member: Member, code: ErrorCode, retryAfterMs: number): void {
    this.#say(member, { kind: 'refused', code, retryAfterMs });
  }

  #dismiss(member: Member, code: Dismissal, retryAfterMs: number): void {
    this.#refuse(member, code, retryAfterMs);
    this.#put({ kind: 'close', connection: member.connection, code, retryAfterMs });
    this.#forget(member);
  }

  #forget(member: Member): void {
    if (!this.#members.delete(member.connection)) return;
    const same = (this.#perAddress.get(member.address) ?? 1) - 1;
    if (same === 0) this.#perAddress.delete(member.address);
    else this.#perAddress.set(member.address, same);
    const room = this.#roomOf(member);
    if (room === undefined) return;
    room.delete(member);
    this.#spread({ kind: 'left', path: room.path, viewer: member.viewer });
    if (room.here > 0) return;
    // Visitors alone make no room: nobody here could meet them.
    this.#rooms.delete(room.path);
    this.#spread({ kind: 'room-closed', path: room.path });
  }

  #say(member: Member, answer: PlainAnswer): void {
    this.#put({ kind: 'say', connection: member.connection, answer });
  }

  #put(output: TrackerOutput): void {
    this.#outputs.push(output);
  }
}

const grantOf = (member: Member): Grant => ({
  connection: member.connection,
  path: member.membership?.path ?? '',
  viewer: member.viewer,
  viewerKey: member.membership?.viewerKey ?? '',
});
