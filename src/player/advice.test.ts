import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPlayerIn } from './create-player.ts';
import type { Player } from './face.ts';
import type { PlayerOptions } from './options.ts';
import { FakeWorld } from './testing/fake-world.ts';

let world: FakeWorld;
let player: Player | undefined;
let said: string[];

beforeEach(() => {
  world = new FakeWorld();
  said = [];
});
afterEach(() => player?.destroy());

const create = (options: Partial<PlayerOptions> = {}): Player => {
  const video = world.video as unknown as HTMLVideoElement;
  player = createPlayerIn(world, { url: 'https://live.example/live/demo.flv', video, ...options });
  player.on('error', ({ code, detail }) => void said.push(detail === undefined ? code : `${code} ${detail}`));
  player.on('state', ({ state }) => void said.push(state));
  return player;
};

it('names what the policy of the page lacks, once, and explains with it', async () => {
  const made = create();
  world.lacks?.({ directive: 'worker-src', source: 'blob:' });
  world.lacks?.({ directive: 'worker-src', source: 'blob:' });
  world.lacks?.({ directive: 'connect-src', source: 'wss://live.example' });
  await Promise.resolve();
  expect(said.filter((line) => line.startsWith('support/policy'))).toEqual([
    'support/policy worker-src lacks blob:',
    'support/policy connect-src lacks wss://live.example',
  ]);
  expect((await made.explain())[0]).toContain('Content-Security-Policy');
  expect((await made.explain())[0]).toContain('worker-src lacks blob:');
});

it('says nothing about hosts of others, and nothing after its end', async () => {
  const made = create();
  world.lacks?.({ directive: 'connect-src', source: 'https://ads.example' });
  made.destroy();
  expect(world.lacks).toBeUndefined();
  await Promise.resolve();
  expect(said.filter((line) => line.startsWith('support/policy'))).toEqual([]);
});

it('hears from the worker what the policy forbids there', async () => {
  create();
  const viewer = await world.viewerMade.take();
  await viewer.started.take();
  const detail = 'connect-src lacks ws://live.example';
  viewer.say({ kind: 'notice', notice: { kind: 'fault', code: 'support/policy', detail, count: 1 } });
  await vi.waitFor(() => expect(said).toContain(`support/policy ${detail}`));
});

it('warns of an http stream on an https page, but not of one on this machine', async () => {
  create({ url: 'http://live.example/live/demo.flv' });
  await Promise.resolve();
  expect(said).toContain('support/mixed-content');
  player?.destroy();
  said = [];
  create({ url: 'http://127.0.0.1:8080/live/demo.flv' });
  await Promise.resolve();
  expect(said).not.toContain('support/mixed-content');
});

it('tells those who listen at once even what went wrong while it was made', async () => {
  world.support = { ...world.support, mediaSource: false };
  const made = create();
  await Promise.resolve();
  expect(said).toContain('failed');
  expect(said.some((line) => line.startsWith('support/no-media-source'))).toBe(true);
  expect(await made.explain()).toEqual([expect.stringContaining('no MediaSource')]);
});

it('explains why the plain stream is played', async () => {
  world.support = { ...world.support, worker: false };
  const made = create();
  expect((await made.explain())[0]).toContain('no workers');
});

it('waits paused without autoplay, and plays when it is told to', async () => {
  const made = create({ autoplay: false });
  const viewer = await world.viewerMade.take();
  await viewer.started.take();
  expect(made.state).toBe('paused');
  await vi.waitFor(() => expect(viewer.told).toContain('pause'));
  made.resume();
  expect(made.state).toBe('starting');
  await vi.waitFor(() => expect(viewer.told).toContain('resume'));
});
