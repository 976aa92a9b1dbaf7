import { describe, expect, test } from 'vitest';
import { Scene } from './testing/scene.ts';

const ALONE = `
  0 start
  50 opened
  50 head K=4
  55 applied 0,1,2,3
  60 piece 0..7 from origin
`;

/** A viewer whose mesh makes it stall at these times; whether it has left the mesh a little later. */
const afterStallsAt = (times: readonly number[], before?: (scene: Scene) => void): Scene => {
  const scene = new Scene({ playout: { kind: 'media', latencyMs: 400 } });
  scene.play(ALONE, []);
  for (const at of times) {
    scene.play(`${at} wait`, []);
    before?.(scene);
    scene.engine.view.counters.meshStalls++;
  }
  scene.play(`${(times.at(-1) ?? 0) + 1_500} wait`, []);
  return scene;
};

describe('a viewer leaves the mesh', () => {
  test('when it has stalled three times in a minute because of it, and says so', () => {
    const scene = afterStallsAt([1_000, 13_000, 25_000]);
    expect(scene.engine.fellBack).toBe(true);
    expect(scene.said.filter((line) => line.includes('fell-back'))).toHaveLength(1);
  });

  test('and asks the origin for what its neighbours sent', () => {
    const scene = afterStallsAt([1_000, 13_000]);
    scene.play('23900 piece 470..477 from origin\n24000 joined a b\n24200 link 1 b', []);
    scene.play('24210 1: status open=0,1,2,3 lag=5 rank=1 have=470..477\n24220 playhead 23500 23850 playing', []);
    scene.play('24460 1: accept 0\n24460 1: accept 1\n24460 1: accept 2\n24460 1: accept 3', []);
    scene.play('24480 piece 478..485 from origin\n24500 piece 486..489 from 1\n24540 piece 490..493 from 1', []);
    expect(scene.engine.feeds.all().map((feed) => feed.source)).toEqual([1, 1, 1, 1]);
    scene.engine.view.counters.meshStalls++;
    const said = scene.play('25600 wait', ['fell-back', 'ask-origin mask']);
    expect(said.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual(['fell-back', 'ask-origin mask']);
    expect(scene.engine.feeds.all().every((feed) => feed.source === 'origin')).toBe(true);
  });

  test('not when it has twice', () => expect(afterStallsAt([1_000, 13_000]).engine.fellBack).toBe(false));

  test('nor when the three have one cause', () =>
    expect(afterStallsAt([1_000, 2_500, 4_000, 5_500]).engine.fellBack).toBe(false));

  test('nor when they are far from each other', () =>
    expect(afterStallsAt([1_000, 40_000, 80_000, 120_000]).engine.fellBack).toBe(false));

  test('for a minute at least, and then tries again', () => {
    const scene = afterStallsAt([1_000, 13_000, 25_000]);
    scene.play('80000 wait', []);
    expect(scene.engine.fellBack).toBe(true);
    scene.play('120000 wait', []);
    expect(scene.engine.fellBack).toBe(false);
  });

  test('not while the origin is at its limit: there is nowhere better to go', () => {
    const full = (scene: Scene): void =>
      scene.handle({ kind: 'origin-said', frame: { kind: 'load', percent: 100, retryAfterMs: 2_000 } });
    expect(afterStallsAt([1_000, 13_000, 25_000], full).engine.fellBack).toBe(false);
  });
});
