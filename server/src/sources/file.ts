// A looping FLV file, paced in real time. After a stall of the process it catches up at once; after a long one (a
// suspended machine) it goes on where it was.

import { readFile } from 'node:fs/promises';
import type { Clock, Timer } from '../clock.ts';
import { FlvLoop } from './flv-loop.ts';
import type { Source, SourceEvents } from './source.ts';

const CATCH_UP_MS_MAX = 5000;

/** Starts playing a file. */
export const startFile = (path: string, clock: Clock, events: SourceEvents): Source => {
  const player = new FilePlayer(clock, events);
  readFile(path).then(
    (file) => player.start(new FlvLoop(file)),
    () => player.fail(),
  );
  return player;
};

class FilePlayer implements Source {
  readonly #clock: Clock;
  readonly #events: SourceEvents;
  #state: 'loading' | 'playing' | 'stopped' = 'loading';
  #startedAt = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, events: SourceEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  start(loop: FlvLoop): void {
    if (this.#state !== 'loading') return;
    if (!loop.playable) return this.fail();
    this.#state = 'playing';
    this.#startedAt = this.#clock.now();
    this.#events.bytes(loop.preamble);
    this.#play(loop);
  }

  fail(): void {
    if (this.#state !== 'loading') return;
    this.#state = 'stopped';
    this.#events.failed('source/bad-answer', 'the file cannot be read as FLV');
  }

  stop(): void {
    this.#state = 'stopped';
    this.#timer?.cancel();
  }

  #play(loop: FlvLoop): void {
    if (this.#state !== 'playing') return;
    const now = this.#clock.now();
    const behind = now - this.#startedAt - loop.nextMs;
    if (behind > CATCH_UP_MS_MAX) this.#startedAt += behind - CATCH_UP_MS_MAX;
    const due = loop.take(now - this.#startedAt);
    if (due.length > 0) this.#events.bytes(due);
    this.#timer = this.#clock.after(this.#startedAt + loop.nextMs - now, () => this.#play(loop));
  }
}
