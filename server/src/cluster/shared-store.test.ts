import { expect, onTestFinished, test } from 'vitest';
import { makeLog, silentSink } from '../log.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { startRedis, withRedis } from '../testing/redis.ts';
import { MemoryHub, MemoryStore } from './memory-store.ts';
import { RedisStore } from './redis-store.ts';
import { sharedStoreContract } from './shared-store.contract.ts';

const log = makeLog(silentSink(), false, () => 0);

sharedStoreContract('memory', test, async () => {
  const clock = new ManualClock();
  const hub = new MemoryHub(clock);
  return {
    open: async () => new MemoryStore(hub),
    pass: async (ms) => clock.advance(ms),
    turn: async (state) => hub.turn(state, 'gone'),
  };
});

sharedStoreContract('redis', withRedis, async () => {
  const redis = await startRedis();
  return {
    open: () => RedisStore.open(redis.url, log),
    // Redis has a clock of its own: what is left of each life is made shorter instead.
    pass: (ms) =>
      redis.ask(async (line) => {
        for (const key of await line.keys('*')) await line.pexpire(key, Math.max(0, (await line.pttl(key)) - ms));
      }),
    turn: (state) => (state === 'lost' ? redis.kill() : redis.start()),
  };
});

withRedis('a Redis that stands still with its connections open counts as lost, and heals', async () => {
  const redis = await startRedis();
  const store = await RedisStore.open(redis.url, log);
  onTestFinished(() => store.close());
  await store.write('k', 'v', 100_000);
  redis.freeze('SIGSTOP');
  await expect(store.read('k')).rejects.toMatchObject({ code: 'server/store-lost' });
  expect(store.state).toBe('lost');
  redis.freeze('SIGCONT');
  await expect.poll(() => store.state).toBe('ready');
  expect(await store.read('k')).toBe('v');
});

withRedis('a server may start before its Redis', async () => {
  const redis = await startRedis();
  await redis.kill();
  const store = await RedisStore.open(redis.url, log);
  onTestFinished(() => store.close());
  expect(store.state).toBe('lost');
  await redis.start();
  await expect.poll(() => store.state).toBe('ready');
});
