// Pages at one process and devices at another, over either store.

import { expect, test } from 'vitest';
import type { ShoalServer } from '../index.ts';
import { MeetingClient } from '../testing/meeting-client.ts';
import { startRedis, withRedis } from '../testing/redis.ts';
import { startServer } from '../testing/servers.ts';
import { LocalCluster } from './testing/members.ts';

const DOOR = new Uint8Array(32).fill(4);
const WINDOW = new Uint8Array(32).fill(5);

type Start = () => Promise<ShoalServer>;

const device = async (server: ShoalServer, seed = DOOR): Promise<MeetingClient> => {
  const client = new MeetingClient(server.url);
  await client.register(seed);
  return client;
};

/** A page that calls until the device is known where it is: what is registered is told a moment later. */
const meet = async (server: ShoalServer): Promise<{ page: MeetingClient; call: number }> => {
  let page = new MeetingClient(server.url);
  await expect
    .poll(async () => {
      page = new MeetingClient(server.url);
      await page.call(DOOR);
      return (await page.inbox.first(({ kind }) => kind === 'called' || kind === 'refused')).kind;
    })
    .toBe('called');
  return { page, call: (await page.answer('called')).call };
};

const devicesContract = (
  name: string,
  it: (name: string, body: () => Promise<void>) => void,
  open: () => Promise<Start>,
) => {
  it(`${name}: a page reaches a device of another process, and either may hang up`, async () => {
    const start = await open();
    const [a, b] = [await start(), await start()];
    const door = await device(a);
    const { page, call } = await meet(b);
    expect((await door.answer('called')).call).toBe(call);
    page.say({ kind: 'signal', call, data: 'offer' });
    expect(await door.answer('signal')).toMatchObject({ call, data: 'offer' });
    door.say({ kind: 'signal', call, data: 'answer' });
    expect(await page.answer('signal')).toMatchObject({ call, data: 'answer' });
    page.socket.close();
    expect(await door.answer('hung-up')).toMatchObject({ call });
  });

  it(`${name}: a device that comes to another process is found there, and leaves the one it was at`, async () => {
    const start = await open();
    const [a, b, c] = [await start(), await start(), await start()];
    const before = await device(a);
    await meet(c);
    await device(b);
    await before.closed;
    await meet(c);
  });

  it(`${name}: a name is not taken from a device by another key at another process`, async () => {
    const start = await open();
    const [a, b] = [await start(), await start()];
    const door = await device(a);
    await device(b, WINDOW);
    const { page, call } = await meet(b);
    expect((await door.answer('called')).call).toBe(call);
    expect(page.socket.readyState).toBe(page.socket.OPEN);
  });

  it(`${name}: a device whose process goes is nowhere, and its callers are told`, async () => {
    const start = await open();
    const [a, b] = [await start(), await start()];
    await device(a);
    const { page, call } = await meet(b);
    await a.close();
    expect(await page.answer('hung-up')).toMatchObject({ call });
    const late = new MeetingClient(b.url);
    await late.call(DOOR);
    expect(await late.answer('refused')).toMatchObject({ code: 'device/not-there' });
  });
};

devicesContract('memory', test, async () => {
  const cluster = new LocalCluster();
  return () => cluster.start();
});

devicesContract('redis', withRedis, async () => {
  const redis = await startRedis();
  return () => startServer({ redis: redis.url });
});

withRedis('a Redis that comes back empty is told of the devices anew', async () => {
  const redis = await startRedis();
  const [a, b] = [await startServer({ redis: redis.url }), await startServer({ redis: redis.url })];
  await device(a);
  await meet(b);
  await redis.kill();
  const alone = new MeetingClient(b.url);
  await alone.call(DOOR);
  expect(await alone.answer('refused')).toMatchObject({ code: 'device/not-there' });
  // Whoever is at the same process needs no store.
  await meet(a);
  await redis.start();
  await meet(b);
});
