import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readTags } from '../server/src/flv/tags.ts';
import { looped } from './sample-camera.mjs';

it('makes a long recording of a short one, with a clock that never goes back', () => {
  const sample = readFileSync(new URL('../server/media/sample.flv', import.meta.url));
  const stamps = readTags(looped(sample, 30_000))
    .filter(({ kind }) => kind === 'frame')
    .map(({ dtsMs }) => dtsMs);
  expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
  expect(stamps.at(-1)).toBeGreaterThan(29_900);
  expect(stamps.at(-1)).toBeLessThan(30_000);
});
