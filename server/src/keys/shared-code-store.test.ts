import { expect, onTestFinished, test } from 'vitest';
import { MemoryHub, MemoryStore } from '../cluster/memory-store.ts';
import { codeKey } from '../cluster/names.ts';
import { RedisStore } from '../cluster/redis-store.ts';
import { makeLog, silentSink } from '../log.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { startRedis, withRedis } from '../testing/redis.ts';
import { codeStoreContract } from './code-store.contract.ts';
import { SharedCodeStore } from './shared-code-store.ts';

const log = makeLog(silentSink(), false, () => 0);
const LIFE_MS = 86_400_000;

codeStoreContract('shared, in memory', async () => {
  const clock = new ManualClock();
  const store = new SharedCodeStore(new MemoryStore(new MemoryHub(clock)), clock);
  return { store, pass: async (ms) => clock.advance(ms) };
});

codeStoreContract(
  'shared, in Redis',
  async () => {
    const clock = new ManualClock();
    const redis = await startRedis();
    const shared = await RedisStore.open(redis.url, log);
    onTestFinished(() => shared.close());
    return {
      store: new SharedCodeStore(shared, clock),
      pass: async (ms) => {
        clock.advance(ms);
        await redis.ask(async (line) => {
          for (const key of await line.keys('*')) await line.pexpire(key, Math.max(0, (await line.pttl(key)) - ms));
        });
      },
    };
  },
  withRedis,
);

withRedis('a code made at one instance is known at every other, and Redis forgets it by itself', async () => {
  const clock = new ManualClock();
  const redis = await startRedis();
  const [a, b] = [await RedisStore.open(redis.url, log), await RedisStore.open(redis.url, log)];
  onTestFinished(() => a.close());
  onTestFinished(() => b.close());
  await new SharedCodeStore(a, clock).put('one', 'key', LIFE_MS);
  expect(await new SharedCodeStore(b, clock).get('one')).toBe('key');
  const left = await redis.ask((line) => line.pttl(codeKey('one')));
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(LIFE_MS);
});

test('without the store known codes stay known, new ones are handed over when it is back', async () => {
  const clock = new ManualClock();
  const hub = new MemoryHub(clock);
  const [a, b] = [new SharedCodeStore(new MemoryStore(hub), clock), new SharedCodeStore(new MemoryStore(hub), clock)];
  await a.put('before', 'k1', LIFE_MS);
  expect(await b.get('before')).toBe('k1');
  hub.turn('lost', 'gone');
  expect(await b.get('before')).toBe('k1');
  expect(await b.get('other')).toBeUndefined();
  expect(await a.put('meanwhile', 'k2', LIFE_MS)).toBe(true);
  expect(await a.get('meanwhile')).toBe('k2');
  clock.advance(1000);
  hub.turn('ready');
  await expect.poll(() => b.get('meanwhile')).toBe('k2');
  clock.advance(LIFE_MS - 1000);
  expect(await b.get('meanwhile')).toBeUndefined();
});

test('what is remembered here is bounded, and so is what waits for the store', async () => {
  const clock = new ManualClock();
  const hub = new MemoryHub(clock);
  const store = new SharedCodeStore(new MemoryStore(hub), clock, 2);
  for (const code of ['a', 'b', 'c']) expect(await store.put(code, code, LIFE_MS)).toBe(true);
  hub.turn('lost');
  expect(await store.get('a')).toBeUndefined();
  expect(await store.get('c')).toBe('c');
  expect(await store.put('d', 'd', LIFE_MS)).toBe(true);
  expect(await store.put('e', 'e', LIFE_MS)).toBe(true);
  expect(await store.put('f', 'f', LIFE_MS)).toBe(false);
});
