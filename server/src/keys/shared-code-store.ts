// Codes in the store that all servers share, with the expiry kept there. What passed through this process is remembered
// here too, so that a shared store that is away stops no viewer who was here before; a code made meanwhile is handed
// over when the store is back.

import { asRecord, asText, asWhole, parseJson } from '../../../src/wire/json.ts';
import type { Clock } from '../clock.ts';
import { codeKey } from '../cluster/names.ts';
import type { SharedStore } from '../cluster/shared-store.ts';
import type { CodeStore } from './code-store.ts';

/** A code's key, and the wall time at which both are gone. */
interface Kept {
  readonly key: string;
  readonly untilMs: number;
}

const REMEMBERED_MAX = 20_000;
const KEY_CHARS_MAX = 256;

/** See above. */
export class SharedCodeStore implements CodeStore {
  readonly #store: SharedStore;
  readonly #clock: Clock;
  readonly #max: number;
  readonly #seen = new Map<string, Kept>();
  /** Codes the shared store has not got yet. */
  readonly #unsent = new Map<string, Kept>();

  constructor(store: SharedStore, clock: Clock, max = REMEMBERED_MAX) {
    this.#store = store;
    this.#clock = clock;
    this.#max = max;
    store.watch((state) => {
      if (state === 'ready') void this.#sendAll();
    });
  }

  async put(code: string, key: string, lifeMs: number): Promise<boolean> {
    const kept = { key, untilMs: this.#clock.wall() + lifeMs };
    if (await this.#send(code, kept)) return this.#remember(code, kept);
    if (this.#unsent.size >= this.#max) return false;
    this.#unsent.set(code, kept);
    return this.#remember(code, kept);
  }

  async get(code: string): Promise<string | undefined> {
    const kept = this.#unsent.get(code) ?? this.#seen.get(code) ?? (await this.#ask(code));
    if (kept === undefined) return undefined;
    if (kept.untilMs > this.#clock.wall()) return kept.key;
    this.#seen.delete(code);
    return undefined;
  }

  async #ask(code: string): Promise<Kept | undefined> {
    // A store that is away knows nothing, and who asks has to come back later.
    const text = await this.#store.read(codeKey(code)).catch(() => undefined);
    const kept = text === undefined ? undefined : readKept(text);
    if (kept !== undefined) this.#remember(code, kept);
    return kept;
  }

  #remember(code: string, kept: Kept): true {
    this.#seen.set(code, kept);
    const oldest = this.#seen.keys().next().value;
    if (this.#seen.size > this.#max && oldest !== undefined) this.#seen.delete(oldest);
    return true;
  }

  async #send(code: string, kept: Kept): Promise<boolean> {
    const lifeMs = Math.ceil(kept.untilMs - this.#clock.wall());
    if (lifeMs <= 0) return true;
    return this.#store.write(codeKey(code), JSON.stringify(kept), lifeMs).then(
      () => true,
      () => false,
    );
  }

  async #sendAll(): Promise<void> {
    for (const [code, kept] of [...this.#unsent]) {
      if (!(await this.#send(code, kept))) return;
      this.#unsent.delete(code);
    }
  }
}

const readKept = (text: string): Kept | undefined => {
  const fields = asRecord(parseJson(text));
  const key = asText(fields?.key, KEY_CHARS_MAX);
  const untilMs = asWhole(fields?.untilMs, 0, Number.MAX_SAFE_INTEGER);
  return key === undefined || untilMs === undefined ? undefined : { key, untilMs };
};
