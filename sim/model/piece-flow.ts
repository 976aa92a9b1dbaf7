/**
 * Pieces on their way down the trees: every viewer passes them on as its uplink allows, what is lost or late is repaired,
 * and each arrival is noted. This is the model's inner loop.
 */
import { LOSS_REVEALED, LOSS_TIMEOUT_MS, REVEALED_RTTS } from '../calibration/real-links.ts';
import { LIFETIME_MS } from '../network.ts';
import { ArrivalWheel, type Due } from './arrival-wheel.ts';
import { type Crowd, UP } from './crowd.ts';
import type { Dice } from './dice.ts';
import type { Feeds } from './feeds.ts';
import type { CutPiece, Held } from './held.ts';
import type { Links } from './links.ts';
import type { ModelWorld, PieceSlot } from './model-world.ts';
import type { OriginLimits } from './origin-limits.ts';
import type { Repairs } from './repairs.ts';
import * as rules from './rules.ts';
import { ORIGIN, type Trees } from './trees.ts';
import { REFUSED, type Uplinks } from './uplinks.ts';
import type { ViewerBooks } from './viewer-books.ts';

/** What is due: a piece from the source, from a candidate on trial, or by repair; or a look whether it has come. */
const FROM_SOURCE = 0;
const FROM_TRIAL = 1;
const REPAIRED = 2;
const LOOK = 3;
const KIND = 3;
/** The parent misses it too. */
const EXCUSED = 4;
/** The parent has said that it would send it too late. */
const DECLINED = 8;
/** Above that: the rank of the tree for what comes from a source, asks so far for a look. */
const ROOT_SHIFT = 4;

/** Who has sent so many pieces keeps its word. */
const PROVEN_BY = 2;

/** Whom the flow leans on. */
export interface FlowParts {
  readonly crowd: Crowd;
  readonly trees: Trees;
  readonly feeds: Feeds;
  readonly links: Links;
  readonly origin: OriginLimits;
  readonly uplinks: Uplinks;
  readonly repairs: Repairs;
  readonly held: Held;
  readonly books: ViewerBooks;
  readonly dice: Dice;
  /** Joining, verifying and sending on, ms. */
  readonly relayMs: number;
}

export class PieceFlow {
  readonly #world: ModelWorld;
  readonly #parts: FlowParts;
  readonly #wheel: ArrivalWheel;
  readonly #due: Due = { at: 0, row: 0, piece: 0, what: 0 };
  /** The newest piece that has been cut. */
  #newest = -1;
  /** What has been handled so far. */
  events = 0;

  constructor(world: ModelWorld, parts: FlowParts) {
    this.#world = world;
    this.#parts = parts;
    this.#wheel = new ArrivalWheel(parts.crowd.capacity * 4);
  }

  get bytes(): number {
    return this.#wheel.bytes;
  }

  /** The origin has cut a piece: whom it feeds gets it, and whoever has no source will look for it. */
  cut(piece: CutPiece): void {
    const { trees, crowd, books, held, origin } = this.#parts;
    held.cut(piece);
    this.#newest = piece.sequence;
    for (const row of trees.headsOf(piece.substream)) {
      const feed = row * trees.substreams + piece.substream;
      if (trees.sources[feed] === ORIGIN) {
        if (piece.cutAt < crowd.servedFrom[row]! || piece.cutAt >= crowd.leaveAt[row]!) continue;
        books.originSent(piece.cutAt, piece.slot.originBytes);
        const what = FROM_SOURCE | (crowd.ranks[feed]! << ROOT_SHIFT);
        const waits = origin.send(piece.cutAt, piece.slot.originBytes);
        this.#wheel.put(piece.cutAt + waits + crowd.originRttMs[row]! / 2, { row, piece: piece.sequence, what });
      } else if (crowd.state[row] === UP) this.#lookLater(row, piece, { parent: -1, bits: 0 });
      else this.#abandon(row, piece);
    }
  }

  /** Lets everything happen that is due before a time. */
  run(until: number): void {
    const due = this.#due;
    while (this.#wheel.take(until, due)) {
      this.events++;
      const piece = this.#parts.held.piece(due.piece);
      if ((due.what & KIND) === LOOK) this.#look(due.row, due.at, { piece, what: due.what });
      else this.#arrive(due.row, due.at, { piece, kind: due.what & KIND, root: due.what >> ROOT_SHIFT });
    }
  }

  #arrive(
    row: number,
    at: number,
    came: { readonly piece: CutPiece; readonly kind: number; readonly root: number },
  ): void {
    const { crowd, feeds, trees, books, held } = this.#parts;
    const { piece, kind } = came;
    if (at >= crowd.leaveAt[row]! || crowd.state[row] !== UP) return this.#abandon(row, piece);
    const feed = row * trees.substreams + piece.substream;
    const lag = at - piece.cutAt;
    const isNew = held.since(row, piece) > at;
    if (kind === FROM_SOURCE) {
      feeds.heard(feed, lag);
      if (feeds.heardOf(feed) === PROVEN_BY) this.#parts.links.prove(row, trees.sources[feed]!);
      if (isNew) feeds.inTime(feed);
      feeds.ranks[feed] = came.root;
    } else if (kind === FROM_TRIAL) this.#tried(row, feed, { at, lag });
    else if (isNew && trees.sources[feed]! >= 0)
      this.#parts.uplinks.takeBack(trees.sources[feed]!, at, piece.slot.wireBytes);
    if (!isNew) {
      if (kind === FROM_SOURCE) feeds.repaired(row, 'not needed');
      return books.duplicate(piece.cutAt, piece.slot.linkBytes);
    }
    if (kind === REPAIRED) feeds.repaired(row, 'needed');
    held.add(row, piece, at);
    books.arrived(row, piece.cutAt, at, piece.slot.linkBytes);
    this.#forward(row, at, piece);
  }

  #forward(row: number, now: number, piece: CutPiece): void {
    const { trees, feeds, uplinks, books, crowd, relayMs } = this.#parts;
    const { substream, slot, sequence } = piece;
    const feed = row * trees.substreams + substream;
    const count = trees.childCounts[feed]!;
    const root = feeds.ranks[feed]! << ROOT_SHIFT;
    for (let place = 0; place < count; place++) {
      const child = trees.childAt(feed, place);
      const rank = trees.childCounts[child * trees.substreams + substream]! > 0 ? 'first' : 'then';
      const by = piece.cutAt + feeds.usefulFor(row, child);
      const left = uplinks.depart(row, now + relayMs, { bytes: slot.wireBytes, rank, by });
      if (left === REFUSED) {
        this.#decline(row, child, { now, piece });
        continue;
      }
      if (left !== Number.POSITIVE_INFINITY) books.sent(row, slot.linkBytes);
      const arrival = this.#arrival(row, child, { now: now + relayMs, left, slot });
      const onTrial = trees.trials[child * trees.substreams + substream] === row;
      if (arrival !== Number.POSITIVE_INFINITY)
        this.#wheel.put(arrival, { row: child, piece: sequence, what: (onTrial ? FROM_TRIAL : FROM_SOURCE) | root });
      if (onTrial || crowd.state[child] !== UP) continue;
      const lateAt = piece.cutAt + this.#lateAfter(child, child * trees.substreams + substream, row);
      if (arrival > lateAt) this.#wheel.put(Math.max(now, lateAt), { row: child, piece: sequence, what: LOOK });
    }
  }

  /** A child that would get a piece too late is told so, and looks elsewhere. */
  #decline(row: number, child: number, what: { readonly now: number; readonly piece: CutPiece }): void {
    const { trees, crowd } = this.#parts;
    if (trees.sources[child * trees.substreams + what.piece.substream] !== row) return;
    const at = what.now + crowd.rttMs(row, child) / 2;
    this.#wheel.put(at, { row: child, piece: what.piece.sequence, what: LOOK | DECLINED });
  }

  /** A new source sends at once what it holds of the newest pieces and the row does not; the row watches for the rest. */
  catchUp(row: number, substream: number, now: number): void {
    const { trees, held } = this.#parts;
    const source = trees.sources[row * trees.substreams + substream]!;
    const newest = this.#newest - ((this.#newest - substream) % trees.substreams);
    for (let back = 0; back < rules.CATCH_UP_ROUNDS; back++) {
      const sequence = newest - back * trees.substreams;
      if (sequence < 0) return;
      const piece = held.piece(sequence);
      if (held.since(row, piece) <= now) return;
      if (source >= 0) this.#catchUpFrom(source, row, { now, piece });
      else if (source === ORIGIN) this.#catchUpFromOrigin(row, now, piece);
      else this.#lookLater(row, piece, { parent: -1, bits: 0 });
    }
  }

  #catchUpFrom(parent: number, row: number, what: { readonly now: number; readonly piece: CutPiece }): void {
    const { trees, held, uplinks, crowd, books, feeds } = this.#parts;
    const { piece, now } = what;
    const at = now + crowd.rttMs(row, parent) / 2;
    if (held.since(parent, piece) > at) return this.#lookLater(row, piece, { parent, bits: 0 });
    const left = uplinks.depart(parent, at, { bytes: piece.slot.wireBytes, rank: 'then' });
    const arrival = this.#arrival(parent, row, { now: at, left, slot: piece.slot });
    const { sequence, substream } = piece;
    const lateAt = piece.cutAt + this.#lateAfter(row, row * trees.substreams + substream, parent);
    if (arrival > lateAt) this.#wheel.put(Math.max(now, lateAt), { row, piece: sequence, what: LOOK });
    if (arrival === Number.POSITIVE_INFINITY) return;
    books.sent(parent, piece.slot.linkBytes);
    const root = feeds.ranks[parent * trees.substreams + substream]! << ROOT_SHIFT;
    this.#wheel.put(arrival, { row, piece: sequence, what: FROM_SOURCE | root });
  }

  #catchUpFromOrigin(row: number, now: number, piece: CutPiece): void {
    const { crowd, books, origin, trees } = this.#parts;
    const { originBytes } = piece.slot;
    books.originSent(now, originBytes);
    const waits = origin.send(now, originBytes);
    const what = FROM_SOURCE | (crowd.ranks[row * trees.substreams + piece.substream]! << ROOT_SHIFT);
    this.#wheel.put(now + waits + crowd.originRttMs[row]!, { row, piece: piece.sequence, what });
  }

  /** When a piece that leaves at `left` is here: what the channel, chance and the lines add. */
  #arrival(
    row: number,
    child: number,
    way: { readonly now: number; readonly left: number; readonly slot: PieceSlot },
  ): number {
    const { crowd, dice } = this.#parts;
    const { slot, now } = way;
    const rtt = crowd.rttMs(row, child);
    const loss = crowd.ways.lossOf(row, child);
    const left = Math.max(way.left, now + slot.wireBytes / crowd.ways.channelBytesPerMs(rtt, loss));
    const jitter = this.#world.jitterMs === 0 ? 0 : dice.unit() * this.#world.jitterMs;
    const down = slot.wireBytes / crowd.downlinkBytesPerMs[child]!;
    const lost = loss === 0 ? 0 : this.#lossMs(slot.packets, rtt, loss);
    return lost > LIFETIME_MS ? Number.POSITIVE_INFINITY : left + rtt / 2 + jitter + down + lost;
  }

  #lossMs(packets: number, rttMs: number, loss: number): number {
    const { dice } = this.#parts;
    if (dice.unit() >= 1 - (1 - loss) ** packets) return 0;
    const wait = dice.unit() < LOSS_REVEALED ? REVEALED_RTTS * rttMs : LOSS_TIMEOUT_MS + rttMs;
    return dice.unit() < loss ? Number.POSITIVE_INFINITY : wait;
  }

  #lateAfter(row: number, feed: number, parent: number): number {
    const { feeds } = this.#parts;
    return Math.min(feeds.lateAfter(row, feed, parent), feeds.resortAfter(row));
  }

  #lookLater(row: number, piece: CutPiece, how: { readonly parent: number; readonly bits: number }): void {
    const { feeds, trees } = this.#parts;
    const feed = row * trees.substreams + piece.substream;
    const patient = (how.bits & EXCUSED) === 0 ? 0 : rules.PATIENT_MS;
    const after = Math.min(feeds.lateAfter(row, feed, how.parent) + patient, feeds.resortAfter(row));
    this.#wheel.put(piece.cutAt + after, { row, piece: piece.sequence, what: LOOK | how.bits });
  }

  /** A piece has not come in time: its children are told, and it is asked for. */
  #look(row: number, now: number, due: { readonly piece: CutPiece; readonly what: number }): void {
    const { crowd, held, trees, feeds, repairs } = this.#parts;
    const { piece, what } = due;
    if (crowd.state[row] !== UP || now >= crowd.leaveAt[row]! || held.since(row, piece) <= now) return;
    const feed = row * trees.substreams + piece.substream;
    const source = trees.sources[feed]!;
    const parent = (what & DECLINED) === 0 ? source : -1;
    const excused = (what & EXCUSED) !== 0;
    const asks = what >> ROOT_SHIFT;
    if (asks === 0) {
      if (source >= 0 && piece.cutAt >= feeds.since[feed]!) feeds.late(feed, excused);
      this.#tellMissing(row, feed, piece);
    }
    const attempt = repairs.attempt(row, now, { piece, parent, excused, asks });
    const { sequence } = piece;
    if (attempt.arrives < Number.POSITIVE_INFINITY)
      this.#wheel.put(attempt.arrives, { row, piece: sequence, what: REPAIRED });
    if (attempt.lookAgainAt < Number.POSITIVE_INFINITY) {
      const again = LOOK | (what & (EXCUSED | DECLINED)) | (attempt.asks << ROOT_SHIFT);
      this.#wheel.put(attempt.lookAgainAt, { row, piece: sequence, what: again });
    }
  }

  #tellMissing(row: number, feed: number, piece: CutPiece): void {
    const { trees } = this.#parts;
    for (let place = 0; place < trees.childCounts[feed]!; place++) {
      const child = trees.childAt(feed, place);
      if (trees.sources[child * trees.substreams + piece.substream] === row)
        this.#lookLater(child, piece, { parent: row, bits: EXCUSED });
    }
  }

  /** A candidate's piece: early enough ones prove it. */
  #tried(row: number, feed: number, { at, lag }: { readonly at: number; readonly lag: number }): void {
    const { feeds, trees } = this.#parts;
    const candidate = trees.trials[feed]!;
    if (candidate < 0 || feeds.promoteAt[feed] !== Number.POSITIVE_INFINITY) return;
    const covers = lag + feeds.patienceMs(row, candidate) <= this.#world.playoutMs;
    feeds.goods[feed] = covers ? feeds.goods[feed]! + 1 : 0;
    const isStranger = trees.sources[feed] === ORIGIN && !this.#parts.links.isProven(row, candidate);
    const needed = isStranger ? rules.GOOD_OF_STRANGER : rules.GOOD_ELSE;
    if (feeds.goods[feed]! >= needed) feeds.promoteAt[feed] = at;
  }

  /** The children of somebody who is not there to pass it on will miss it. */
  #abandon(row: number, piece: CutPiece): void {
    const { trees } = this.#parts;
    const feed = row * trees.substreams + piece.substream;
    for (let place = 0; place < trees.childCounts[feed]!; place++) {
      const child = trees.childAt(feed, place);
      if (trees.sources[child * trees.substreams + piece.substream] === row)
        this.#lookLater(child, piece, { parent: row, bits: 0 });
    }
  }
}
