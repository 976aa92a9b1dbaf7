// The native surface in Chromium: its calls, its numbers, and a foreign player on the address it hands out.

import { describe, expect } from 'vitest';
import { EventCode } from '../src/native/index.ts';
import { NativePage } from './fixtures/native-page.ts';
import { it } from './fixtures/stage.ts';

describe('a native-style page', () => {
  it('plays through the virtual URL with plain mpegts.js', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.load(stage, 'native');
    const { id, url } = await native.start(stage.url('native'));
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/__shoal__\/[\w-]+\/1\/media\.flv$/);
    await native.watch(url);
    await native.paints(50);
    expect(await native.codes(id)).toEqual([EventCode.LOAD_READY, EventCode.START, EventCode.STARTED]);
  });
});
