import { describe, expect, test } from 'vitest';
import { heard, Scene, WALL_ZERO } from './testing/scene.ts';

const OPEN = `
  0 start
  50 opened
  50 head K=4
  55 applied 0,1,2,3
`;

describe('the connection to the origin', () => {
  test('is reopened with growing pauses while it fails', () => {
    const scene = new Scene();
    const opened: number[] = [];
    scene.play('0 start', []);
    for (let round = 0; round < 6; round++) {
      const at = Math.ceil(scene.now) + 1;
      const [said = ''] = scene.play(`${at} closed\n${at + 25_000} wait`, ['open-origin']);
      opened.push(Number(said.split(' ')[0]) - at);
    }
    expect(opened[0]).toBeLessThan(600);
    expect(opened.at(-1)).toBeGreaterThan(4 * (opened[0] ?? 0));
    expect(Math.max(...opened)).toBeLessThanOrEqual(15_000 * 1.4);
  });

  test('asks for the time a few times at once, then seldom', () => {
    const asked = heard(OPEN, '40000 wait', ['ask-origin clock']);
    expect(asked.length).toBeLessThanOrEqual(7);
    expect(asked.length).toBeGreaterThanOrEqual(4);
  });

  test('believes a time only in answer to its newest question', () => {
    const scene = new Scene();
    scene.play(`${OPEN}\n200 wait`, []);
    const { clock } = scene.engine.view;
    const before = clock.wall(scene.now);
    scene.handle({ kind: 'origin-said', frame: { kind: 'clock', stampMs: 99_999, wallMs: WALL_ZERO * 2 } });
    expect(clock.wall(scene.now)).toBe(before);
  });

  test('is asked for no more substreams while it says that it is loaded, but for what would be missing', () => {
    const scene = new Scene();
    scene.play(`${OPEN}\n60 piece 0..7 from origin`, []);
    scene.handle({ kind: 'origin-said', frame: { kind: 'load', percent: 95, retryAfterMs: 5_000 } });
    expect(scene.engine.feeds.canAskOrigin(100)).toBe(false);
    expect(scene.play('100 piece 9..11 from origin\n1050 wait', ['ask-origin want', 'ask-origin mask'])).toEqual([
      '860 ask-origin want 8',
    ]);
  });

  test('that refuses the viewer is a failure, which ends when it lets it in after all', () =>
    expect(
      heard(OPEN, '60 closed refused\n5000 opened\n5010 piece 0..3 from origin', ['state', 'fault origin']),
    ).toEqual(['60 fault origin/refused', '60 state failed', '5010 state playing']));
});
