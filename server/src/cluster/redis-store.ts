// The shared store in Redis: the one file that knows the library. One connection asks, another listens. A command that
// cannot be done fails at once instead of waiting in a queue: whoever asks goes on without the store and is told when it
// is back.

import { Redis } from 'ioredis';
import { ShoalError } from '../../../src/errors.ts';
import type { Log } from '../log.ts';
import type { SharedStore, StoreState } from './shared-store.ts';

const ANSWER_MS = 2000;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 1000;

/** Sets a key that is free or holds this value already, and tells what it holds. */
const TAKE = `local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return held end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`;
const DROP = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

type Reply = readonly (readonly [error: Error | null, value: unknown])[] | null;

/** See above. */
export class RedisStore implements SharedStore {
  readonly #log: Log;
  readonly #asking: Redis;
  readonly #listening: Redis;
  readonly #watchers = new Set<(state: StoreState) => void>();
  readonly #heard = new Map<string, Set<(text: string) => void>>();
  #state: StoreState | 'closed' = 'lost';

  private constructor(url: string, log: Log) {
    this.#log = log;
    const options = {
      lazyConnect: true,
      connectTimeout: ANSWER_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times: number) => Math.min(RETRY_MAX_MS, RETRY_MIN_MS * times),
    };
    this.#asking = new Redis(url, { ...options, commandTimeout: ANSWER_MS });
    this.#listening = new Redis(url, { ...options, autoResubscribe: false });
    for (const line of [this.#asking, this.#listening]) {
      // What went wrong is said by the state; without a listener it would be printed.
      line.on('error', () => undefined);
      line.on('close', () => this.#turn('lost'));
      line.on('ready', () => void this.#recover());
    }
    this.#listening.on('message', (channel: string, text: string) => {
      for (const heard of [...(this.#heard.get(channel) ?? [])]) heard(text);
    });
  }

  /** A store at a Redis; it is `lost` at first where that does not answer soon. */
  static async open(url: string, log: Log): Promise<RedisStore> {
    const store = new RedisStore(url, log);
    await Promise.all([store.#asking.connect(), store.#listening.connect()]).then(
      () => store.#recover(),
      () => undefined,
    );
    return store;
  }

  get state(): StoreState {
    return this.#state === 'ready' ? 'ready' : 'lost';
  }

  watch(changed: (state: StoreState) => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  async take(key: string, value: string, lifeMs: number): Promise<string> {
    return String(await this.#do(() => this.#asking.eval(TAKE, 1, key, value, lifeMs)));
  }

  async write(key: string, value: string, lifeMs: number): Promise<void> {
    await this.#do(() => this.#asking.set(key, value, 'PX', lifeMs));
  }

  async read(key: string): Promise<string | undefined> {
    return (await this.#do(() => this.#asking.get(key))) ?? undefined;
  }

  async drop(key: string, value: string): Promise<boolean> {
    return Number(await this.#do(() => this.#asking.eval(DROP, 1, key, value))) === 1;
  }

  async putFields(key: string, fields: Readonly<Record<string, string>>, lifeMs: number): Promise<void> {
    await this.#all(() => this.#asking.pipeline().hset(key, fields).pexpire(key, lifeMs).exec());
  }

  async addToFields(key: string, amounts: Readonly<Record<string, number>>, lifeMs: number): Promise<void> {
    // As one transaction: numbers that were added in part would be added again.
    const adding = this.#asking.multi();
    for (const [name, amount] of Object.entries(amounts)) adding.hincrby(key, name, amount);
    await this.#all(() => adding.pexpire(key, lifeMs).exec());
  }

  async dropFields(key: string, fields: readonly string[]): Promise<void> {
    if (fields.length > 0) await this.#do(() => this.#asking.hdel(key, ...fields));
  }

  async readFields(key: string): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(await this.#do(() => this.#asking.hgetall(key))));
  }

  async prolong(keys: readonly string[], lifeMs: number): Promise<void> {
    if (keys.length === 0) return;
    const all = this.#asking.pipeline();
    for (const key of keys) all.pexpire(key, lifeMs);
    await this.#all(() => all.exec());
  }

  async keysFrom(prefix: string): Promise<readonly string[]> {
    const found = new Set<string>();
    const match = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
    for (let cursor = '0'; ; ) {
      const [next, names] = await this.#do(() => this.#asking.scan(cursor, 'MATCH', match, 'COUNT', 500));
      for (const name of names) found.add(name);
      if (next === '0') return [...found];
      cursor = next;
    }
  }

  publish(channel: string, text: string): Promise<number> {
    return this.#do(() => this.#asking.publish(channel, text));
  }

  async listen(channel: string, heard: (text: string) => void): Promise<() => void> {
    const listeners = this.#heard.get(channel) ?? new Set();
    this.#heard.set(channel, listeners.add(heard));
    // A channel that cannot be had now is subscribed to when the store is back.
    if (this.#state === 'ready' && listeners.size === 1) await this.#do(() => this.#listening.subscribe(channel));
    return () => this.#deafen(channel, heard);
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#watchers.clear();
    this.#asking.disconnect();
    this.#listening.disconnect();
  }

  #deafen(channel: string, heard: (text: string) => void): void {
    const listeners = this.#heard.get(channel);
    if (listeners?.delete(heard) !== true || listeners.size > 0) return;
    this.#heard.delete(channel);
    if (this.#state === 'ready') this.#do(() => this.#listening.unsubscribe(channel)).catch(() => undefined);
  }

  /** Both lines are up: takes the channels up again, then says so. */
  async #recover(): Promise<void> {
    const up = this.#asking.status === 'ready' && this.#listening.status === 'ready';
    if (!up || this.#state !== 'lost') return;
    const channels = [...this.#heard.keys()];
    try {
      if (channels.length > 0) await this.#listening.subscribe(...channels);
    } catch {
      return this.#listening.disconnect(true);
    }
    this.#turn('ready');
  }

  #turn(state: StoreState): void {
    if (this.#state === 'closed' || this.#state === state) return;
    this.#state = state;
    this.#log.write(state === 'ready' ? 'info' : 'warn', `store-${state}`);
    for (const changed of [...this.#watchers]) changed(state);
  }

  /** Every command of a pipeline. */
  async #all(ask: () => Promise<Reply>): Promise<void> {
    const failed = (await this.#do(ask))?.find(([error]) => error !== null)?.[0];
    if (failed !== undefined && failed !== null) throw lost(failed);
  }

  async #do<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      // One that is connected and does not answer is as good as gone.
      if (cause instanceof Error && cause.message === 'Command timed out' && this.#state === 'ready') {
        this.#turn('lost');
        this.#asking.disconnect(true);
      }
      throw lost(cause);
    }
  }
}

const lost = (cause: unknown): ShoalError =>
  new ShoalError('server/store-lost', { detail: cause instanceof Error ? cause.message : '', cause });
