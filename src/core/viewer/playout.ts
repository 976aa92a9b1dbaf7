/**
 * The playout point: which piece is played next, when each is needed, and how far behind the live edge the playhead
 * should be. Pieces go to the player in order as soon as they are there; a hole is waited for until its deadline and
 * then left behind at the next keyframe. The distance to live is steered by playback speed, and by a jump only when it
 * is far off.
 */
import type { Millis } from '../engine.ts';
import type { MissCause } from './counters.ts';
import { Distance, WISH_MARGIN_MS } from './distance.ts';
import type { PlayheadReport } from './io.ts';
import type { SwarmView } from './swarm-view.ts';

/** How playback needs pieces: as a media element shows them, or a fixed time after each cut (viewers without a screen). */
export type PlayoutMode =
  | { readonly kind: 'media'; readonly latencyMs: number }
  | { readonly kind: 'clock'; readonly delayMs: number };

/** A stalled picture waits this long for its hole before it jumps to a keyframe that is there. */
const HOLE_PATIENCE_MS = 400;
const SEEK_ABOVE_MS = 3_000;
const FAST_ABOVE_MS = 180;
const SLOW_BELOW_MS = 80;
const RATE_MAX = 1.1;
const RATE_MIN = 0.95;
/** Every change of speed makes the browser set up its sound anew, so there are few. */
const RATE_STEP = 0.025;
/** A buffer that gets thinner than this is a stall that nearly happened: the playhead moves back until it is this much. */
const THIN_MS = 150;
const COMFORT_MS = 300;
const SETTLED_MS = 3_000;
/** What is on its way when it is not known how long things take. */
const LAG_GUESS_MS = 200;
/** Pieces are not cut at even distances: a source is late when it is later than this. */
const ON_TIME_MS = 150;
/** Pieces are cut ten times a second at least. */
const SILENT_MS = 1_000;
/** A report older than this says nothing about the playhead. */
const PLAYHEAD_LIFE_MS = 3_000;

type State = 'idle' | 'awaiting-keyframe' | 'running' | 'ended';

export class Playout {
  readonly #view: SwarmView;
  readonly #mode: PlayoutMode;
  readonly #causeOf: (now: Millis, sequence: number) => MissCause;
  #state: State = 'idle';
  #paused = false;
  #cursor = 0;
  /** While a keyframe is awaited: earlier ones do not count. */
  #startFrom = 0;
  #playhead: PlayheadReport | undefined;
  #playheadAt: Millis = 0;
  /** When the first report of this run came. */
  #runSince: Millis = 0;
  #stalledSince: Millis | undefined;
  /** The piece that is next and missing, and since when there is one after it. */
  #hole: { readonly sequence: number; readonly since: Millis } | undefined;
  #rate = 1;
  readonly #distance: Distance;
  /** When the first piece of this epoch came: what was cut before was late before it was asked for. */
  #firstAt: Millis | undefined;
  /** Least difference between cut and FLV time seen: where live is on the media timeline. */
  #cutLessDts = Number.POSITIVE_INFINITY;
  #countedMiss = -1;

  constructor(view: SwarmView, mode: PlayoutMode, causeOf: (now: Millis, sequence: number) => MissCause) {
    this.#view = view;
    this.#mode = mode;
    this.#causeOf = causeOf;
    this.#distance = new Distance(mode.kind === 'clock' ? mode.delayMs : mode.latencyMs);
  }

  get state(): State {
    return this.#state;
  }

  /** The next sequence to play. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Nothing is played, or about to be played, that could need a piece. */
  isIdle(): boolean {
    return this.#paused || this.#state === 'idle' || this.#state === 'ended';
  }

  /** Distance the engine aims at, ms. */
  get targetMs(): number {
    return this.#mode.kind === 'clock' ? this.#mode.delayMs : this.#distance.targetMs;
  }

  /** Distance of the playhead from the live edge now, ms. */
  latencyMs(now: Millis): number {
    if (this.#mode.kind === 'clock') return this.#mode.delayMs;
    const shown = this.#shownMs(now);
    return shown === undefined ? 0 : this.#view.clock.wall(now) - this.#cutLessDts - shown;
  }

  /** Up to here the distance to live is the mesh's to use: what is beyond has been lost to something else. */
  get meshLatencyMaxMs(): number {
    return this.#mode.kind === 'clock' ? this.#mode.delayMs : this.#distance.targetMaxMs;
  }

  /** Playhead to newest buffered byte. */
  bufferAheadMs(): number | undefined {
    const head = this.#playhead;
    return head === undefined ? undefined : head.bufferedMs - head.shownMs;
  }

  /** The mesh would like the playhead to be at least this far behind. */
  wishLag(now: Millis, lagMs: number): void {
    this.#distance.wish(now, lagMs);
  }

  /** A fresh demuxer at the newest keyframe of another epoch. */
  enterEpoch(): void {
    this.#restart(0);
    this.#cutLessDts = Number.POSITIVE_INFINITY;
    this.#firstAt = undefined;
  }

  /** After a sleep: what was due meanwhile is past; on from the next keyframe that has not been played. */
  rejoin(): void {
    if (this.#state === 'running') this.#restart(this.#cursor);
  }

  #restart(from: number): void {
    this.#state = 'awaiting-keyframe';
    this.#startFrom = from;
    this.#cursor = from;
    this.#playhead = undefined;
    this.#stalledSince = undefined;
    this.#hole = undefined;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#state === 'running') this.#restart(0);
  }

  /** A piece is there: plays what is due in order. True when it shows a hole: its deadline may be near, or past. */
  stored(now: Millis, sequence: number): boolean {
    const { pieces, clock } = this.#view;
    const cut = pieces.cutOf(sequence);
    this.#cutLessDts = Math.min(this.#cutLessDts + 0.02, cut - pieces.dtsOf(sequence));
    this.#firstAt ??= now;
    const lag = clock.wall(now) - cut;
    if (this.#mode.kind === 'media' && clock.known && lag <= now - this.#firstAt) this.#distance.came(lag);
    this.advance();
    if (this.#state !== 'running' || pieces.newest <= this.#cursor || this.#hole?.sequence === this.#cursor)
      return false;
    this.#hole = { sequence: this.#cursor, since: now };
    return true;
  }

  /** Starts when a keyframe is there, then hands over every piece that is next. */
  advance(): void {
    if (this.#paused || this.#view.head === undefined) return;
    const { pieces, out } = this.#view;
    if (this.#state === 'awaiting-keyframe') {
      const start = pieces.newestKeyframe;
      if (start < this.#startFrom) return;
      this.#state = 'running';
      this.#cursor = start;
      this.#countedMiss = start - 1;
      this.#view.counters.runs++;
      out.put({ kind: 'run', head: this.#view.head });
    }
    if (this.#state !== 'running') return;
    while (pieces.has(this.#cursor)) {
      const sequence = this.#cursor++;
      out.put({ kind: 'play', sequence });
      if (!pieces.isLast(sequence)) continue;
      this.#state = 'ended';
      out.put({ kind: 'ended' });
      return;
    }
  }

  report(now: Millis, playhead: PlayheadReport): void {
    // What is still shown belongs to a run that is over, maybe on another scale of time.
    if (this.#state === 'awaiting-keyframe') return;
    if (this.#playhead === undefined) this.#runSince = now;
    this.#playhead = playhead;
    this.#playheadAt = now;
    if (playhead.stalled && this.#stalledSince === undefined) {
      this.#stalledSince = now;
      if (this.#state === 'running' && !this.#paused) this.#countStall(now);
    }
    if (!playhead.stalled) this.#stalledSince = undefined;
    if (this.#mode.kind !== 'media') return;
    if (this.#state === 'running' && playhead.playing && now - this.#runSince >= SETTLED_MS) this.#guard(now, playhead);
    this.#steer(now);
  }

  /** Whatever makes the buffer thin, be it the mesh or a machine that is busy, will do so again. A run that has just begun has none. */
  #guard(now: Millis, { bufferedMs, shownMs }: PlayheadReport): void {
    this.#distance.keepUsual(now);
    const aheadMs = bufferedMs - shownMs;
    if (aheadMs >= THIN_MS) return;
    const { pieces, clock } = this.#view;
    // A source that is silent makes every buffer thin.
    if (clock.wall(now) - pieces.cutOf(pieces.newest) > SILENT_MS) return;
    this.wishLag(now, Math.min(this.latencyMs(now), this.targetMs) + COMFORT_MS - aheadMs - WISH_MARGIN_MS);
  }

  /** How long the picture has been standing, ms. */
  stalledMs(now: Millis): number {
    return this.#stalledSince === undefined ? 0 : now - this.#stalledSince;
  }

  /** When the playhead needs a piece. */
  deadlineOf(now: Millis, sequence: number): Millis {
    if (this.#mode.kind === 'clock') {
      return this.#view.pieces.cutOf(sequence) + this.#mode.delayMs - this.#view.clock.wall(now) + now;
    }
    const shown = this.#shownMs(now);
    if (shown === undefined) return now + this.targetMs;
    // A picture that stands waits for the next piece: its time has come, however far off its timestamp seems.
    const from = this.#playhead?.stalled === true ? Math.max(shown, this.#view.pieces.dtsOf(this.#cursor)) : shown;
    return now + (this.#view.pieces.dtsOf(sequence) - from) / this.#rate;
  }

  /** Gives up holes whose time has come; returns when to look again. */
  tick(now: Millis): Millis {
    this.#distance.fade(now);
    if (this.isIdle() || this.#state !== 'running') return now + 500;
    const { pieces } = this.#view;
    if (pieces.newest < this.#cursor) return now + 200;
    const deadline = this.deadlineOf(now, this.#cursor);
    if (now < deadline) return Math.max(now + 10, deadline);
    if (this.#countedMiss < this.#cursor) this.#countMisses(now);
    if (this.#mode.kind === 'clock') {
      while (this.#cursor <= pieces.newest && !pieces.has(this.#cursor) && this.deadlineOf(now, this.#cursor) <= now)
        this.#cursor++;
      this.#view.out.put({ kind: 'skip' });
      this.advance();
      return now + 20;
    }
    const patience = this.#playhead?.stalled === true ? this.#holeMs(now) : now - deadline;
    if (patience >= HOLE_PATIENCE_MS) this.#skip(now);
    return now + 50;
  }

  /**
   * How long a standing picture has waited for a hole, ms. What stands because nothing came at all is patient anew when something
   * comes: after a break the pieces of some substreams are there before those of others.
   */
  #holeMs(now: Millis): number {
    const since = this.#hole?.sequence === this.#cursor ? this.#hole.since : now;
    return Math.min(this.stalledMs(now), now - since);
  }

  /** On to the next keyframe; far behind, to the newest: repairing what is old would take what the new needs. */
  #skip(now: Millis): void {
    const { pieces } = this.#view;
    const next = pieces.keyframeAfter(this.#cursor);
    if (next < 0) return;
    const isFarBehind = this.latencyMs(now) - this.targetMs > SEEK_ABOVE_MS;
    const keyframe = isFarBehind ? Math.max(next, pieces.newestKeyframe) : next;
    this.#cursor = keyframe;
    this.#countedMiss = keyframe - 1;
    this.#view.out.put({ kind: 'skip' });
    this.advance();
  }

  #countMisses(now: Millis): void {
    const { pieces, counters } = this.#view;
    const from = Math.max(this.#countedMiss + 1, this.#cursor);
    for (let sequence = from; sequence <= pieces.newest; sequence++) {
      if (this.deadlineOf(now, sequence) > now) break;
      this.#countedMiss = sequence;
      if (!pieces.has(sequence)) counters.missed[this.#causeOf(now, sequence)]++;
    }
  }

  #countStall(now: Millis): void {
    this.#view.counters.stalls++;
    const hole = this.#cursor <= this.#view.pieces.newest;
    if (hole && this.#causeOf(now, this.#cursor) !== 'origin-late') this.#view.counters.meshStalls++;
  }

  #shownMs(now: Millis): number | undefined {
    const head = this.#playhead;
    if (head === undefined || now - this.#playheadAt > PLAYHEAD_LIFE_MS) return undefined;
    if (!head.playing || head.stalled) return head.shownMs;
    return Math.min(head.bufferedMs, head.shownMs + (now - this.#playheadAt) * this.#rate);
  }

  #steer(now: Millis): void {
    const head = this.#playhead;
    if (head === undefined || !head.playing || this.#state !== 'running') return;
    const target = this.targetMs;
    const over = Math.min(this.latencyMs(now), this.#playableMs(head)) - target;
    if (over > SEEK_ABOVE_MS && head.bufferedMs - head.shownMs > SEEK_ABOVE_MS) {
      this.#view.out.put({ kind: 'seek', dtsMs: head.bufferedMs - target });
      return;
    }
    this.#setRate(this.#rateFor(over));
  }

  /**
   * What there is to play, ms, with what is usually on its way. Less than the distance to live when the source is late, or has lost
   * time it does not make up for: hurrying then would run the picture dry.
   */
  #playableMs({ shownMs, bufferedMs }: PlayheadReport): number {
    const { pieces, counters } = this.#view;
    const reached = Math.max(bufferedMs, pieces.newest < 0 ? 0 : pieces.dtsOf(pieces.newest));
    return reached - shownMs + (counters.lags.at(0.95) ?? LAG_GUESS_MS) + ON_TIME_MS;
  }

  #rateFor(over: number): number {
    const settling = this.#rate !== 1;
    if (over > (settling && this.#rate > 1 ? 20 : FAST_ABOVE_MS)) return Math.min(RATE_MAX, 1.02 + over / 10_000);
    if (over < -(settling && this.#rate < 1 ? 10 : SLOW_BELOW_MS)) return Math.max(RATE_MIN, 0.99 + over / 8_000);
    return 1;
  }

  #setRate(rate: number): void {
    const rounded = Number((Math.round(rate / RATE_STEP) * RATE_STEP).toFixed(3));
    if (rounded === this.#rate) return;
    this.#rate = rounded;
    this.#view.out.put({ kind: 'rate', rate: rounded });
  }
}
