import { describe, expect, test } from 'vitest';
import { MeshTiming } from './mesh-timing.ts';
import { Scene } from './testing/scene.ts';

const ALONE = `
  0 start
  50 opened
  50 head K=4
  55 applied 0,1,2,3
`;

describe('what the mesh sees of a playhead', () => {
  /** Plays on so far behind live. */
  const behind = (behindMs: number): Scene => {
    const scene = new Scene({ playout: { kind: 'media', latencyMs: 400 } });
    scene.play(ALONE, []);
    for (let sequence = 0; sequence < 200; sequence++) {
      const at = 60 + sequence * 50;
      const shown = Math.max(0, sequence * 50 - behindMs);
      scene.play(`${at} piece ${sequence} from origin`, []);
      if (sequence % 5 === 4) scene.play(`${at} playhead ${shown} ${sequence * 50} playing`, []);
    }
    return scene;
  };

  test('is all of a short distance', () => {
    const { engine, now } = behind(700);
    const timing = new MeshTiming(engine.playout);
    expect(timing.latencyMs(now)).toBe(engine.playout.latencyMs(now));
    expect(timing.deadlineOf(now, 210)).toBe(engine.playout.deadlineOf(now, 210));
  });

  test('is not what it has lost', () => {
    const { engine, now } = behind(2_400);
    const timing = new MeshTiming(engine.playout);
    expect(engine.playout.latencyMs(now)).toBeGreaterThan(2_300);
    expect(timing.latencyMs(now)).toBe(1_400);
    const earlier = engine.playout.deadlineOf(now, 210) - timing.deadlineOf(now, 210);
    expect(earlier).toBeCloseTo(engine.playout.latencyMs(now) - 1_400, 6);
  });
});
