/**
 * A media element of virtual time: it starts when a little is buffered, moves on at the rate it is told, stands still
 * when the buffer is empty, and reports where it is four times a second, as the page does.
 */
import type { PlayheadReport } from '../src/core/viewer/io.ts';

/** Buffered before the first picture, and before a picture that stood moves again. */
const START_MS = 60;
const RESUME_MS = 120;
/** A gap between pictures longer than this is a stall. */
const STALL_MS = 250;

type State = 'empty' | 'playing' | 'waiting';

export class GhostScreen {
  #state: State = 'empty';
  #shownMs = 0;
  #bufferedMs = 0;
  #rate = 1;
  #at = 0;
  #waitingSince = 0;
  #counted = false;
  stalls = 0;
  /** Distance between what is shown and what was buffered last, ms, one sample per report. */
  readonly buffers: number[] = [];

  /** A fresh demuxer: what is buffered is gone. */
  restart(now: number): void {
    this.#move(now);
    if (this.#state === 'playing') this.#wait(now);
    this.#bufferedMs = this.#shownMs;
    if (this.#state !== 'empty') this.#state = 'waiting';
    this.#fresh = true;
  }

  #fresh = true;

  /** A piece with these media times went to the decoder. */
  feed(now: number, dtsMs: number, lengthMs: number): void {
    this.#move(now);
    if (this.#fresh) {
      this.#fresh = false;
      this.#shownMs = dtsMs;
    } else if (dtsMs > this.#bufferedMs + 500 && this.#state === 'waiting') {
      this.#shownMs = dtsMs;
    }
    this.#bufferedMs = Math.max(this.#bufferedMs, dtsMs + lengthMs);
    const ahead = this.#bufferedMs - this.#shownMs;
    if (ahead < (this.#state === 'empty' ? START_MS : RESUME_MS) || this.#state === 'playing') return;
    this.#state = 'playing';
    this.#counted = false;
  }

  setRate(now: number, rate: number): void {
    this.#move(now);
    this.#rate = rate;
  }

  seek(now: number, dtsMs: number): void {
    this.#move(now);
    this.#shownMs = Math.min(this.#bufferedMs, dtsMs);
  }

  report(now: number): PlayheadReport | undefined {
    this.#move(now);
    if (this.#state === 'empty') return undefined;
    const stalled = this.#state === 'waiting';
    if (stalled && !this.#counted && now - this.#waitingSince > STALL_MS) {
      this.#counted = true;
      this.stalls++;
    }
    this.buffers.push(this.#bufferedMs - this.#shownMs);
    return { shownMs: this.#shownMs, bufferedMs: this.#bufferedMs, playing: !stalled, stalled };
  }

  #move(now: number): void {
    const elapsed = now - this.#at;
    this.#at = now;
    if (this.#state !== 'playing') return;
    this.#shownMs += elapsed * this.#rate;
    if (this.#shownMs < this.#bufferedMs) return;
    const overrun = (this.#shownMs - this.#bufferedMs) / this.#rate;
    this.#shownMs = this.#bufferedMs;
    this.#wait(now - overrun);
  }

  #wait(since: number): void {
    this.#state = 'waiting';
    this.#waitingSince = since;
  }
}
