/**
 * Pull without trees. Everybody says what it holds, asks neighbours at random for what it lacks, and asks the origin for
 * what the playhead needs next and nobody has. New pieces enter where a die says so. With whole groups only what is
 * complete is told of and asked for, as players do that share segments.
 */
import type { Millis } from '../../src/core/engine.ts';
import type { LinkNumber, ViewerInput } from '../../src/core/viewer/io.ts';
import type { ViewerEngineOptions } from '../../src/core/viewer/viewer-engine.ts';
import { WANT_MAX } from '../../src/wire/limits.ts';
import type { LinkMessage, Status } from '../../src/wire/link.ts';
import { Baseline } from './baseline.ts';

const LOOK_EVERY_MS = 50;
const STATUS_EVERY_MS = 200;
const HAVE_PIECES = 256;
/** The origin is asked this long before a piece is due, and again after this long. */
const RESORT_MS = 250;
const ASK_AGAIN_MS = 400;
const REFUSED_MS = 120;
/** Of its neighbours so many fetch a new piece from the origin, on average. */
const SEEDS_AROUND = 1;
/** Neighbours enough to live on. */
const LINKS_MIN = 3;
const QUEUE_LIMIT_MS = 150;
const GROUPS_BEHIND = 2;

interface Ask {
  readonly of: 'origin' | 'neighbour';
  readonly until: Millis;
}

export class PiecePull extends Baseline {
  readonly #unit: 'piece' | 'group';
  readonly #asks = new Map<number, Ask>();
  /** What it was to bring in and could not yet. */
  readonly #again = new Set<number>();
  #seeded = -1;
  #statusAt: Millis = 0;
  #newestTold = -1;
  #feeding: 'whole' | 'single' = 'whole';

  constructor(options: ViewerEngineOptions, unit: 'piece' | 'group') {
    super(options);
    this.#unit = unit;
  }

  get missing(): number {
    return 0;
  }

  protected look(now: Millis): Millis {
    const { view } = this;
    if (view.head === undefined) return now + LOOK_EVERY_MS;
    this.#leaveWholeStream();
    if (now >= this.#statusAt) {
      this.#statusAt = now + STATUS_EVERY_MS;
      const body = this.#body();
      for (const neighbour of view.neighbours.all()) {
        const message: Status = {
          ...body,
          received: neighbour.laneBytesIn >>> 0,
          stamp: Math.round(now) & 0xffff,
          ...neighbour.echo(now),
        };
        this.put({ kind: 'tell', link: neighbour.link, message });
      }
    }
    if (this.#feeding === 'single') this.#pull(now);
    return now + LOOK_EVERY_MS;
  }

  protected said(now: Millis, link: LinkNumber, message: LinkMessage): void {
    const neighbour = this.view.neighbours.get(link);
    if (neighbour === undefined) return;
    if (message.kind === 'status') {
      neighbour.hear(now, message);
      this.#newestTold = Math.max(this.#newestTold, message.base + lastBit(message.have));
    } else if (message.kind === 'absent') {
      for (const sequence of message.sequences) this.#asks.delete(sequence);
    } else if (message.kind === 'want') this.#serve(now, link, message.sequences);
  }

  protected arrived(input: Extract<ViewerInput, { kind: 'piece' }>): void {
    this.#asks.delete(input.header.sequence);
  }

  protected refused(now: Millis, sequence: number): void {
    if (sequence > this.view.pieces.newest) this.#again.add(sequence);
    this.#asks.set(sequence, { of: 'origin', until: now + REFUSED_MS });
  }

  protected newEpoch(): void {
    this.#again.clear();
    this.#asks.clear();
    this.#seeded = -1;
    this.#newestTold = -1;
  }

  /** Everything comes from the origin until there are neighbours to ask. */
  #leaveWholeStream(): void {
    const { playout, view } = this;
    if (this.#feeding === 'single' || view.neighbours.count < LINKS_MIN || playout.state !== 'running') return;
    if (this.#unit === 'group' && !this.#groupsFit()) return;
    this.#feeding = 'single';
    this.#seeded = this.view.pieces.newest;
    this.put({ kind: 'ask-origin', request: { kind: 'mask', mask: 0, from: 0 } });
  }

  /** A group can be fetched whole only by who is more than two of them behind; anybody else takes all from the origin. */
  #groupsFit(): boolean {
    const { pieces } = this.view;
    const before = pieces.oldest <= 0 ? -1 : pieces.keyframeAfter(pieces.oldest - 1);
    const groupMs = before < 0 ? Number.POSITIVE_INFINITY : pieces.cutOf(pieces.newestKeyframe) - pieces.cutOf(before);
    return groupMs > 0 && this.playout.targetMs > GROUPS_BEHIND * groupMs;
  }

  #pull(now: Millis): void {
    const { view, playout } = this;
    const live = this.#liveEdge(now);
    const wants = new Map<LinkNumber, number[]>();
    const fromOrigin: number[] = [];
    for (let sequence = playout.cursor; sequence <= live; sequence++) {
      if (view.pieces.has(sequence)) continue;
      const due = playout.deadlineOf(now, sequence);
      const ask = this.#asks.get(sequence);
      const resort = due - now < RESORT_MS + view.clock.rttMs;
      if (ask !== undefined && now < ask.until && (ask.of === 'origin' || !resort)) continue;
      if (resort || this.#seeds(sequence)) {
        fromOrigin.push(sequence);
        this.#asks.set(sequence, { of: 'origin', until: now + ASK_AGAIN_MS });
        continue;
      }
      const holders = [...view.neighbours.all()].filter((each) => each.holds(now, view.epochTag, sequence));
      const [holder] = view.random.sample(holders, 1);
      if (holder === undefined) continue;
      const list = wants.get(holder.link) ?? [];
      if (list.length >= WANT_MAX) continue;
      list.push(sequence);
      wants.set(holder.link, list);
      this.#asks.set(sequence, { of: 'neighbour', until: now + Math.max(ASK_AGAIN_MS, 2 * holder.patienceMs) });
    }
    this.#seeded = Math.max(this.#seeded, live);
    for (const sequence of this.#asks.keys()) if (sequence < playout.cursor) this.#asks.delete(sequence);
    for (const [link, sequences] of wants) this.put({ kind: 'tell', link, message: { kind: 'want', sequences } });
    for (let at = 0; at < fromOrigin.length; at += WANT_MAX) {
      const sequences = fromOrigin.slice(at, at + WANT_MAX);
      this.put({ kind: 'ask-origin', request: { kind: 'want', sequences } });
    }
  }

  /** The newest piece that should exist by now. */
  #liveEdge(now: Millis): number {
    const { pieces, clock } = this.view;
    if (pieces.newest < 0) return -1;
    const since = clock.wall(now) - clock.rttMs / 2 - pieces.cutOf(pieces.newest);
    const guessed = pieces.newest + Math.max(0, Math.floor(since / pieces.intervalMs) - 1);
    return Math.max(pieces.newest, this.#newestTold, Math.min(guessed, pieces.newest + HAVE_PIECES));
  }

  /** Whether this viewer is to bring a piece into the swarm; asked once. */
  #seeds(sequence: number): boolean {
    if (this.#again.delete(sequence)) return true;
    if (this.#unit === 'group' || sequence <= this.#seeded) return false;
    return this.view.random.unit() < SEEDS_AROUND / (1 + this.view.neighbours.count);
  }

  #serve(now: Millis, link: LinkNumber, sequences: readonly number[]): void {
    const { view } = this;
    const neighbour = view.neighbours.get(link);
    if (neighbour === undefined) return;
    const absent: number[] = [];
    for (const sequence of sequences) {
      const fits = view.mayUpload && !neighbour.wouldQueue(now, view.pieceBytes, QUEUE_LIMIT_MS);
      if (fits && view.pieces.has(sequence)) this.put({ kind: 'push', links: [link], sequence });
      else absent.push(sequence);
    }
    if (absent.length > 0) this.put({ kind: 'tell', link, message: { kind: 'absent', sequences: absent } });
  }

  #body(): Omit<Status, 'received' | 'stamp' | 'echo' | 'echoAgeMs'> {
    const { pieces, epochTag } = this.view;
    const base = Math.max(0, pieces.newest - HAVE_PIECES + 1);
    const have = pieces.haveFrom(base, HAVE_PIECES / 8);
    if (this.#unit === 'group') clearFrom(have, Math.max(0, pieces.newestKeyframe - base));
    return { kind: 'status', epochTag, base, have, open: 0, relaying: 0, lags: new Uint8Array(0), ranks: [] };
  }
}

/** Forgets what belongs to the group that is not complete. */
const clearFrom = (have: Uint8Array, first: number): void => {
  for (let at = first; at < have.length * 8; at++) have[at >> 3] = (have[at >> 3] ?? 0) & ~(0x80 >> (at & 7));
};

const lastBit = (have: Uint8Array): number => {
  for (let at = have.length * 8 - 1; at >= 0; at--) if (((have[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0) return at;
  return -1;
};
