// The bytes of one publisher as the source of its stream. The stream begins before the first byte is taken, so nothing
// is kept here.

import type { Source, SourceEvents } from '../sources/source.ts';

/** See above. */
export class PublishedBytes {
  readonly #refused: () => void;
  #events: SourceEvents | undefined;
  #state: 'waiting' | 'flowing' | 'over' = 'waiting';

  /** `refused` is called when the stream cannot use the bytes. */
  constructor(refused: () => void) {
    this.#refused = refused;
  }

  /** The stream takes the bytes from here on, once: nobody can begin in mid-stream. */
  start(events: SourceEvents): Source {
    if (this.#state !== 'waiting') {
      events.failed('source/ended', 'the publisher has gone');
      return { stop: () => undefined };
    }
    this.#state = 'flowing';
    this.#events = events;
    return { stop: () => this.#stop() };
  }

  push(chunk: Uint8Array): void {
    if (this.#events === undefined) this.#refused();
    else this.#events.bytes(chunk);
  }

  /** Nothing comes any more. */
  over(inGoodOrder: boolean): void {
    const events = this.#events;
    this.#state = 'over';
    this.#events = undefined;
    if (inGoodOrder) events?.ended();
    else events?.failed('source/outage', 'the publisher has gone');
  }

  #stop(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#events = undefined;
    this.#refused();
  }
}
