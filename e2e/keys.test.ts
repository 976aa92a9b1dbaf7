// Content keys by code: who has the right code plays, who has a wrong one sees nothing at all.

import { describe, expect } from 'vitest';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { it, type Stage } from './fixtures/stage.ts';
import type { Tab } from './fixtures/tab.ts';

async function newCode(stage: Stage): Promise<{ readonly code: string; readonly key: string }> {
  const response = await fetch(`${stage.server.url}/code`, { method: 'POST' });
  return (await response.json()) as { code: string; key: string };
}

async function expectNothingPlayed(tab: Tab): Promise<void> {
  expect((await tab.frames()).painted).toBe(0);
  const { viewer } = await tab.stats();
  expect(viewer?.playedBytes ?? 0).toBe(0);
}

describe('key codes', () => {
  it('unlock the stream for who fetches one from the key service', async ({ stage }) => {
    await stage.serve();
    const codeUrl = `${stage.server.url}/code`;
    const tabs = [await stage.watch('one', { codeUrl }), await stage.watch('two', { codeUrl })];
    for (const tab of tabs) await tab.showsTheSample();
  });

  it('do not when the key is another one', async ({ stage }) => {
    await stage.serve();
    const { code } = await newCode(stage);
    const { key } = await newCode(stage);
    const tab = await stage.watch('wrong', { code: { code, key } });
    stage.complaints.expect(/^player error: key\/wrong/);
    await tab.hears('error', ({ event }) => event.code === 'key/wrong');
    await tab.hears('state', ({ event }) => event.state === 'failed');
    await expectNothingPlayed(tab);
  });

  it('do not when the code is unknown', async ({ stage }) => {
    await stage.serve();
    const { key } = await newCode(stage);
    const tab = await stage.watch('unknown', { code: { code: 'no-such-code', key } });
    stage.complaints.expect(...REFUSED_CONNECTIONS, /^player error: key\/unknown-code/);
    await tab.hears('error', ({ event }) => event.code === 'key/unknown-code');
    await expectNothingPlayed(tab);
  });
});
