import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MemoryHub, MemoryStore } from '../cluster/memory-store.ts';
import { RedisStore } from '../cluster/redis-store.ts';
import { type LogFields, makeLog, silentSink } from '../log.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { startRedis, withRedis } from '../testing/redis.ts';
import { HOUR_MS } from './account-entry.ts';
import { accountStoreContract } from './account-store.contract.ts';
import { FileAccountStore } from './file-account-store.ts';
import { SharedAccountStore } from './shared-account-store.ts';

const hour = 450_000 * HOUR_MS;
const key = { app: 'shop', stream: '/live/a', hour };
const log = makeLog(silentSink(), false, () => 0);
const KEEP_MS = 1000 * HOUR_MS;

const place = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-accounts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'deep', 'accounts.jsonl');
};

accountStoreContract('file', test, async () => {
  const path = await place();
  return { open: () => FileAccountStore.open({ path, log, keepMs: KEEP_MS, wall: () => hour }) };
});

accountStoreContract('shared memory', test, async () => {
  const hub = new MemoryHub(new ManualClock());
  return { open: async () => new SharedAccountStore(new MemoryStore(hub), KEEP_MS) };
});

accountStoreContract('redis', withRedis, async () => {
  const redis = await startRedis();
  return {
    open: async () => {
      const store = await RedisStore.open(redis.url, log);
      onTestFinished(() => store.close());
      return new SharedAccountStore(store, KEEP_MS);
    },
  };
});

test('two processes add to one entry of the shared store', async () => {
  const hub = new MemoryHub(new ManualClock());
  const [one, other] = [1, 2].map(() => new SharedAccountStore(new MemoryStore(hub), KEEP_MS));
  await one?.add([{ key, amounts: { minute3: 2, originBytes: 10 } }]);
  await other?.add([{ key, amounts: { minute3: 5, originBytes: 1 } }]);
  expect(await one?.read({ from: hour, to: hour + 1 })).toEqual([{ key, amounts: { minute3: 7, originBytes: 11 } }]);
});

test('a line that a crash has cut, and one that somebody wrote into it, cost nothing but themselves', async () => {
  const path = await place();
  const events: [string, LogFields | undefined][] = [];
  const noting = {
    write: (_: string, event: string, fields?: LogFields) => void events.push([event, fields]),
    close: async () => undefined,
  };
  const open = () => FileAccountStore.open({ path, log: noting, keepMs: KEEP_MS, wall: () => hour });
  const first = await open();
  await first.add([{ key, amounts: { originBytes: 10 } }]);
  await first.close();
  const whole = await readFile(path, 'utf8');
  await appendFile(
    path,
    `{"app":"shop","stream":"/live/a","hour":${hour},"amounts":{"originBytes":-5}}\n${whole.slice(0, -8)}`,
  );
  const second = await open();
  expect(events).toEqual([['accounts-lines-lost', { lines: 2 }]]);
  await second.add([{ key, amounts: { originBytes: 1 } }]);
  expect(await second.read({ from: hour, to: hour + 1 })).toEqual([{ key, amounts: { originBytes: 11 } }]);
  await second.close();
  expect(await readFile(path, 'utf8')).not.toContain('-5');
});

test('the file stays small however often it is added to, and old hours leave it', async () => {
  const path = await place();
  const store = await FileAccountStore.open({ path, log, keepMs: HOUR_MS, wall: () => hour, bytesMax: 2000 });
  await store.add([{ key: { ...key, hour: hour - 2 * HOUR_MS }, amounts: { originBytes: 1 } }]);
  for (let n = 0; n < 200; n++) await store.add([{ key, amounts: { originBytes: 1 } }]);
  await store.close();
  expect((await stat(path)).size).toBeLessThan(4000);
  const again = await FileAccountStore.open({ path, log, keepMs: HOUR_MS, wall: () => hour });
  expect(await again.read({ from: 0, to: hour + 1 })).toEqual([{ key, amounts: { originBytes: 200 } }]);
  await again.close();
});

test('only its owner may read the file, and a place that cannot be written is an error of the configuration', async () => {
  const path = await place();
  const store = await FileAccountStore.open({ path, log, keepMs: KEEP_MS, wall: () => hour });
  await store.close();
  expect((await stat(path)).mode & 0o077).toBe(0);
  const blocked = await place();
  await writeFile(join(blocked, '..', '..', 'deep'), 'a file, not a folder');
  await expect(FileAccountStore.open({ path: blocked, log, keepMs: KEEP_MS, wall: () => hour })).rejects.toMatchObject({
    code: 'server/bad-config',
  });
});
