import { afterEach, describe, expect, it } from 'vitest';
import { createPlayerIn } from './create-player.ts';
import type { Player } from './face.ts';
import { FakeWorld } from './testing/fake-world.ts';

const WATCH = Symbol.for('shoal.swarm-test');
const place = globalThis as unknown as Record<symbol, unknown>;

afterEach(() => {
  delete place[WATCH];
});

describe('the watcher of a test', () => {
  it('hears of every player and its element', () => {
    const heard: [Player, unknown][] = [];
    place[WATCH] = { playerMade: (player: Player, video: unknown) => heard.push([player, video]) };
    const world = new FakeWorld();
    const video = world.video as unknown as HTMLVideoElement;
    const player = createPlayerIn(world, { url: 'https://live.example/live/a.flv', video });
    expect(heard).toEqual([[player, video]]);
    player.destroy();
  });

  it.each([undefined, {}, 'text', { playerMade: 'text' }])('changes nothing when it is %j', (watch) => {
    if (watch !== undefined) place[WATCH] = watch;
    const world = new FakeWorld();
    const video = world.video as unknown as HTMLVideoElement;
    const player = createPlayerIn(world, { url: 'https://live.example/live/a.flv', video });
    expect(player.state).toBe('starting');
    player.destroy();
  });
});
