// Accounts in the store that processes share: a hash for each entry, to which all of them add.

import { accountKey, accountKeysFrom } from '../cluster/names.ts';
import type { SharedStore } from '../cluster/shared-store.ts';
import { type AccountEntry, HOUR_MS, isAmount } from './account-entry.ts';
import { type AccountStore, type HourRange, inOrder } from './account-store.ts';

const HOURS_AT_ONCE_MAX = 24 * 62;

/** See above. */
export class SharedAccountStore implements AccountStore {
  readonly #store: SharedStore;
  readonly #keepMs: number;

  /** @param keepMs how long an hour is kept. */
  constructor(store: SharedStore, keepMs: number) {
    this.#store = store;
    this.#keepMs = keepMs;
  }

  async add(entries: readonly AccountEntry[]): Promise<void> {
    for (const { key, amounts } of entries) {
      await this.#store.addToFields(
        accountKey(key.hour, key.app, key.stream),
        { ...amounts } as Record<string, number>,
        this.#keepMs,
      );
    }
  }

  async read({ from, to }: HourRange): Promise<readonly AccountEntry[]> {
    const entries: AccountEntry[] = [];
    const prefix = accountKeysFrom();
    for (const name of await this.#store.keysFrom(prefix)) {
      const [hourText = '', app = '', stream = ''] = name.slice(prefix.length).split(' ');
      const hour = Number(hourText);
      if (!(hour >= from && hour < to && to - from <= HOURS_AT_ONCE_MAX * HOUR_MS)) continue;
      const fields = [...(await this.#store.readFields(name))].filter(([field]) => isAmount(field));
      entries.push({
        key: { hour, app, stream },
        amounts: Object.fromEntries(fields.map(([field, text]) => [field, Number(text)])),
      });
    }
    return entries.sort(inOrder);
  }

  async close(): Promise<void> {
    // The store belongs to whoever opened it.
  }
}
