// Those who watch a stream: told together, shown the newest epoch when they come, and missed for a while when the last
// of them has gone.

import type { Clock, Timer } from '../clock.ts';
import type { Epoch } from './epoch.ts';
import type { Subscriber } from './stream.ts';

/** See above. */
export class Audience {
  readonly #clock: Clock;
  readonly #lingerMs: number;
  readonly #idle: () => void;
  readonly #subscribers = new Set<Subscriber>();
  #state: 'open' | 'held' | 'closed' = 'open';
  #linger: Timer | undefined;
  #shown: Epoch | undefined;

  /** `idle` is called when nobody has watched for so long. */
  constructor(clock: Clock, lingerMs: number, idle: () => void) {
    this.#clock = clock;
    this.#lingerMs = lingerMs;
    this.#idle = idle;
    this.#leaveLater();
  }

  /** The epoch that viewers are shown. */
  get shown(): Epoch | undefined {
    return this.#shown;
  }

  /** Viewers from outside. */
  get viewers(): number {
    let count = 0;
    for (const { inside } of this.#subscribers) if (inside !== true) count++;
    return count;
  }

  add(subscriber: Subscriber): void {
    this.#linger?.cancel();
    this.#subscribers.add(subscriber);
    if (this.#shown !== undefined) subscriber.begin(this.#shown);
  }

  delete(subscriber: Subscriber): void {
    if (this.#subscribers.delete(subscriber)) this.#leaveLater();
  }

  /** Shows everybody another epoch. */
  begin(epoch: Epoch): void {
    this.#shown = epoch;
    this.tell((each) => each.begin(epoch));
  }

  /** Tells everybody something; whoever goes because of it harms nobody. */
  tell(say: (subscriber: Subscriber) => void): void {
    for (const subscriber of this.#subscribers) say(subscriber);
  }

  /** Refuses all who watch from outside. */
  sendAway(): void {
    for (const each of [...this.#subscribers]) if (each.inside !== true) each.refused('origin/not-found');
  }

  /** Is never idle. */
  hold(): void {
    this.#state = 'held';
    this.#linger?.cancel();
  }

  /** Is idle again when nobody watches. */
  release(): void {
    if (this.#state === 'held') this.#state = 'open';
    this.#leaveLater();
  }

  close(): void {
    this.#state = 'closed';
    this.#linger?.cancel();
    this.#subscribers.clear();
  }

  #leaveLater(): void {
    this.#linger?.cancel();
    if (this.#state !== 'open' || this.#subscribers.size > 0) return;
    this.#linger = this.#clock.after(this.#lingerMs, () => this.#idle());
  }
}
