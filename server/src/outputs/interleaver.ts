// Pictures wait for sound that takes a way of its own, so that tags leave in the order of their times. They do not wait for
// ever: sound may pause.

import type { Clock, Timer } from '../clock.ts';
import { AUDIO_TAG, type Tag } from '../flv/tags.ts';

const WAIT_MS_MAX = 1000;
const WAITING_MAX = 2000;

/** See above. */
export class Interleaver {
  readonly #clock: Clock;
  readonly #pass: (tag: Tag) => void;
  #waiting: { readonly tag: Tag; readonly at: number }[] = [];
  #timer: Timer | undefined;
  #soundMs = -1;

  constructor(clock: Clock, pass: (tag: Tag) => void) {
    this.#clock = clock;
    this.#pass = pass;
  }

  /** A tag of the stream itself. */
  direct(tag: Tag): void {
    this.#waiting.push({ tag, at: this.#clock.now() });
    this.#release();
  }

  /** A tag of sound that has come its own way. */
  sound(tag: Tag): void {
    this.#soundMs = Math.max(this.#soundMs, tag.dtsMs);
    this.#release();
    this.#pass(tag.type === AUDIO_TAG ? tag : { ...tag, type: AUDIO_TAG });
  }

  close(): void {
    this.#timer?.cancel();
    this.#waiting = [];
  }

  #release(): void {
    const now = this.#clock.now();
    const kept = this.#waiting.findIndex(
      ({ tag, at }, place) =>
        tag.dtsMs > this.#soundMs && now - at < WAIT_MS_MAX && this.#waiting.length - place <= WAITING_MAX,
    );
    const due = kept < 0 ? this.#waiting : this.#waiting.slice(0, kept);
    this.#waiting = kept < 0 ? [] : this.#waiting.slice(kept);
    for (const { tag } of due) this.#pass(tag);
    this.#timer?.cancel();
    const [first] = this.#waiting;
    this.#timer =
      first === undefined ? undefined : this.#clock.after(first.at + WAIT_MS_MAX - now, () => this.#release());
  }
}
