/**
 * A playhead without a screen: it stands where a media element would stand that shows the bytes in real time. The engine
 * steers it, plans its repairs by it and holes are left at keyframes, all as with a real one.
 */
import type { Playhead } from '../carrier/worker-control.ts';

/** After running dry it goes on with this much ahead: two frames, as an element does. */
const ENOUGH_MS = 80;

type State = 'empty' | 'moving' | 'dry';

/** Where a viewer of the bytes stands. All times on one clock that the caller reads. */
export class VirtualPlayhead {
  #state: State = 'empty';
  #playing: boolean;
  #rate = 1;
  #shownMs = 0;
  #bufferedMs = 0;
  #at = 0;
  #dryAt = 0;

  constructor(playing: boolean) {
    this.#playing = playing;
  }

  /** A new run begins: nothing of it is there yet. */
  beginRun(): void {
    this.#state = 'empty';
  }

  /** The run now reaches from one timestamp to another. */
  extend(now: number, span: { readonly firstMs: number; readonly newestMs: number }): void {
    if (this.#state === 'empty') {
      this.#state = 'moving';
      this.#shownMs = span.firstMs;
      this.#bufferedMs = span.newestMs;
      this.#at = now;
      return;
    }
    this.#advance(now);
    this.#bufferedMs = Math.max(this.#bufferedMs, span.newestMs);
    if (this.#state === 'dry' && this.#bufferedMs - this.#shownMs >= ENOUGH_MS) this.#state = 'moving';
  }

  setPlaying(now: number, playing: boolean): void {
    this.#advance(now);
    this.#playing = playing;
  }

  setRate(now: number, rate: number): void {
    this.#advance(now);
    this.#rate = rate;
  }

  seek(now: number, dtsMs: number): void {
    this.#advance(now);
    this.#shownMs = Math.min(this.#bufferedMs, Math.max(this.#shownMs, dtsMs));
  }

  /** Where it stands; undefined before the first sample of a run. */
  look(now: number): Playhead | undefined {
    if (this.#state === 'empty') return undefined;
    this.#advance(now);
    return {
      shownMs: this.#shownMs,
      bufferedMs: this.#bufferedMs,
      playing: this.#playing,
      stalled: this.#state === 'dry',
    };
  }

  /** How long it has been waiting for bytes. */
  dryMs(now: number): number {
    return this.#state === 'dry' ? now - this.#dryAt : 0;
  }

  #advance(now: number): void {
    const passedMs = now - this.#at;
    this.#at = now;
    if (this.#state !== 'moving' || !this.#playing || passedMs <= 0) return;
    this.#shownMs += passedMs * this.#rate;
    if (this.#shownMs < this.#bufferedMs) return;
    this.#state = 'dry';
    this.#dryAt = now - (this.#shownMs - this.#bufferedMs) / this.#rate;
    this.#shownMs = this.#bufferedMs;
  }
}
