// A shared store in this process: several servers of one process are a cluster, and tests turn its clock.

import { ShoalError } from '../../../src/errors.ts';
import type { Clock } from '../clock.ts';
import type { SharedStore, StoreState } from './shared-store.ts';

interface Entry<T> {
  readonly value: T;
  until: number;
}

/** What the stores of one process share. */
export class MemoryHub {
  readonly #clock: Clock;
  readonly #keys = new Map<string, Entry<string>>();
  readonly #hashes = new Map<string, Entry<Map<string, string>>>();
  readonly #channels = new Map<string, Set<(text: string) => void>>();
  readonly #watchers = new Set<(state: StoreState) => void>();
  state: StoreState = 'ready';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the hub away from all stores, or gives it back; what it held is gone unless it is kept. */
  turn(state: StoreState, held: 'kept' | 'gone' = 'kept'): void {
    if (held === 'gone') {
      this.#keys.clear();
      this.#hashes.clear();
    }
    this.state = state;
    for (const changed of [...this.#watchers]) changed(state);
  }

  watch(changed: (state: StoreState) => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  key(name: string): string | undefined {
    return alive(this.#keys, name, this.#clock.now());
  }

  setKey(name: string, value: string | undefined, lifeMs: number): void {
    if (value === undefined) this.#keys.delete(name);
    else this.#keys.set(name, { value, until: this.#clock.now() + lifeMs });
  }

  hash(name: string): Map<string, string> | undefined {
    return alive(this.#hashes, name, this.#clock.now());
  }

  /** The hash to write into, which lives on for so long. */
  hashFor(name: string, lifeMs: number): Map<string, string> {
    const value = this.hash(name) ?? new Map<string, string>();
    this.#hashes.set(name, { value, until: this.#clock.now() + lifeMs });
    return value;
  }

  prolong(name: string, lifeMs: number): void {
    const until = this.#clock.now() + lifeMs;
    for (const entries of [this.#keys, this.#hashes]) {
      const entry = entries.get(name);
      if (entry !== undefined && alive(entries as Map<string, Entry<unknown>>, name, this.#clock.now()) !== undefined)
        entry.until = until;
    }
  }

  names(): string[] {
    const named = [...this.#keys.keys()].filter((name) => this.key(name) !== undefined);
    return [...named, ...[...this.#hashes.keys()].filter((name) => this.hash(name) !== undefined)];
  }

  listeners(channel: string): Set<(text: string) => void> {
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners);
    return listeners;
  }
}

const alive = <T>(entries: Map<string, Entry<T>>, name: string, now: number): T | undefined => {
  const entry = entries.get(name);
  if (entry !== undefined && entry.until > now) return entry.value;
  entries.delete(name);
  return undefined;
};

/** One server's hold on a hub. */
export class MemoryStore implements SharedStore {
  readonly #hub: MemoryHub;
  readonly #undo = new Set<() => void>();
  #closed = false;

  constructor(hub: MemoryHub) {
    this.#hub = hub;
  }

  get state(): StoreState {
    return this.#closed ? 'lost' : this.#hub.state;
  }

  watch(changed: (state: StoreState) => void): () => void {
    return this.#until(this.#hub.watch(changed));
  }

  async take(key: string, value: string, lifeMs: number): Promise<string> {
    const hub = this.#reach();
    const held = hub.key(key) ?? value;
    if (held === value) hub.setKey(key, value, lifeMs);
    return held;
  }

  async write(key: string, value: string, lifeMs: number): Promise<void> {
    this.#reach().setKey(key, value, lifeMs);
  }

  async read(key: string): Promise<string | undefined> {
    return this.#reach().key(key);
  }

  async drop(key: string, value: string): Promise<boolean> {
    const hub = this.#reach();
    if (hub.key(key) !== value) return false;
    hub.setKey(key, undefined, 0);
    return true;
  }

  async putFields(key: string, fields: Readonly<Record<string, string>>, lifeMs: number): Promise<void> {
    const hash = this.#reach().hashFor(key, lifeMs);
    for (const [name, value] of Object.entries(fields)) hash.set(name, value);
  }

  async addToFields(key: string, amounts: Readonly<Record<string, number>>, lifeMs: number): Promise<void> {
    const hash = this.#reach().hashFor(key, lifeMs);
    for (const [name, amount] of Object.entries(amounts)) {
      hash.set(name, String(Number(hash.get(name) ?? 0) + amount));
    }
  }

  async dropFields(key: string, fields: readonly string[]): Promise<void> {
    const hash = this.#reach().hash(key);
    for (const name of fields) hash?.delete(name);
  }

  async readFields(key: string): Promise<ReadonlyMap<string, string>> {
    return new Map(this.#reach().hash(key) ?? []);
  }

  async prolong(keys: readonly string[], lifeMs: number): Promise<void> {
    for (const key of keys) this.#reach().prolong(key, lifeMs);
  }

  async keysFrom(prefix: string): Promise<readonly string[]> {
    return this.#reach()
      .names()
      .filter((name) => name.startsWith(prefix));
  }

  async publish(channel: string, text: string): Promise<number> {
    const listeners = [...this.#reach().listeners(channel)];
    for (const heard of listeners) heard(text);
    return listeners.length;
  }

  async listen(channel: string, heard: (text: string) => void): Promise<() => void> {
    // A listener outlives a store that is away for a while, as it does in Redis.
    const listeners = this.#hub.listeners(channel);
    const mine = (text: string): void => {
      if (this.state === 'ready') heard(text);
    };
    listeners.add(mine);
    return this.#until(() => listeners.delete(mine));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const undo of [...this.#undo]) undo();
  }

  #reach(): MemoryHub {
    if (this.state === 'lost') throw new ShoalError('server/store-lost', { detail: 'the hub is away' });
    return this.#hub;
  }

  #until(undo: () => void): () => void {
    const once = (): void => {
      this.#undo.delete(once);
      undo();
    };
    this.#undo.add(once);
    return once;
  }
}
