import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { handOver } from './data-sink.ts';
import { createStreamIn, type DataStream, type DataStreamOptions } from './data-stream.ts';
import { FakeWorld } from './testing/fake-world.ts';
import { FILE_HEADER, readFlv, rowOf, tagOf } from './testing/flv-bytes.ts';

let world: FakeWorld;
let stream: DataStream | undefined;
let got: { readonly flv: readonly string[]; readonly begins: boolean }[];
let said: string[];

const URL = 'https://live.example/live/demo.flv';
const prelude = (): ArrayBuffer => rowOf(FILE_HEADER, tagOf('video-config', 0));

beforeEach(() => {
  world = new FakeWorld();
  world.support = { ...world.support, webrtc: true };
  got = [];
  said = [];
});
afterEach(() => stream?.destroy());

const create = (options: Partial<DataStreamOptions> = {}): DataStream => {
  const onData = (flv: ArrayBuffer, begins: boolean): void => void got.push({ flv: readFlv(flv), begins });
  stream = createStreamIn(world, { url: URL, onData, ...options });
  for (const name of ['state', 'started', 'ended', 'error', 'fellBack'] as const) {
    stream.on(name, (event) => void said.push('code' in event ? event.code : 'state' in event ? event.state : name));
  }
  return stream;
};

const viewerOf = async () => {
  const viewer = await world.viewerMade.take();
  await viewer.started.take();
  return viewer;
};

const soon = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 1 });

it('hands the bytes of all runs on as one FLV, and says when it starts', async () => {
  create();
  const viewer = await viewerOf();
  for (const atMs of [5000, 80]) {
    viewer.say({ kind: 'run' });
    viewer.say({ kind: 'bytes', flv: prelude() });
    viewer.say({ kind: 'bytes', flv: rowOf(tagOf('video', atMs)) });
  }
  viewer.say({ kind: 'ended' });
  await soon(() => expect(said).toContain('ended'));
  expect(got).toEqual([
    { flv: ['header', 'video-config 0'], begins: true },
    { flv: ['video 5000'], begins: false },
    { flv: ['video-config 5040'], begins: false },
    { flv: ['video 5040'], begins: false },
  ]);
  expect(said).toEqual(['playing', 'started', 'ended', 'ended']);
});

it('reports to the viewer where an element would stand', async () => {
  create();
  const viewer = await viewerOf();
  const heard = new Promise<unknown>((resolve) => {
    const start = viewer.start;
    if (start !== undefined) start.media.onmessage = (event: MessageEvent<unknown>) => resolve(event.data);
  });
  viewer.say({ kind: 'run' });
  viewer.say({ kind: 'bytes', flv: prelude() });
  viewer.say({ kind: 'bytes', flv: rowOf(tagOf('video', 5000), tagOf('video', 5400)) });
  expect(await heard).toEqual({
    playhead: { shownMs: 5000, bufferedMs: 5400, playing: true, stalled: false },
    runs: 1,
  });
});

it('begins a whole FLV anew for a reader that comes anew', async () => {
  const stream = create();
  const viewer = await viewerOf();
  viewer.say({ kind: 'run' });
  viewer.say({ kind: 'bytes', flv: prelude() });
  await soon(() => expect(got).toHaveLength(1));
  stream.restart();
  await soon(() => expect(viewer.told).toEqual(expect.arrayContaining(['pause', 'resume'])));
  viewer.say({ kind: 'bytes', flv: rowOf(tagOf('video', 40)) });
  viewer.say({ kind: 'run' });
  viewer.say({ kind: 'bytes', flv: prelude() });
  await soon(() => expect(got).toHaveLength(2));
  expect(got[1]).toEqual({ flv: ['header', 'video-config 0'], begins: true });
});

it('needs no MediaSource', async () => {
  world.support = { ...world.support, mediaSource: false };
  create();
  await viewerOf();
  expect(said).not.toContain('failed');
});

it('goes on although the page throws, and the page hears of it', () => {
  vi.useFakeTimers();
  const taken: boolean[] = [];
  const take = (_flv: ArrayBuffer, begins: boolean): void => {
    taken.push(begins);
    throw new TypeError('mine');
  };
  for (const begins of [true, false]) handOver(take, new ArrayBuffer(1), begins);
  expect(taken).toEqual([true, false]);
  expect(() => vi.runAllTimers()).toThrow('mine');
  vi.useRealTimers();
});

it.each([
  ['options', null],
  ['onData', { url: URL }],
  ['url', { url: 'https://live.example/live/demo.m3u8', onData: () => undefined }],
])('refuses bad options: %s', (detail, options) => {
  expect(() => createStreamIn(world, options as unknown as DataStreamOptions)).toThrow(detail);
});

it('reads the address as it is where there is no Shoal, and goes on after a break', async () => {
  world.service = undefined;
  let asked = 0;
  const response = (): Response => {
    asked += 1;
    const now = asked;
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start(controller) {
        controller.enqueue(new Uint8Array(rowOf(FILE_HEADER, tagOf('video-config', 0), tagOf('video', now * 1000))));
      },
      pull(controller) {
        if (now === 1) controller.error(new TypeError('cut'));
        else controller.close();
      },
    };
    return new Response(new ReadableStream(source, { highWaterMark: 0 }));
  };
  const { fetch } = world;
  Object.assign(world, {
    fetch: (input: string, init?: RequestInit) => (input === URL ? Promise.resolve(response()) : fetch(input, init)),
  });
  create();
  const viewer = await viewerOf();
  viewer.say({ kind: 'notice', notice: { kind: 'fault', code: 'origin/not-found', detail: '', count: 1 } });
  await soon(() => expect(said).toContain('ended'));
  expect(said.filter((one) => one === 'origin/unreachable')).toHaveLength(1);
  expect(got).toEqual([
    { flv: ['header', 'video-config 0', 'video 1000'], begins: true },
    { flv: ['video-config 1040', 'video 1040'], begins: false },
  ]);
});
