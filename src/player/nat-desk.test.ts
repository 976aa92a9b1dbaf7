import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPlayerIn } from './create-player.ts';
import type { PlayerEvents } from './events.ts';
import type { Player } from './face.ts';
import type { PlayerOptions } from './options.ts';
import { type FakeViewer, FakeWorld } from './testing/fake-world.ts';

const STUN = ['stun:stun.example:3478', 'stun:192.0.2.1:3479'];

let world: FakeWorld;
let player: Player;
let changed: PlayerEvents['natChanged'][];
let failed: PlayerEvents['natError'][];

beforeEach(() => {
  world = new FakeWorld();
  world.support = { ...world.support, webrtc: true };
  changed = [];
  failed = [];
});
afterEach(() => player.destroy());

const soon = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { interval: 1 });

/** A player whose viewer runs. */
const running = async (options: Partial<PlayerOptions> = {}): Promise<FakeViewer> => {
  const video = world.video as unknown as HTMLVideoElement;
  player = createPlayerIn(world, { url: 'https://live.example/live/demo.flv', video, ...options });
  player.on('natChanged', (event) => void changed.push(event));
  player.on('natError', (event) => void failed.push(event));
  const viewer = await world.viewerMade.take();
  await viewer.started.take();
  return viewer;
};

const serving = (...urls: readonly string[]): void => {
  world.service = { version: 1, tracker: '/tracker', originKeys: [], iceServers: urls.map((url) => ({ urls: url })) };
};

it('without a STUN server asks nobody, and the tracker is met at once', async () => {
  const viewer = await running();
  await soon(() => expect(viewer.told).toContain('tracker wss://live.example/tracker'));
  expect(world.natSide.gatherings).toEqual([]);
  expect(viewer.told).toContain('nat host-only');
  expect((await player.stats()).nat).toMatchObject({ kind: 'host-only', servers: { asked: 0 } });
  expect([changed, failed]).toEqual([[], []]);
});

it("asks the service's STUN servers, and the viewer knows its NAT before it meets the tracker", async () => {
  serving(...STUN, 'turn:turn.example:3478');
  const viewer = await running();
  await soon(() => expect(world.natSide.gatherings.length).toBe(1));
  expect(world.natSide.last.servers).toEqual(STUN);
  world.natSide.end([9, 10]);
  await soon(() => expect(viewer.told).toContain('tracker wss://live.example/tracker'));
  expect(viewer.told.indexOf('nat symmetric')).toBeLessThan(viewer.told.indexOf('tracker wss://live.example/tracker'));
  expect((await player.stats()).nat).toEqual({
    kind: 'symmetric',
    mapped: ['203.0.113.x:9', '203.0.113.x:10'],
    servers: { asked: 2, failed: 0 },
  });
  expect((await player.explain())[0]).toContain('symmetric NAT');
});

it('a silent STUN server keeps nobody from the tracker', async () => {
  serving(...STUN);
  const viewer = await running();
  await soon(() => expect(viewer.told).toContain('tracker wss://live.example/tracker'));
  expect(viewer.told.some((line) => line.startsWith('nat'))).toBe(false);
});

it("the page's own servers come first, also for links, and an empty list asks nobody", async () => {
  serving('stun:other.example:1');
  await running({ stunServers: STUN });
  await soon(() => expect(world.natSide.gatherings.map(({ servers }) => servers)).toEqual([STUN]));
  player.destroy();
  await running({ stunServers: [] });
  await soon(async () => expect((await player.stats()).nat?.kind).toBe('host-only'));
  expect(world.natSide.gatherings.length).toBe(1);
});

it('a network that changed is probed again, and what is new is said, addresses masked unless told otherwise', async () => {
  await running({ stunServers: STUN, natAddresses: 'full' });
  await soon(() => expect(world.natSide.gatherings.length).toBe(1));
  world.natSide.end([9]);
  expect(changed).toEqual([]);
  world.natSide.line?.changed();
  await soon(() => expect(world.natSide.gatherings.length).toBe(2));
  world.natSide.end([9], '198.51.100.1');
  expect(changed).toMatchObject([
    { old: { kind: 'cone', mapped: ['203.0.113.7:9'] }, new: { kind: 'cone', mapped: ['198.51.100.1:9'] } },
  ]);
});

it('nobody heard: says so once and plays on', async () => {
  await running({ stunServers: STUN });
  await soon(() => expect(world.natSide.gatherings.length).toBe(1));
  world.natSide.end([]);
  expect(failed).toMatchObject([{ error: { code: 'nat/no-answer' }, report: { kind: 'blocked' } }]);
  expect(player.state).toBe('starting');
  expect(player.mode).toBe('shared');
});

it('nobody is asked before the person agrees, nor once sharing is off', async () => {
  let agree: (answer: boolean) => void = () => undefined;
  const viewer = await running({
    stunServers: STUN,
    consent: () =>
      new Promise((resolve) => {
        agree = resolve;
      }),
  });
  await soon(() => expect(viewer.told).toContain('tracker wss://live.example/tracker'));
  expect(world.natSide.gatherings).toEqual([]);
  agree(true);
  await soon(() => expect(world.natSide.gatherings.length).toBe(1));
  player.setSharing('off');
  expect(world.natSide.last.state).toBe('closed');
  expect(world.natSide.line).toBeUndefined();
  expect((await player.stats()).nat).toBeUndefined();
});

it('a browser without WebRTC is not asked, and a player that ends lets go', async () => {
  world.support = { ...world.support, webrtc: false };
  const viewer = await running({ stunServers: STUN });
  await soon(() => expect(viewer.told).toContain('tracker wss://live.example/tracker'));
  expect(world.natSide.gatherings).toEqual([]);
  player.destroy();
  world = new FakeWorld();
  world.support = { ...world.support, webrtc: true };
  await running({ stunServers: STUN });
  await soon(() => expect(world.natSide.gatherings.length).toBe(1));
  player.destroy();
  expect(world.natSide.last.state).toBe('closed');
});

it('a worker that is replaced is told again', async () => {
  await running({ stunServers: STUN });
  await soon(() => expect(world.natSide.gatherings.length).toBe(1));
  world.natSide.end([9]);
  world.viewers[0]?.worker.crash();
  const second = await world.viewerMade.take();
  await soon(() => expect(second.told).toContain('nat cone'));
});

it.each([['http://a'], ['stun:'], ['turn:a'], ['stun:a b'], [7], 'stun:a'])('%j is no STUN server', (stunServers) => {
  const video = world.video as unknown as HTMLVideoElement;
  player = { destroy: () => undefined } as Player;
  const options = { url: 'https://live.example/a.flv', video, stunServers } as unknown as PlayerOptions;
  expect(() => createPlayerIn(world, options)).toThrow(/stunServers/);
});
