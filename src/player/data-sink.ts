/**
 * A sink without a screen: hands the bytes of all runs on as one FLV, and stands in for the element that will show them.
 */
import type { SinkEvents, SinkOrder } from '../carrier/browser/media-sink.ts';
import { reportError } from './events.ts';
import type { FlvSplice } from './flv-splice.ts';
import { VirtualPlayhead } from './virtual-playhead.ts';
import type { SinkFace } from './world.ts';

/** Takes FLV: whole tags, in order. `begins` marks the first buffer of a new FLV, which opens with a file header. */
export type TakeFlv = (flv: ArrayBuffer, begins: boolean) => void;

/** What a data sink is made of. */
export interface DataSinkParts {
  readonly splice: FlvSplice;
  readonly take: TakeFlv;
  readonly now: () => number;
}

/** What of a sink's events bytes without a screen can bring about. */
export type DataSinkEvents = Pick<SinkEvents, 'playhead' | 'moving' | 'stalled' | 'resumed' | 'ended'>;

const REPORT_EVERY_MS = 250;

type State = 'starting' | 'flowing' | 'dry' | 'destroyed';

/** The sink of one playback. */
export class DataSink implements SinkFace {
  readonly #parts: DataSinkParts;
  readonly #events: DataSinkEvents;
  readonly #playhead: VirtualPlayhead;
  readonly #timer: ReturnType<typeof setInterval>;
  #state: State = 'starting';
  #reportedAt = 0;
  #driedAt = 0;

  constructor(parts: DataSinkParts, events: DataSinkEvents, playing: boolean) {
    this.#parts = parts;
    this.#events = events;
    this.#playhead = new VirtualPlayhead(playing);
    this.#timer = setInterval(() => this.#report(), REPORT_EVERY_MS);
  }

  order(order: SinkOrder): void {
    if (this.#state === 'destroyed') return;
    const now = this.#parts.now();
    switch (order.kind) {
      case 'run':
        this.#parts.splice.beginRun();
        this.#playhead.beginRun();
        return;
      case 'bytes':
        return this.#bytes(now, order.flv);
      case 'rate':
        return this.#playhead.setRate(now, order.rate);
      case 'seek':
        return this.#playhead.seek(now, order.dtsMs);
      case 'ended':
        return this.#events.ended();
    }
  }

  setPlaying(playing: boolean): void {
    this.#playhead.setPlaying(this.#parts.now(), playing);
    if (this.#state !== 'destroyed') this.#state = 'starting';
  }

  destroy(): void {
    this.#state = 'destroyed';
    clearInterval(this.#timer);
  }

  #bytes(now: number, flv: ArrayBuffer): void {
    const { splice, take } = this.#parts;
    const begins = splice.isFresh;
    const on = splice.push(flv);
    const { span } = splice;
    if (span !== undefined) {
      this.#playhead.extend(now, span);
      this.#flows(now);
    }
    // Who takes the bytes may end everything.
    if (on !== undefined) handOver(take, on, begins);
    if (now - this.#reportedAt >= REPORT_EVERY_MS) this.#report();
  }

  #flows(now: number): void {
    if (this.#state === 'flowing' || this.#state === 'destroyed') return;
    const before = this.#state;
    // One frame more is not yet enough to go on with.
    if (before === 'dry' && this.#playhead.look(now)?.stalled === true) return;
    this.#state = 'flowing';
    if (before === 'starting') this.#events.moving();
    else this.#events.resumed(now - this.#driedAt);
  }

  #report(): void {
    if (this.#state === 'destroyed') return;
    const now = this.#parts.now();
    this.#reportedAt = now;
    const playhead = this.#playhead.look(now);
    if (playhead === undefined) return;
    if (playhead.stalled && this.#state === 'flowing') {
      this.#state = 'dry';
      this.#driedAt = now - this.#playhead.dryMs(now);
      this.#events.stalled();
    }
    this.#events.playhead(playhead);
  }
}

/** A page's function that throws hurts the page, not the stream. */
export const handOver = (take: TakeFlv, flv: ArrayBuffer, begins: boolean): void => {
  try {
    take(flv, begins);
  } catch (error) {
    reportError(error);
  }
};
