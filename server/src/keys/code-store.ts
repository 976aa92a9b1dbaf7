// Where codes and their keys are kept. The port is asynchronous so that a shared store can take the place of memory.

import type { Clock } from '../clock.ts';

/** The port; every implementation passes code-store.contract.ts. */
export interface CodeStore {
  /** Keeps a key under a code for a while; false when there is no room. */
  put(code: string, key: string, lifeMs: number): Promise<boolean>;
  /** The key of a code; undefined when it is unknown or has expired. */
  get(code: string): Promise<string | undefined>;
}

interface Entry {
  readonly key: string;
  readonly until: number;
}

const CODES_MAX = 100_000;

/** Keeps codes in this process. */
export class MemoryCodeStore implements CodeStore {
  readonly #clock: Clock;
  readonly #max: number;
  /** In order of arrival, and with one life for all in order of expiry. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, max = CODES_MAX) {
    this.#clock = clock;
    this.#max = max;
  }

  /** Codes kept now. */
  get size(): number {
    return this.#entries.size;
  }

  async put(code: string, key: string, lifeMs: number): Promise<boolean> {
    const now = this.#clock.now();
    this.#forgetExpired(now);
    if (this.#entries.size >= this.#max) return false;
    this.#entries.set(code, { key, until: now + lifeMs });
    return true;
  }

  async get(code: string): Promise<string | undefined> {
    const entry = this.#entries.get(code);
    return entry !== undefined && entry.until > this.#clock.now() ? entry.key : undefined;
  }

  #forgetExpired(now: number): void {
    for (const [code, entry] of this.#entries) {
      if (entry.until > now) return;
      this.#entries.delete(code);
    }
  }
}
