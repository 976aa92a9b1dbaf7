// The first picture of a page.

import { describe, expect } from 'vitest';
import { it } from './fixtures/stage.ts';

describe('the first frame', () => {
  it('is painted, in the right colours, and the picture moves', async ({ stage }) => {
    await stage.serve();
    const tab = await stage.watch('first');
    await tab.hears('started');
    await tab.showsTheSample();
    const stats = await tab.shared();
    expect(stats.mode).toBe('shared');
    expect(stats.state).toBe('playing');
    expect(stats.viewer.originBytes).toBeGreaterThan(0);
  });
});
