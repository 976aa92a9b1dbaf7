import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSharedPlace } from './shared-stream.ts';
import { DeviceStage } from './testing/stage.ts';

const HOUR_MS = 3_600_000;
const PATH = '/live/door';
let stage: DeviceStage;
beforeEach(async () => {
  stage = await DeviceStage.open({ publish: 'open' });
});
afterEach(() => stage.close());

const sharing = (address: string) => {
  const { channel, place } = readSharedPlace(address) ?? {};
  if (channel === undefined || place === undefined) throw new Error(address);
  return { viewersMax: 1, shared: new Map([[channel, place]]) };
};

const pushAddress = (): string => `${stage.server.url.replace('http', 'ws')}/publish${PATH}`;

/** The first bytes of a stream as any player reads it. */
const firstBytes = async (address: string): Promise<Buffer> => {
  const until = new AbortController();
  const response = await fetch(address, { signal: until.signal });
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  for (let bytes = 0; bytes < 20_000; ) {
    const read = await reader?.read();
    if (read?.value === undefined) break;
    parts.push(read.value);
    bytes += read.value.length;
  }
  until.abort();
  return Buffer.concat(parts);
};

const isPublished = () => stage.server.streams().some(({ path }) => path === PATH);

test('viewers beyond its limit are shown the stream it pushes; those it serves stay; it stops after the last', async () => {
  const agent = await stage.device(sharing(pushAddress()));
  await agent.ready;
  const [one, two, three] = [1, 2, 3].map(() => stage.camera({ info: agent.issue(HOUR_MS) }));
  const direct = await one?.live();
  expect(direct?.sharedAt).toBeUndefined();
  const reader = direct?.body.getReader();
  await reader?.read();
  expect(isPublished(), 'nothing is pushed for those it serves itself').toBe(false);
  const moved = await two?.live();
  expect(moved?.sharedAt).toBe(`${stage.server.url}${PATH}.flv`);
  expect((await firstBytes(moved?.sharedAt ?? '')).subarray(0, 3).toString()).toBe('FLV');
  const again = await three?.live();
  expect(again?.sharedAt).toBe(moved?.sharedAt);
  expect((await reader?.read())?.done, 'who was served stays').toBe(false);
  moved?.stop();
  expect((await one?.live({ quality: 'standard' }))?.sharedAt, 'another quality is no other viewer').toBeUndefined();
  again?.stop();
  await expect.poll(() => agent.sharing).toBe('idle');
});

test('who asks whether there is room is told where the picture is shared, for as long as the call lasts', async () => {
  const agent = await stage.device(sharing(pushAddress()));
  await agent.ready;
  const [one, two] = [1, 2].map(() => stage.camera({ info: agent.issue(HOUR_MS) }));
  const ask = async () => JSON.parse((await two?.inner('get_device_st', { type: 'live' }))?.data ?? '');
  expect(await ask()).toMatchObject([{ status: 0 }]);
  const live = await one?.live();
  await live?.body.getReader().read();
  expect(await ask()).toEqual([{ status: 405, appConnectNum: 2, stream: `${stage.server.url}${PATH}.flv` }]);
  expect(agent.sharing).toBe('pushing');
  two?.close();
  await expect.poll(() => agent.sharing).toBe('idle');
});

test('an origin that does not take the stream leaves the device full, and says so', async () => {
  await stage.close();
  stage = await DeviceStage.open({ publish: 'off' });
  const agent = await stage.device(sharing(pushAddress()));
  await agent.ready;
  const [one, two] = [1, 2].map(() => stage.camera({ info: agent.issue(HOUR_MS) }));
  const live = await one?.live();
  await live?.body.getReader().read();
  await expect(two?.live()).rejects.toMatchObject({ code: 'device/busy' });
  expect(agent.sharing).toBe('idle');
});

test('a server that takes RTMP only gets the picture too', async () => {
  await stage.close();
  stage = await DeviceStage.open({ publish: 'open', rtmpPort: 0 });
  const watch = `${stage.server.url}${PATH}.flv`;
  const agent = await stage.device(sharing(`${stage.server.rtmpUrl}${PATH},${watch}`));
  await agent.ready;
  const [one, two] = [1, 2].map(() => stage.camera({ info: agent.issue(HOUR_MS) }));
  await (await one?.live())?.body.getReader().read();
  const moved = await two?.live();
  expect(moved?.sharedAt).toBe(watch);
  expect((await firstBytes(watch)).subarray(0, 3).toString()).toBe('FLV');
  moved?.stop();
  await expect.poll(() => agent.sharing).toBe('idle');
});

test('places to share at are read with care', () => {
  expect(readSharedPlace('wss://live.example/shoal/publish/live/door?key=a.b')).toEqual({
    channel: 0,
    place: {
      push: 'wss://live.example/shoal/publish/live/door?key=a.b',
      watch: 'https://live.example/shoal/live/door.flv',
    },
  });
  expect(readSharedPlace('3=ws://a/publish/x,https://cdn.example/x.flv')).toEqual({
    channel: 3,
    place: { push: 'ws://a/publish/x', watch: 'https://cdn.example/x.flv' },
  });
  expect(readSharedPlace('rtmp://a/live/x?key=k,https://a/live/x.flv')?.place.push).toBe('rtmp://a/live/x?key=k');
  for (const bad of ['', 'http://a/publish/x', 'rtmp://a/live/x', 'ws://a/live/x', 'ws://', 'x=ws://a/publish/x'])
    expect(readSharedPlace(bad), bad).toBeUndefined();
});
