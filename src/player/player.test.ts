import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ShoalError } from '../errors.ts';
import { createPlayerIn } from './create-player.ts';
import type { Player } from './face.ts';
import type { PlayerOptions } from './options.ts';
import { FakeWorld } from './testing/fake-world.ts';

let world: FakeWorld;
let players: Player[];
let said: string[];

beforeEach(() => {
  world = new FakeWorld();
  players = [];
  said = [];
});
afterEach(() => {
  for (const player of players) player.destroy();
});

const create = (options: Partial<PlayerOptions> = {}): Player => {
  const video = world.video as unknown as HTMLVideoElement;
  const player = createPlayerIn(world, { url: 'https://live.example/live/demo.flv?t=1', video, ...options });
  players.push(player);
  player.on('state', ({ state }) => void said.push(state));
  player.on('started', ({ mode }) => void said.push(`started ${mode}`));
  // This world has no WebRTC, which every player of it says.
  player.on('error', ({ code }) => void (code !== 'support/no-webrtc' && said.push(code)));
  player.on('fellBack', ({ to, reason }) => void said.push(`fellBack ${to} ${reason}`));
  player.on('epoch', ({ epoch }) => void said.push(`epoch ${epoch}`));
  player.on('resumed', ({ stalledMs }) => void said.push(`resumed ${stalledMs}`));
  player.on('ended', () => void said.push('ended event'));
  return player;
};

/** A player whose viewer runs, with both. */
const running = async (options: Partial<PlayerOptions> = {}) => {
  const player = create(options);
  const viewer = await world.viewerMade.take();
  const start = await viewer.started.take();
  const [sink] = world.sinks;
  if (sink === undefined) throw new TypeError('no sink');
  return { player, viewer, start, sink };
};

const soon = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 1 });

it('starts a viewer of the stream at once and tells it the tracker as soon as the service is found', async () => {
  const { start, viewer } = await running();
  expect(start.place).toEqual({ origin: 'https://live.example', path: '/live/demo' });
  expect(start.options).toMatchObject({ path: '/live/demo', credentials: 't=1', latencyMs: 600, originKeys: [] });
  expect(world.fetched).toEqual(['https://live.example/.well-known/shoal.json']);
  await soon(() => expect(viewer.told).toContain('tracker wss://live.example/tracker'));
});

it('says when the picture moves, stalls and goes on', async () => {
  const { player, sink } = await running();
  world.clock = 120;
  sink.events.moving();
  sink.events.stalled();
  sink.events.resumed(340);
  expect(said).toEqual(['playing', 'started shared', 'stalled', 'playing', 'resumed 340']);
  expect(await player.stats()).toMatchObject({ state: 'playing', startupMs: 120, stalls: 1, stalledMs: 340 });
});

it('passes media orders to the sink and playheads to the viewer', async () => {
  const { viewer, sink, start } = await running();
  viewer.say({ kind: 'run' });
  viewer.say({ kind: 'bytes', flv: new ArrayBuffer(3) });
  await soon(() => expect(sink.orders.map(({ kind }) => kind)).toEqual(['run', 'bytes']));
  const heard = new Promise((resolve) => {
    start.media.onmessage = (event: MessageEvent<unknown>) => resolve(event.data);
  });
  const playhead = { shownMs: 5, bufferedMs: 25, playing: true, stalled: false };
  sink.events.playhead(playhead);
  expect(await heard).toEqual({ playhead, runs: 1 });
});

it('replaces a dead worker and plays on, and plays plainly when they keep dying', async () => {
  const { sink } = await running();
  for (let death = 0; death < 4; death++) {
    world.viewers.at(-1)?.worker.crash();
    await (await soonViewer(death + 2)).started.take();
  }
  expect(sink.state).toBe('alive');
  world.viewers.at(-1)?.worker.crash();
  await soon(() => expect(world.plain.length).toBe(1));
  expect(said.filter((line) => line === 'worker/died').length).toBe(5);
  expect(said).toContain('fellBack plain worker/died');
  expect(sink.state).toBe('destroyed');
});

const soonViewer = async (count: number) => {
  await soon(() => expect(world.viewers.length).toBe(count));
  const viewer = world.viewers.at(-1);
  if (viewer === undefined) throw new TypeError('no viewer');
  return viewer;
};

it('starts a fresh run when the media element fails', async () => {
  const { viewer, sink } = await running();
  sink.events.failed({ code: 'media/playback-failed', detail: 'decode' });
  await soon(() => expect(viewer.told).toEqual(expect.arrayContaining(['pause', 'resume'])));
  expect(said).toEqual(['media/playback-failed']);
});

it('fails for good on a codec the browser does not know', async () => {
  const { player, sink } = await running();
  sink.events.failed({ code: 'media/unsupported-codec', detail: 'hvc1' });
  expect(said).toEqual(['failed', 'media/unsupported-codec']);
  expect([player.state, sink.state]).toEqual(['failed', 'destroyed']);
});

it.each([
  ['the browser has no WebAssembly', { webAssembly: false }, 'support/no-webassembly'],
  ['the browser has no workers', { worker: false }, 'worker/start-failed'],
])('plays the original URL when %s', async (_name, missing, code) => {
  world.support = { ...world.support, ...missing };
  create();
  await soon(() => expect(world.plain.length).toBe(1));
  expect(world.plain[0]?.stream.url).toBe('https://live.example/live/demo.flv?t=1');
  expect(world.viewers.length).toBe(0);
  await soon(() => expect(players[0]?.mode).toBe('plain'));
  expect(code).toBeTruthy();
});

it('plays the original URL when the worker cannot start or the byte core cannot', async () => {
  world.workerFailure = new DOMException('refused', 'SecurityError');
  create();
  await soon(() => expect(said).toContain('fellBack plain worker/start-failed'));
  world.workerFailure = undefined;
  world.viewerFailure = new ShoalError('support/no-webassembly');
  said = [];
  create();
  await soon(() => expect(said).toContain('fellBack plain support/no-webassembly'));
});

it('plays the original URL where there is no Shoal', async () => {
  world.service = undefined;
  const { viewer } = await running();
  await soon(() => expect(said).toContain('service/not-found'));
  expect(world.plain.length).toBe(0);
  viewer.say({ kind: 'notice', notice: { kind: 'fault', code: 'origin/unreachable', detail: '', count: 1 } });
  await soon(() => expect(said.at(-1)).toBe('fellBack plain service/not-found'));
  await soon(() => expect(world.plain.length).toBe(1));
});

it('gets a code where the host gives content keys only under one', async () => {
  world.service = { version: 1, tracker: '/tracker', codes: '/code', originKeys: [], iceServers: [] };
  await running();
  const second = await soonViewer(2);
  const start = await second.started.take();
  expect(start.codes).toEqual({ kind: 'service', address: 'https://live.example/code' });
  await soon(() => expect(second.told).toContain('tracker wss://live.example/tracker'));
});

it('stays with the pieces of a host that has them and no description', async () => {
  world.service = { nonsense: true };
  const { viewer, player } = await running();
  viewer.say({ kind: 'notice', notice: { kind: 'epoch', epoch: 'e1' } });
  await soon(() => expect(said).toContain('service/bad-answer'));
  viewer.say({ kind: 'notice', notice: { kind: 'fault', code: 'origin/unreachable', detail: '', count: 1 } });
  await soon(() => expect(said).toContain('origin/unreachable'));
  expect([player.mode, world.plain.length]).toEqual(['shared', 0]);
  await soon(() => expect(viewer.told).toContain('tracker undefined'));
});

it('asks a plain stream that ended for more, ever more slowly', async () => {
  world.support = { ...world.support, worker: false };
  create();
  await soon(() => expect(world.plain.length).toBe(1));
  vi.useFakeTimers();
  world.plain[0]?.stream.ended();
  await vi.advanceTimersByTimeAsync(500);
  expect(world.plain.map(({ state }) => state)).toEqual(['destroyed', 'open']);
  world.plain[1]?.fail({ code: 'origin/unreachable', detail: '' });
  await vi.advanceTimersByTimeAsync(999);
  expect(world.plain.length).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(world.plain.length).toBe(3);
  vi.useRealTimers();
});

it('pauses and resumes viewer and picture together, however it is asked', async () => {
  const { player, viewer, sink } = await running();
  sink.events.moving();
  player.pause();
  player.resume();
  sink.events.moving();
  sink.events.paused();
  sink.events.played();
  expect(sink.playing).toEqual([false, true, false, true]);
  await soon(() => expect(viewer.told.filter((line) => /pause|resume/.test(line)).length).toBe(4));
  expect(said).toEqual(['playing', 'started shared', 'paused', 'starting', 'playing', 'paused', 'starting']);
});

it('shares only after consent', async () => {
  world.support = { ...world.support, webrtc: true };
  let answer: (consents: boolean) => void = () => undefined;
  const { start, viewer, player } = await running({ consent: () => new Promise((resolve) => (answer = resolve)) });
  expect(start.options.policy.mode).toBe('off');
  expect(await player.explain()).toEqual([expect.stringContaining('not agreed'), 'from the viewer']);
  answer(true);
  await soon(() => expect(viewer.told).toContain('policy on Infinity'));
});

it('follows the line, the page, the person and the cap', async () => {
  world.support = { ...world.support, webrtc: true };
  world.settings = { installation: 'i', sharing: 'on' };
  const { player, viewer } = await running({ whenHidden: 'leave', uploadCapKbps: 800 });
  const last = (): string | undefined => viewer.told.filter((line) => line.startsWith('policy')).at(-1);
  await soon(() => expect(last()).toBe('policy on 100000'));
  world.metered = true;
  world.page?.line();
  await soon(() => expect(last()).toBe('policy download-only 100000'));
  world.hidden = true;
  world.page?.hidden();
  await soon(() => expect(last()).toBe('policy off 100000'));
  world.hidden = false;
  world.metered = false;
  world.page?.seen();
  await soon(() => expect(last()).toBe('policy on 100000'));
  player.setUploadCap(undefined);
  player.setSharing('download-only', { remember: true });
  await soon(() => expect(last()).toBe('policy download-only Infinity'));
  expect(world.saved).toEqual([{ sharing: 'download-only' }]);
  expect(() => player.setSharing('sometimes' as never)).toThrow(expect.objectContaining({ code: 'options/invalid' }));
});

it('gets its first credentials from the provider, renews them in time, and takes new ones in mid-play', async () => {
  const asked: string[] = [];
  const { start, viewer, player } = await running({
    url: '/live/demo.flv',
    tokenProvider: async (reason) => {
      asked.push(reason);
      return reason === 'start' ? { query: '?token=1', renewInMs: 1000 } : 'token=2';
    },
  });
  expect(start.options.credentials).toBe('token=1');
  player.renew('token=3');
  await soon(() => expect(viewer.told).toContain('credentials token=3'));
  expect(asked).toEqual(['start']);
});

it('starts over with new credentials when the origin refuses the old ones, and fails when there are none', async () => {
  let given = 0;
  const { viewer, player } = await running({
    tokenProvider: async () => {
      given += 1;
      return `token=${given}`;
    },
  });
  const refuse = (): void => {
    const last = world.viewers.at(-1);
    last?.say({ kind: 'notice', notice: { kind: 'fault', code: 'origin/refused', detail: '', count: 1 } });
    last?.say({ kind: 'notice', notice: { kind: 'state', state: 'failed' } });
  };
  refuse();
  const second = await soonViewer(2);
  expect((await second.started.take()).options.credentials).toBe('token=1');
  await soon(() => expect(viewer.worker.terminated).toBe(1));
  refuse();
  await soon(() => expect(player.state).toBe('failed'));
  expect(given).toBe(1);
});

it('lets a page go and starts afresh when it comes back', async () => {
  const { sink, player } = await running();
  sink.events.moving();
  world.page?.gone();
  expect(sink.state).toBe('destroyed');
  world.page?.back();
  await (await soonViewer(2)).started.take();
  expect([world.sinks.length, player.state]).toEqual([2, 'starting']);
});

it('ends at once in the middle of a start, says nothing more, and may be ended twice', async () => {
  const player = create();
  player.destroy();
  player.destroy();
  expect([player.state, world.sinks[0]?.state, world.page]).toEqual(['destroyed', 'destroyed', undefined]);
  said = [];
  world.sinks[0]?.events.moving();
  expect(said).toEqual([]);
  await soon(() => expect(world.viewers[0]?.worker.terminated).toBe(1));
});

it('gives an element to its newest player', () => {
  const first = create();
  const second = create();
  expect([first.state, second.state]).toEqual(['destroyed', 'starting']);
});

it('plays HLS plainly', () => {
  const player = create({ url: 'https://live.example/live/demo.m3u8' });
  expect([player.mode, world.viewers.length]).toEqual(['hls', 0]);
});

it('fails where live FLV cannot be played at all', () => {
  world.support = { ...world.support, mediaSource: false };
  expect(create().state).toBe('failed');
});

it('shows a snapshot of its own when there is no viewer', async () => {
  world.support = { ...world.support, worker: false };
  expect(await create().stats()).toMatchObject({ mode: 'plain', viewer: undefined, sharingLimit: 'no-webrtc' });
});
