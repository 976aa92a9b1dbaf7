// Where accounts are kept. The port only adds, so that several processes may keep theirs in one place.

import { type AccountEntry, type AccountKey, type Amounts, sumOf, textOfKey } from './account-entry.ts';

/** Hours from and up to (not included), Unix ms. */
export interface HourRange {
  readonly from: number;
  readonly to: number;
}

/** The port; every implementation passes account-store.contract.ts. */
export interface AccountStore {
  /** Adds amounts: all of them, or none and the promise rejects. */
  add(entries: readonly AccountEntry[]): Promise<void>;
  /** Entries of some hours, in order of hour, app and stream. */
  read(range: HourRange): Promise<readonly AccountEntry[]>;
  close(): Promise<void>;
}

/** Keeps accounts in this process. */
export class MemoryAccountStore implements AccountStore {
  readonly #entries = new Map<string, { readonly key: AccountKey; amounts: Amounts }>();

  async add(entries: readonly AccountEntry[]): Promise<void> {
    for (const entry of entries) this.put(entry);
  }

  async read({ from, to }: HourRange): Promise<readonly AccountEntry[]> {
    return [...this.#entries.values()].filter(({ key }) => key.hour >= from && key.hour < to).sort(inOrder);
  }

  async close(): Promise<void> {
    this.#entries.clear();
  }

  /** Adds one. */
  put({ key, amounts }: AccountEntry): void {
    const name = textOfKey(key);
    const kept = this.#entries.get(name);
    if (kept === undefined) this.#entries.set(name, { key, amounts });
    else kept.amounts = sumOf(kept.amounts, amounts);
  }

  /** Lets go of hours that ended before a time. */
  forgetBefore(wallMs: number): void {
    for (const [name, { key }] of this.#entries) if (key.hour < wallMs) this.#entries.delete(name);
  }

  /** Everything. */
  all(): readonly AccountEntry[] {
    return [...this.#entries.values()];
  }
}

/** By hour, then app, then stream. */
export const inOrder = (a: AccountEntry, b: AccountEntry): number =>
  a.key.hour - b.key.hour || compare(a.key.app, b.key.app) || compare(a.key.stream, b.key.stream);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
