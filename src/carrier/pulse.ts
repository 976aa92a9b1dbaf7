/**
 * Signs of life of one call, given and missed. Silence is counted in beats of our own and not in time: a page or a
 * process that was held up itself has not heard anything either, and must not take the other side for gone.
 */
import { CALL_BEAT_MS, CALL_SILENT_BEATS } from '../wire/limits.ts';

/** Calls back again and again; returns how to stop that. */
export type Every = (ms: number, call: () => void) => () => void;

/** What a pulse does. */
export interface PulseEvents {
  /** It is time to give a sign of life. */
  beat(): void;
  /** The other side has given none for too long; the last thing that is said. */
  silent(): void;
}

/** See above. */
export class Pulse {
  readonly #events: PulseEvents;
  readonly #every: Every;
  #missed = 0;
  #stop: (() => void) | undefined;

  constructor(events: PulseEvents, every: Every = byInterval) {
    this.#events = events;
    this.#every = every;
  }

  start(): void {
    this.#stop ??= this.#every(CALL_BEAT_MS, () => this.#tick());
  }

  /** Something has come from the other side. */
  heard(): void {
    this.#missed = 0;
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #tick(): void {
    this.#missed += 1;
    if (this.#missed <= CALL_SILENT_BEATS) return this.#events.beat();
    this.stop();
    this.#events.silent();
  }
}

const byInterval: Every = (ms, call) => {
  const timer = setInterval(call, ms);
  return () => clearInterval(timer);
};
