// What the processes of a cluster share: keys and hashes that expire, and channels. The port holds the primitives that
// Redis has; whatever is decided with them is decided above it, once, for every store.

/** Whether the store can be reached. */
export type StoreState = 'ready' | 'lost';

/** The port; every implementation passes shared-store.contract.ts. A call that cannot be done rejects with `server/store-lost`. */
export interface SharedStore {
  readonly state: StoreState;
  /** Calls at each change of the state; returns how to stop. */
  watch(changed: (state: StoreState) => void): () => void;

  /** Sets a key that nobody holds, or prolongs it when it holds this value already; returns the value it holds then. */
  take(key: string, value: string, lifeMs: number): Promise<string>;
  /** Sets a key whoever holds it. */
  write(key: string, value: string, lifeMs: number): Promise<void>;
  read(key: string): Promise<string | undefined>;
  /** Deletes a key while it holds this value. */
  drop(key: string, value: string): Promise<boolean>;

  /** Sets fields of a hash; the whole hash lives on for so long. */
  putFields(key: string, fields: Readonly<Record<string, string>>, lifeMs: number): Promise<void>;
  /** Adds whole numbers to fields of a hash; what is absent counts as 0. */
  addToFields(key: string, amounts: Readonly<Record<string, number>>, lifeMs: number): Promise<void>;
  dropFields(key: string, fields: readonly string[]): Promise<void>;
  readFields(key: string): Promise<ReadonlyMap<string, string>>;
  /** Prolongs keys and hashes that are there. */
  prolong(keys: readonly string[], lifeMs: number): Promise<void>;
  /** Keys that begin with these characters; for rare questions only, since it looks at every key. */
  keysFrom(prefix: string): Promise<readonly string[]>;

  /** Says something on a channel; returns how many listeners it reached. */
  publish(channel: string, text: string): Promise<number>;
  /** Hears a channel, from before the promise resolves until the returned call. */
  listen(channel: string, heard: (text: string) => void): Promise<() => void>;

  close(): Promise<void>;
}
