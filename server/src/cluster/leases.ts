// Who cuts which stream. The lease of a stream is a key in the store that runs out in a moment unless its holder keeps
// it; who holds what is told to all processes, so that each knows without asking which streams there are.

import { asRecord, asText, asWhole, parseJson } from '../../../src/wire/json.ts';
import { REQUEST_TARGET_MAX, STREAM_PATH_MAX } from '../../../src/wire/limits.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Log } from '../log.ts';
import { CUTTING, epochKey, leaseKey } from './names.ts';
import type { SharedStore } from './shared-store.ts';
import type { Holder } from './stream-role.ts';

/** What happens to the lease of a stream. */
export interface LeaseEvents {
  deposed(holder: Holder): void;
  freed(): void;
  moved(holder: Holder): void;
  /** Viewers elsewhere have seen an epoch that began then: ours has to be newer. */
  outdone(startMs: number): void;
  storeBack(): void;
  /** This process goes: `shown` is to be called when viewers here are shown what another one cuts. Tells the query. */
  leaving(shown: () => void): string;
}

/** A stream that another process is asked to take over. */
export interface Offer {
  readonly path: string;
  /** The query of the viewer that woke it, which its source may want. */
  readonly query: string;
}

/** An answer to a claim. */
export type Claim =
  | { readonly kind: 'ours'; readonly after: number }
  | { readonly kind: 'theirs'; readonly holder: Holder }
  | { readonly kind: 'nobodys' }
  | { readonly kind: 'unknown' };

/** What it works with. */
export interface LeasesParts {
  readonly store: SharedStore;
  readonly clock: Clock;
  /** This process. */
  readonly self: Holder;
  readonly log: Log;
  /** A process has been heard of. */
  heard(node: string): void;
  /** A process that goes asks this one to take over a stream that nobody else relays. */
  offered(offer: Offer): void;
}

const LIFE_MS = 1500;
const RENEW_MS = 400;
/** The list of streams lives as long as somebody keeps it. */
const LIST_LIFE_MS = 60_000;
const KEEP_MS = 20_000;
/** A new epoch has to begin after the last one, however long ago that was. */
const EPOCH_LIFE_MS = 7 * 86_400_000;
const URL_CHARS_MAX = 2000;

/** See above. */
export class Leases {
  readonly #parts: LeasesParts;
  readonly #self: string;
  readonly #held = new Set<string>();
  readonly #holders = new Map<string, Holder>();
  readonly #watchers = new Map<string, LeaseEvents>();
  /** Streams that are being given up since this process goes. */
  readonly #leaving = new Set<string>();
  #renewing: Timer | undefined;
  #keeping: Timer | undefined;
  #unwatch: () => void = () => undefined;

  constructor(parts: LeasesParts) {
    this.#parts = parts;
    this.#self = JSON.stringify(parts.self);
  }

  async start(): Promise<void> {
    const { store } = this.#parts;
    this.#unwatch = store.watch((state) => {
      if (state === 'ready') void this.#heal();
    });
    this.#keep();
    await store.listen(CUTTING, (text) => this.#hear(text)).catch(() => undefined);
    await this.#readAll();
  }

  /** The process that cuts a stream, as far as is known here; this one too. */
  holderOf(path: string): Holder | undefined {
    return this.#holders.get(path);
  }

  /** Streams whose leases are held here. */
  get held(): readonly string[] {
    return [...this.#held];
  }

  /** Hears of a stream's lease until the returned call. */
  watch(path: string, events: LeaseEvents): () => void {
    this.#watchers.set(path, events);
    return () => this.#watchers.delete(path);
  }

  /** Takes the lease if it is free and there is a source here; says who holds it. */
  async claim(path: string, cutsHere: boolean): Promise<Claim> {
    const { store } = this.#parts;
    try {
      const held = cutsHere ? await store.take(leaseKey(path), this.#self, LIFE_MS) : await store.read(leaseKey(path));
      if (held === this.#self) return await this.#won(path);
      const holder = held === undefined ? undefined : readHolder(parseJson(held));
      if (holder === undefined) return { kind: 'nobodys' };
      this.#held.delete(path);
      this.#holders.set(path, holder);
      return { kind: 'theirs', holder };
    } catch {
      return { kind: 'unknown' };
    }
  }

  /** Takes the lease whoever holds it. */
  async seize(path: string): Promise<Claim> {
    try {
      await this.#parts.store.write(leaseKey(path), this.#self, LIFE_MS);
      return await this.#won(path);
    } catch {
      return { kind: 'unknown' };
    }
  }

  /** An epoch of ours has begun. */
  began(path: string, startMs: number): void {
    const { store } = this.#parts;
    store.write(epochKey(path), String(startMs), EPOCH_LIFE_MS).catch(() => undefined);
    this.#say({ kind: 'cutting', path });
  }

  /** Viewers here have seen a newer epoch than the holder's. */
  outdo(path: string, holder: Holder, startMs: number): void {
    this.#say({ kind: 'outdone', path, to: holder.node, startMs });
  }

  /** Gives a lease up, so that a relay may take it. */
  async release(path: string): Promise<void> {
    if (!this.#held.delete(path)) return;
    this.#holders.delete(path);
    const { store } = this.#parts;
    await store.drop(leaseKey(path), this.#self).catch(() => false);
    await store.dropFields(CUTTING, [path]).catch(() => undefined);
    this.#say({ kind: 'freed', path });
  }

  /** A process is gone with all it cut. */
  forget(node: string): void {
    const gone = [...this.#holders].filter(([, holder]) => holder.node === node).map(([path]) => path);
    for (const path of gone) this.#holders.delete(path);
    this.#parts.store.dropFields(CUTTING, gone).catch(() => undefined);
  }

  /** Gives a lease up since this process goes; calls when viewers here are shown what another one cuts. */
  handOver(path: string, shown: () => void): Offer {
    this.#leaving.add(path);
    const query = this.#watchers.get(path)?.leaving(shown) ?? '';
    void this.release(path);
    return { path, query };
  }

  /** Asks a process to take over a stream that has been given up here. */
  offer(node: string, { path, query }: Offer): void {
    this.#say({ kind: 'offered', path, query, to: node });
  }

  close(): void {
    this.#unwatch();
    this.#leaving.clear();
    this.#renewing?.cancel();
    this.#keeping?.cancel();
    this.#watchers.clear();
  }

  async #won(path: string): Promise<Claim> {
    const { store, self } = this.#parts;
    const isNew = !this.#held.has(path);
    this.#held.add(path);
    this.#holders.set(path, self);
    this.#renewing ??= this.#renewLater();
    if (isNew) store.putFields(CUTTING, { [path]: this.#self }, LIST_LIFE_MS).catch(() => undefined);
    const after = Number(await store.read(epochKey(path)).catch(() => undefined));
    return { kind: 'ours', after: Number.isFinite(after) ? after : 0 };
  }

  #renewLater(): Timer {
    return this.#parts.clock.after(RENEW_MS, () => {
      this.#renewing = this.#held.size === 0 ? undefined : this.#renewLater();
      for (const path of this.#held) void this.#renew(path);
    });
  }

  /** A store that is away takes no lease from anybody. */
  async #renew(path: string): Promise<void> {
    const held = await this.#parts.store.take(leaseKey(path), this.#self, LIFE_MS).catch(() => this.#self);
    const holder = held === this.#self ? undefined : readHolder(parseJson(held));
    if (holder === undefined || !this.#held.delete(path)) return;
    this.#holders.set(path, holder);
    this.#watchers.get(path)?.deposed(holder);
  }

  #keep(): void {
    this.#keeping = this.#parts.clock.after(KEEP_MS, () => {
      this.#keep();
      this.#parts.store.prolong([CUTTING], LIST_LIFE_MS).catch(() => undefined);
    });
  }

  async #heal(): Promise<void> {
    const { store } = this.#parts;
    const held = Object.fromEntries([...this.#held].map((path) => [path, this.#self]));
    if (this.#held.size > 0) await store.putFields(CUTTING, held, LIST_LIFE_MS).catch(() => undefined);
    await this.#readAll();
    for (const events of [...this.#watchers.values()]) events.storeBack();
  }

  async #readAll(): Promise<void> {
    const fields = await this.#parts.store.readFields(CUTTING).catch(() => undefined);
    for (const [path, text] of fields ?? []) {
      const holder = readHolder(parseJson(text));
      if (holder !== undefined && !this.#held.has(path)) this.#learn(path, holder);
    }
  }

  #learn(path: string, holder: Holder): void {
    // It would relay from itself and never hear anything.
    if (holder.url === this.#parts.self.url)
      this.#parts.log.write('error', 'cluster-same-address', { url: holder.url });
    this.#holders.set(path, holder);
    this.#parts.heard(holder.node);
  }

  #say(said: Readonly<Record<string, string | number>>): void {
    const text = JSON.stringify({ ...said, holder: this.#parts.self });
    this.#parts.store.publish(CUTTING, text).catch(() => undefined);
  }

  /** What a process of a newer version says beyond this is left alone. */
  #hear(text: string): void {
    const fields = asRecord(parseJson(text));
    const path = asText(fields?.path, STREAM_PATH_MAX);
    const holder = readHolder(fields?.holder);
    const { node } = this.#parts.self;
    if (path === undefined || holder === undefined || holder.node === node) return;
    const events = this.#watchers.get(path);
    switch (fields?.kind) {
      case 'cutting':
        this.#learn(path, holder);
        if (this.#leaving.has(path)) events?.deposed(holder);
        else events?.moved(holder);
        return;
      case 'freed':
        if (this.#holders.get(path)?.node === holder.node) this.#holders.delete(path);
        events?.freed();
        return;
      case 'outdone': {
        const startMs = asWhole(fields.startMs, 0, 2 ** 48);
        if (fields.to === node && startMs !== undefined) events?.outdone(startMs);
        return;
      }
      case 'offered': {
        const query = asText(fields.query, REQUEST_TARGET_MAX);
        if (fields.to === node && query !== undefined) this.#parts.offered({ path, query });
      }
    }
  }
}

const readHolder = (value: unknown): Holder | undefined => {
  const fields = asRecord(value);
  const node = asText(fields?.node, 64);
  const url = asText(fields?.url, URL_CHARS_MAX);
  return node === undefined || url === undefined || !URL.canParse(url) ? undefined : { node, url };
};
