// Runs a decider of this room: hands inputs in, carries its outputs out, keeps its one timer. What is handed in while an
// output is carried out waits its turn, since a decider is drained before it is asked again.

import type { Engine } from '../../../src/core/engine.ts';
import type { Clock, Timer } from '../clock.ts';

/** See above. */
export class EngineDriver<I, O> {
  readonly #engine: Engine<I, O>;
  readonly #clock: Clock;
  readonly #wake: I;
  readonly #carry: (output: O) => void;
  readonly #inputs: I[] = [];
  #timer: Timer | undefined;
  #state: 'idle' | 'running' | 'closed' = 'idle';

  /** `wake` is what the decider is told when its time has come. */
  constructor(engine: Engine<I, O>, parts: { clock: Clock; wake: I; carry: (output: O) => void }) {
    this.#engine = engine;
    this.#clock = parts.clock;
    this.#wake = parts.wake;
    this.#carry = parts.carry;
  }

  tell(input: I): void {
    if (this.#state === 'closed') return;
    this.#inputs.push(input);
    if (this.#state === 'running') return;
    this.#state = 'running';
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#handle(next);
    } finally {
      // Carrying something out may have closed us.
      if (!this.#isClosed()) this.#state = 'idle';
    }
    if (!this.#isClosed()) this.#arm();
  }

  close(): void {
    this.#state = 'closed';
    this.#timer?.cancel();
  }

  #handle(input: I): void {
    this.#engine.handle(this.#clock.now(), input);
    for (let output = this.#engine.poll(); output !== undefined; output = this.#engine.poll()) this.#carry(output);
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #arm(): void {
    this.#timer?.cancel();
    const dueMs = this.#engine.nextWakeup();
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.after(Math.max(0, dueMs - this.#clock.now()), () => this.tell(this.#wake));
  }
}
