// The first picture of a page.

import { describe, expect } from 'vitest';
import { eventually } from './fixtures/eventually.ts';
import { it } from './fixtures/stage.ts';

describe('the first frame', () => {
  it('is painted, in the right colours, and the picture moves', async ({ stage }) => {
    await stage.serve();
    const tab = await stage.watch('first');
    await tab.hears('started');
    await tab.showsTheSample();
    await eventually('it says that it plays', async () => (await tab.stats()).state === 'playing');
    const stats = await tab.shared();
    expect(stats.mode).toBe('shared');
    expect(stats.viewer.originBytes).toBeGreaterThan(0);
  });
});
