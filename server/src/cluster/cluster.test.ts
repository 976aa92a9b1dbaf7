import { expect, onTestFinished, test } from 'vitest';
import type { ShoalServer } from '../index.ts';
import { PieceClient } from '../testing/piece-client.ts';
import { startRedis, withRedis } from '../testing/redis.ts';
import { startServer } from '../testing/servers.ts';
import { TrackerClient } from '../testing/tracker-client.ts';
import { startUpstream } from '../testing/upstream.ts';
import { LocalCluster } from './testing/members.ts';

const PATH = '/live/demo';

const watch = (server: ShoalServer, path = PATH): PieceClient => {
  const client = new PieceClient(`${server.url}${path}.pieces`);
  onTestFinished(() => client.socket.terminate());
  return client;
};

const epochsOf = (client: PieceClient): string[] => [
  ...new Set(
    client.inbox.all.flatMap((item) =>
      item.kind === 'head' ? [Buffer.from(item.sealed.head.epoch).toString('hex')] : [],
    ),
  ),
];

/** Servers that have a source of their own and one that has not. */
const trio = async (cluster: LocalCluster): Promise<[ShoalServer, ShoalServer, ShoalServer]> => [
  await cluster.start(),
  await cluster.start(),
  await cluster.start(),
];

test('one process cuts, the others pass its pieces on; all are one origin to viewers', async () => {
  const servers = await trio(new LocalCluster());
  const clients = servers.map((server) => watch(server));
  await Promise.all(clients.map((client) => client.piecesUntil(30)));
  const epochs = new Set(servers.map((server) => server.streams()[0]?.epoch));
  expect(epochs.size).toBe(1);
  expect(new Set(servers.map(({ originKey }) => originKey)).size).toBe(1);
  // The one that cuts has a viewer of its own and two relays.
  expect(servers.map((server) => server.streams()[0]?.viewers).toSorted()).toEqual([1, 1, 3]);
  expect(servers[0].others().length).toBe(2);
  const metrics = await Promise.all(servers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
  for (const text of metrics) expect(text).toMatch(/^shoal_cluster_store_ready 1$/m);
  expect(metrics.map((text) => /^shoal_cluster_streams_cut (\d)$/m.exec(text)?.[1]).toSorted()).toEqual([
    '0',
    '0',
    '1',
  ]);
});

test('viewers at different processes are introduced and reach each other', async () => {
  const cluster = new LocalCluster();
  const [a, b] = [await cluster.start(), await cluster.start()];
  const [first, second] = [new TrackerClient(a.url), new TrackerClient(b.url)];
  const one = await first.join();
  await expect
    .poll(async () => {
      const late = new TrackerClient(b.url);
      onTestFinished(() => late.socket.terminate());
      return (await late.join()).neighbours;
    })
    .toContain(one.viewer);
  const two = await second.join();
  expect(two.stream).toBe(one.stream);
  expect(two.tokenKeys).toEqual(one.tokenKeys);
  second.say({ kind: 'signal', to: one.viewer, dial: 7, data: 'offer' });
  expect(await first.answer('signal')).toMatchObject({ from: two.viewer, dial: 7, data: 'offer' });
});

test('the process that cuts hands over before it goes: its relays go on with the next epoch', async () => {
  const cluster = new LocalCluster();
  const [a, b] = [await cluster.start(), await cluster.start()];
  await watch(a).piecesUntil(10);
  const client = watch(b);
  await client.piecesUntil(30);
  const before = a.streams()[0]?.epoch;
  await a.close();
  // It has waited until the other one cuts.
  expect(b.streams()[0]?.epoch).not.toBe(before);
  expect(b.streams()[0]?.state).toBe('live');
  const had = client.pieces().length;
  await client.piecesUntil(had + 20);
  expect(epochsOf(client)).toEqual([before, b.streams()[0]?.epoch]);
  // Nobody was told of an outage: there was none.
  expect(client.inbox.all.filter((item) => item.kind === 'frame' && item.frame.kind === 'ended')).toEqual([]);
});

test('viewers of a process that goes are shown the next epoch before their connections end', async () => {
  const cluster = new LocalCluster();
  const [a, b] = [await cluster.start(), await cluster.start()];
  const client = watch(a);
  await client.piecesUntil(10);
  await watch(b).piecesUntil(10);
  const before = a.streams()[0]?.epoch;
  await a.close();
  await client.closed;
  expect(epochsOf(client)).toEqual([before, b.streams()[0]?.epoch]);
});

test('a stream that only the process that goes has is taken over by one that can cut it', async () => {
  const cluster = new LocalCluster();
  const [a, b] = [await cluster.start(), await cluster.start()];
  const client = watch(a);
  await client.piecesUntil(10);
  expect(b.streams()).toEqual([]);
  const before = a.streams()[0]?.epoch;
  await a.close();
  await client.closed;
  expect(b.streams()).toMatchObject([{ path: PATH, state: 'live' }]);
  expect(epochsOf(client)).toEqual([before, b.streams()[0]?.epoch]);
});

test('a process goes in time where nobody can take its streams over, or nobody watches them', async () => {
  const cluster = new LocalCluster();
  const [a, b] = [
    await cluster.start({ sources: { '/live/own': 'embedded' } }),
    await cluster.start({ sources: { '/live/other': 'embedded' } }),
  ];
  const client = watch(a, '/live/own');
  await client.piecesUntil(10);
  await a.close();
  await client.closed;
  expect(b.streams()).toEqual([]);
});

test('a third process follows the stream to whoever cuts it', async () => {
  const [a, b, c] = await trio(new LocalCluster());
  await watch(a).piecesUntil(10);
  const clients = [watch(b), watch(c)];
  await Promise.all(clients.map((client) => client.piecesUntil(20)));
  const before = a.streams()[0]?.epoch;
  await a.close();
  await expect.poll(() => [b, c].map((server) => server.streams()[0]?.epoch === before)).toEqual([false, false]);
  expect(b.streams()[0]?.epoch).toBe(c.streams()[0]?.epoch);
  await Promise.all(clients.map((client) => client.piecesUntil(client.pieces().length + 20)));
  for (const client of clients) expect(epochsOf(client)).toEqual([before, b.streams()[0]?.epoch]);
});

test('a stream that is published at one process is watched at all', async () => {
  const cluster = new LocalCluster();
  const upstream = await startUpstream();
  const [a, b] = [
    await cluster.start({ sources: { '/live/own': `${upstream.url}/x.flv` } }),
    await cluster.start({ sources: { '/live/other': 'embedded' } }),
  ];
  const nobody = watch(b, '/live/own');
  expect((await nobody.closed).code).toBe(4404);
  const first = watch(a, '/live/own');
  (await upstream.pulls.first(() => true)).sendUntil(5000);
  await first.piecesUntil(10);
  await watch(b, '/live/own').piecesUntil(10);
  expect(b.streams()).toMatchObject([{ path: '/live/own', epoch: a.streams()[0]?.epoch }]);
});

test('without the store streams go on; two who cut for themselves agree again when it is back', async () => {
  const cluster = new LocalCluster();
  const [a, b] = [await cluster.start(), await cluster.start()];
  const [one, two] = [watch(a), watch(b)];
  await Promise.all([one.piecesUntil(20), two.piecesUntil(20)]);
  const epoch = a.streams()[0]?.epoch;
  cluster.hub.turn('lost', 'gone');
  await Promise.all([one.piecesUntil(one.pieces().length + 40), two.piecesUntil(two.pieces().length + 40)]);
  expect([a, b].map((server) => server.streams()[0]?.epoch)).toEqual([epoch, epoch]);
  cluster.hub.turn('ready');
  await Promise.all([one.piecesUntil(one.pieces().length + 40), two.piecesUntil(two.pieces().length + 40)]);
  expect(epochsOf(two)).toEqual([epoch]);
});

test('two processes that could not see each other become one swarm with an epoch newer than both', async () => {
  const cluster = new LocalCluster();
  const [a, b] = [await cluster.start(), await cluster.start()];
  cluster.hub.turn('lost');
  const [one, two] = [watch(a), watch(b)];
  await Promise.all([one.piecesUntil(20), two.piecesUntil(20)]);
  const apart = [a, b].map((server) => server.streams()[0]?.epoch ?? '');
  expect(new Set(apart).size).toBe(2);
  cluster.hub.turn('ready');
  await expect.poll(() => a.streams()[0]?.epoch === b.streams()[0]?.epoch).toBe(true);
  const together = a.streams()[0]?.epoch ?? '';
  expect(together >= (apart.toSorted().at(-1) ?? '')).toBe(true);
  for (const client of [one, two]) {
    await client.piecesUntil(client.pieces().length + 20);
    const seen = epochsOf(client);
    expect(seen).toEqual(seen.toSorted());
    expect(seen.at(-1)).toBe(together);
  }
});

withRedis('a server with another seed is told so when it starts', async () => {
  const redis = await startRedis();
  const first = await startServer({ redis: redis.url });
  const second = await startServer({ redis: redis.url });
  expect(second.originKey).toBe(first.originKey);
  await expect(startServer({ redis: redis.url }, { signingSeed: new Uint8Array(32).fill(3) })).rejects.toMatchObject({
    code: 'server/bad-config',
  });
});

withRedis('a Redis that came back empty gets the seed from those that run; without one nobody can start', async () => {
  const redis = await startRedis();
  const first = await startServer({ redis: redis.url });
  await redis.kill();
  await expect(startServer({ redis: redis.url })).rejects.toMatchObject({ code: 'server/store-lost' });
  await redis.start();
  const second = await startServer({ redis: redis.url });
  expect(second.originKey).toBe(first.originKey);
});

withRedis('codes made at one server open streams at every other', async () => {
  const redis = await startRedis();
  const [a, b] = [
    await startServer({ redis: redis.url, publicCodes: true }),
    await startServer({ redis: redis.url, publicCodes: true }),
  ];
  const { code } = await (await fetch(`${a.url}/code`, { method: 'POST' })).json();
  const client = new PieceClient(`${b.url}${PATH}.pieces?code=${code}`);
  expect((await client.frame('key')).wrapped).toBe(true);
});
