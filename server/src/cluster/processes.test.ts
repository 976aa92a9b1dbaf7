// Servers in processes of their own over a real Redis, and what happens when one of them is gone.

import { expect, onTestFinished } from 'vitest';
import { PieceClient } from '../testing/piece-client.ts';
import { startRedis, withRedis } from '../testing/redis.ts';
import type { RedisProcess } from '../testing/redis-process.ts';
import type { ServerProcess } from '../testing/server-process.ts';
import { TrackerClient } from '../testing/tracker-client.ts';
import { startProcess } from './testing/members.ts';

const PATH = '/live/demo';
const PATIENT = { interval: 200 };

const start = (redis: RedisProcess, port = 0): Promise<ServerProcess> =>
  startProcess(['--redis', redis.url, '--source', 'live/demo=embedded'], port);

const watch = (server: ServerProcess): PieceClient => {
  const client = new PieceClient(`${server.url}${PATH}.pieces`);
  onTestFinished(() => client.socket.terminate());
  return client;
};

const epochOf = async (client: PieceClient): Promise<string> => hexOf((await client.head()).sealed.head.epoch);
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A viewer of the tracker that leaves with the test. */
const join = async (
  server: ServerProcess,
): Promise<{ client: TrackerClient; name: string; met: readonly string[] }> => {
  const client = new TrackerClient(server.url);
  onTestFinished(() => client.socket.terminate());
  const { viewer, neighbours } = await client.join();
  return { client, name: viewer, met: neighbours };
};

const pair = async (): Promise<{ redis: RedisProcess; cutter: ServerProcess; relay: ServerProcess }> => {
  const redis = await startRedis();
  const cutter = await start(redis);
  await watch(cutter).piecesUntil(5);
  return { redis, cutter, relay: await start(redis) };
};

withRedis(
  'kill -9 of the process that cuts: another one goes on with a newer epoch, and viewers keep their connections',
  async () => {
    const { cutter, relay } = await pair();
    const client = watch(relay);
    await client.piecesUntil(80);
    const keyframes = client.pieces().filter(({ header }) => header.keyframe);
    const groupMs = (keyframes[1]?.header.dtsMs ?? Number.NaN) - (keyframes[0]?.header.dtsMs ?? 0);
    const before = await epochOf(client);
    await cutter.kill();
    await client.inbox.first(
      ({ kind, ...item }) => kind === 'head' && 'sealed' in item && hexOf(item.sealed.head.epoch) > before,
    );
    await client.piecesUntil(client.pieces().length + 30);
    // By the stamps of whoever cut them: the last piece before, and the first after.
    const cuts = client.pieces().map(({ header }) => header.cutMs);
    const gaps = cuts.slice(1).map((cut, at) => cut - (cuts[at] ?? cut));
    const gap = Math.max(...gaps);
    process.stdout.write(`gap of the pieces after kill -9: ${gap} ms, with groups of ${groupMs} ms\n`);
    expect(gap).toBeLessThanOrEqual(groupMs + 2000);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  },
);

withRedis(
  'kill -9 of a relay and tracker: the others know within ten seconds, and its viewers register elsewhere at once',
  async () => {
    const { cutter, relay } = await pair();
    const watcher = watch(cutter);
    const before = await epochOf(watcher);
    const here = await join(cutter);
    const there = await join(relay);
    await expect.poll(async () => (await join(cutter)).met, PATIENT).toContain(there.name);
    await relay.kill();
    await there.client.closed;
    const again = await join(cutter);
    expect(again.met).toContain(here.name);
    await expect.poll(async () => (await join(cutter)).met.includes(there.name), PATIENT).toBe(false);
    const had = watcher.pieces().length;
    await watcher.piecesUntil(had + 20);
    expect(await epochOf(watcher)).toBe(before);
    expect(watcher.inbox.all.filter(({ kind }) => kind === 'head').length).toBe(1);
  },
);

withRedis(
  'Redis is killed and comes back empty: pieces flow all the while, and viewers of both processes meet again',
  async () => {
    const { redis, cutter, relay } = await pair();
    const client = watch(relay);
    await client.piecesUntil(10);
    const one = await join(cutter);
    await redis.kill();
    const meanwhile = await join(relay);
    await client.piecesUntil(client.pieces().length + 60);
    await redis.start();
    await expect.poll(async () => (await join(relay)).met, PATIENT).toContain(one.name);
    await expect.poll(async () => (await join(cutter)).met, PATIENT).toContain(meanwhile.name);
    meanwhile.client.say({ kind: 'signal', to: one.name, dial: 3, data: 'hello' });
    expect(await one.client.answer('signal')).toMatchObject({ from: meanwhile.name });
    await client.piecesUntil(client.pieces().length + 20);
    expect(client.inbox.all.filter(({ kind }) => kind === 'head').length).toBe(1);
  },
);

withRedis(
  'a rolling restart: each process in turn goes and comes back, and a viewer that follows misses nothing',
  async () => {
    const { redis, cutter, relay } = await pair();
    const first = watch(relay);
    await first.piecesUntil(20);
    const before = await epochOf(first);
    await cutter.stop();
    // The one that stays cut on before the other went: there was no outage to tell of.
    await first.inbox.first(
      ({ kind, ...item }) => kind === 'head' && 'sealed' in item && hexOf(item.sealed.head.epoch) > before,
    );
    expect(first.inbox.all.filter((item) => item.kind === 'frame' && item.frame.kind === 'ended')).toEqual([]);
    const back = await start(redis, cutter.port);
    const second = watch(back);
    await second.piecesUntil(20);
    await relay.stop();
    await second.piecesUntil(second.pieces().length + 40);
    expect(second.inbox.all.filter((item) => item.kind === 'frame' && item.frame.kind === 'ended')).toEqual([]);
    await watch(await start(redis, relay.port)).piecesUntil(10);
  },
);
