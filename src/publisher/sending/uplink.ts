/**
 * The way of the tags to the server, over as many connections as it takes: queueing, dropping whole groups when the line is
 * too slow, and coming back after it broke.
 */
import type { OpenSocket } from '../../carrier/socket-face.ts';
import { type ErrorCode, severityOf } from '../../errors.ts';
import { SESSION_QUERY } from '../../wire/publish.ts';
import { GroupQueue, type QueuedTag } from './group-queue.ts';
import { PublishLine } from './publish-line.ts';
import type { Timing } from './timing.ts';

/** Where an uplink stands. */
export type UplinkState = 'connecting' | 'sending' | 'reconnecting' | 'finishing' | 'over';

const FOLLOWS: Readonly<Record<UplinkState, readonly UplinkState[]>> = {
  connecting: ['sending', 'over'],
  sending: ['reconnecting', 'finishing', 'over'],
  reconnecting: ['sending', 'over'],
  finishing: ['over'],
  over: [],
};

/** What happens to it. */
export interface UplinkEvents {
  state(state: UplinkState): void;
  /** Nothing can be sent before the next keyframe. */
  keyframeWanted(): void;
  /** It has ended: by itself with the reason, or in good order without one. */
  over(code: ErrorCode | undefined): void;
}

/** What it works with. */
export interface UplinkParts {
  readonly open: OpenSocket;
  readonly address: string;
  /** Knows this publisher again after its connection broke. */
  readonly session: string;
  readonly timing: Timing;
  readonly random: () => number;
  /** File header (or not), metadata and codec configurations. */
  readonly prelude: (fileHeader: boolean, ms: number) => Uint8Array<ArrayBuffer> | undefined;
  readonly events: UplinkEvents;
}

/** Counters for statistics and for the choice of the bitrate. */
export interface UplinkFigures {
  readonly sentBytes: number;
  readonly arrivedBytes: number;
  /** From the newest tag to the last one that has arrived; undefined before one has on this connection. */
  readonly lagMs: number | undefined;
  readonly queuedMs: number;
  readonly droppedGroups: number;
  readonly droppedFrames: number;
  readonly reconnects: number;
}

/** Media that may wait; beyond, whole groups are dropped. */
const QUEUE_MS_MAX = 2000;
/** What may be under way: enough for a line over a continent, and so little that what waits can still be dropped. */
const UNDER_WAY_MS = 1000;
const UNDER_WAY_BYTES_MAX = 2 * 1024 * 1024;
/** So few bytes are no queue, whatever time they are of. */
const UNDER_WAY_BYTES_FREE = 16 * 1024;
const BACK_FIRST_MS = 500;
const BACK_MAX_MS = 8000;
/** A server that does not close after the end is left. */
const FINISH_WITHIN_MS = 3000;

/** See above. */
export class Uplink {
  readonly #parts: UplinkParts;
  readonly #queue = new GroupQueue();
  #state: UplinkState = 'connecting';
  #line: PublishLine | undefined;
  #failures = 0;
  #newestMs: number | undefined;
  #arrivedBefore = 0;
  #dropped = { groups: 0, frames: 0, reconnects: 0 };
  #sent = 0;
  #timer: { cancel(): void } | undefined;

  constructor(parts: UplinkParts) {
    this.#parts = parts;
    this.#connect();
  }

  get figures(): UplinkFigures {
    const { groups, frames, reconnects } = this.#dropped;
    const arrivedMs = this.#line?.arrivedMs;
    return {
      sentBytes: this.#sent,
      arrivedBytes: this.#arrivedBefore + (this.#line?.arrived ?? 0),
      lagMs: arrivedMs === undefined ? undefined : (this.#newestMs ?? arrivedMs) - arrivedMs,
      queuedMs: this.#queue.spanMs,
      droppedGroups: groups,
      droppedFrames: frames,
      reconnects,
    };
  }

  /** Takes the next tag. */
  offer(tag: QueuedTag): void {
    if (this.#state === 'over' || this.#state === 'finishing') return;
    this.#newestMs = tag.ms;
    if (!this.#queue.push(tag)) this.#dropped.frames += 1;
    if (this.#queue.spanMs > QUEUE_MS_MAX) this.#drop();
    this.#pump();
  }

  /** No tags follow: what waits is sent, then the stream ends in good order. */
  finish(): void {
    if (this.#state === 'over' || this.#state === 'finishing') return;
    // Without a connection there is nobody to say goodbye to.
    if (this.#state !== 'sending') return this.#end(undefined);
    this.#enter('finishing');
    this.#arm(FINISH_WITHIN_MS, () => this.#end(undefined));
    this.#pump();
  }

  /** Breaks everything off without an event. */
  close(): void {
    this.#state = 'over';
    this.#timer?.cancel();
    this.#line?.drop();
  }

  #connect(): void {
    const address = new URL(this.#parts.address);
    address.searchParams.set(SESSION_QUERY, this.#parts.session);
    this.#line = new PublishLine(this.#parts.open, address.href, {
      accepted: () => this.#accepted(),
      progressed: () => this.#pump(),
      closed: (code) => this.#closed(code),
    });
  }

  #accepted(): void {
    if (this.#state === 'over') return;
    this.#failures = 0;
    this.#dropped.frames += this.#queue.restart().tags;
    this.#parts.events.keyframeWanted();
    this.#enter('sending');
    this.#pump();
  }

  #closed(code: ErrorCode): void {
    if (this.#state === 'over') return;
    this.#arrivedBefore += this.#line?.arrived ?? 0;
    this.#line = undefined;
    if (this.#state === 'finishing') return this.#end(undefined);
    // What keeps a publisher from beginning is its page's to solve.
    if (this.#state === 'connecting' || severityOf(code) === 'fatal') return this.#end(code);
    this.#dropped.reconnects += 1;
    this.#enter('reconnecting');
    const wait = Math.min(BACK_MAX_MS, BACK_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#arm(wait * (0.5 + this.#parts.random() / 2), () => this.#connect());
  }

  #pump(): void {
    const line = this.#line;
    if (line === undefined || !line.isAccepted) return;
    // Nothing can be read before all codec configurations are known.
    if (line.said === undefined && this.#parts.prelude(true, 0) === undefined) return;
    while (this.#hasRoom(line)) {
      const tag = this.#queue.take();
      if (tag === undefined) {
        if (this.#state === 'finishing') line.finish();
        return;
      }
      this.#send(line, tag);
    }
  }

  #hasRoom(line: PublishLine): boolean {
    const { underWay, oldestMs } = line;
    if (underWay < UNDER_WAY_BYTES_FREE || oldestMs === undefined) return true;
    return underWay < UNDER_WAY_BYTES_MAX && (this.#queue.nextMs ?? oldestMs) - oldestMs < UNDER_WAY_MS;
  }

  #send(line: PublishLine, tag: QueuedTag): void {
    const prelude = this.#preludeFor(line, tag);
    if (prelude !== undefined) {
      line.send(prelude, tag.ms);
      this.#sent += prelude.length;
    }
    line.send(tag.bytes, tag.ms);
    this.#sent += tag.bytes.length;
  }

  /** What has to be said before a tag: everything at the beginning, later what has changed since. */
  #preludeFor(line: PublishLine, tag: QueuedTag): Uint8Array<ArrayBuffer> | undefined {
    const { said } = line;
    if (said !== undefined && !tag.renews) return undefined;
    const content = this.#parts.prelude(false, 0);
    if (content === undefined || (said !== undefined && sameBytes(content, said))) return undefined;
    line.said = content;
    return this.#parts.prelude(said === undefined, tag.ms);
  }

  #drop(): void {
    const { groups, tags } = this.#queue.drop();
    this.#dropped.groups += groups;
    this.#dropped.frames += tags;
    this.#parts.events.keyframeWanted();
  }

  #enter(state: UplinkState): void {
    if (!FOLLOWS[this.#state].includes(state)) return;
    this.#state = state;
    this.#parts.events.state(state);
  }

  #end(code: ErrorCode | undefined): void {
    if (this.#state === 'over') return;
    this.#timer?.cancel();
    this.#line?.drop();
    this.#enter('over');
    this.#parts.events.over(code);
  }

  #arm(ms: number, call: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#parts.timing.after(ms, call);
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);
