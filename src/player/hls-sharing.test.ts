import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SegmentAnswer } from '../carrier/browser/segment-source.ts';
import type { HlsAsk } from '../carrier/hls-messages.ts';
import { Queue } from '../carrier/testing/queue.ts';
import type { HlsWorkerStart } from '../carrier/worker-control.ts';
import { ShoalError } from '../errors.ts';
import { HlsSharing } from './hls-sharing.ts';
import { parseOptions, type StreamOptions } from './options.ts';
import { FakeWorld } from './testing/fake-world.ts';

const KEY = 'A'.repeat(43);
let world: FakeWorld;
let sharing: HlsSharing;
let errors: string[];
let answers: (SegmentAnswer['kind'] | string)[];

beforeEach(() => {
  world = new FakeWorld();
  world.service = { version: 1, tracker: '/tracker', witness: '/witness', originKeys: [KEY], iceServers: [] };
  errors = [];
  answers = [];
});
afterEach(() => sharing.destroy());

const open = (options: Partial<StreamOptions> = {}): HlsSharing => {
  const parsed = parseOptions({ url: 'https://live.example/live/demo.m3u8?t=1', ...options }, world.baseUrl);
  const policy = { mode: 'on', uploadBytesPerSec: 1, neighbours: 2 } as const;
  sharing = new HlsSharing(
    world,
    { options: parsed, policy, credentials: 't=1', found: () => undefined },
    { notice: ({ kind }) => void errors.push(kind), error: ({ code }) => void errors.push(code) },
  );
  return sharing;
};

const load = (withinMs: number): (() => void) | undefined =>
  sharing.load({ address: 'https://live.example/s.m4s', range: undefined, withinMs }, (answer) =>
    answers.push(answer.kind),
  );

/** What a worker hears. */
const heardBy = (start: HlsWorkerStart): Queue<HlsAsk> => {
  const heard = new Queue<HlsAsk>();
  start.media.onmessage = (event: MessageEvent<HlsAsk>) => heard.put(event.data);
  return heard;
};

const started = async (): Promise<HlsWorkerStart> => (await world.viewerMade.take()).startedHls.take();

it('starts a viewer in the room of its playlist, with what the service says', async () => {
  open();
  const { options } = await started();
  expect(options).toMatchObject({
    room: '/hls/own/live/demo.m3u8',
    place: 'own',
    credentials: 't=1',
    witness: 'https://live.example/witness',
    policy: { mode: 'on' },
  });
  expect(options.keys).toHaveLength(1);
});

it('has a witness where the playlist is on another host than the service', async () => {
  open({ service: 'https://shoal.example/.well-known/shoal.json' });
  const { options } = await started();
  expect(options).toMatchObject({ room: '/hls/cdn/live.example/live/demo.m3u8', place: 'cdn' });
  expect(options.witness).toBe('https://shoal.example/witness');
});

it('lets what is needed soon be loaded plainly until there is a worker, and keeps the rest for it', async () => {
  open();
  expect(load(500)).toBeUndefined();
  expect(load(20_000)).toBeTypeOf('function');
  sharing.playlist('https://live.example/live/demo.m3u8', '#EXTM3U');
  const start = await started();
  const heard = heardBy(start);
  const kinds = [await heard.take(), await heard.take()].map(({ kind }) => kind);
  expect(kinds.toSorted()).toEqual(['load', 'playlist']);
  start.media.postMessage({ kind: 'loaded', id: 2, bytes: new ArrayBuffer(3), from: 'neighbours', underWayMs: 1 });
  await vi.waitFor(() => expect(answers).toEqual(['loaded']));
});

it('loads everything plainly where there is no service, and says so', async () => {
  world.service = undefined;
  open();
  expect(load(20_000)).toBeTypeOf('function');
  await vi.waitFor(() => expect(answers).toEqual(['plainly']));
  expect(load(20_000)).toBeUndefined();
  expect(errors).toEqual(['service/not-found']);
  expect(await sharing.explain()).toEqual([expect.stringMatching(/without sharing: No Shoal service/)]);
  expect(world.viewers).toEqual([]);
});

it('loads everything plainly where the worker cannot be started', async () => {
  world.viewerFailure = new ShoalError('core/abi-mismatch');
  open();
  await vi.waitFor(() => expect(errors).toEqual(['core/abi-mismatch']));
  expect(load(20_000)).toBeUndefined();
});

it('fails what was under way when its worker dies, and goes on with another', async () => {
  open();
  const viewer = await world.viewerMade.take();
  await viewer.startedHls.take();
  await vi.waitFor(() => expect(load(10)).toBeTypeOf('function'));
  viewer.worker.crash();
  expect(answers).toEqual(['failed']);
  expect(errors).toEqual(['worker/died']);
  const again = await started();
  expect(again.options.room).toBe('/hls/own/live/demo.m3u8');
});

it('tells its worker what is called off, and nothing after its end', async () => {
  open();
  const heard = heardBy(await started());
  let callOff: (() => void) | undefined;
  await vi.waitFor(() => {
    callOff = load(10);
    expect(callOff).toBeTypeOf('function');
  });
  expect(await heard.take()).toMatchObject({ kind: 'load' });
  callOff?.();
  expect(await heard.take()).toMatchObject({ kind: 'call-off' });
  sharing.destroy();
  expect(load(10)).toBeUndefined();
});
