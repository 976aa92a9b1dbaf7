// <shoal-player> on a page without code: it plays, pauses, mutes, says what is wrong in words, and lives through what
// frameworks do to elements.

import { describe, expect } from 'vitest';
import { heardBy, hears, isIn, openElement, paints, stateOf } from './fixtures/element-page.ts';
import { eventually } from './fixtures/eventually.ts';
import { it } from './fixtures/stage.ts';

describe('an element with autoplay', () => {
  it('plays, and shows that it is live', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'plays');
    await isIn(page, 'playing');
    await paints(page);
    expect((await hears(page, 'started')).detail).toMatchObject({ mode: 'shared' });
    expect(await page.getByRole('region', { name: 'Live video' }).count()).toBe(1);
    expect(await page.getByRole('status').innerText()).toBe('Live');
  });
});
