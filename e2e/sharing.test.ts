// Viewers feed each other: the second tab by the first, a late one by both; and nobody where nobody shares.

import { describe, expect } from 'vitest';
import { eventually } from './fixtures/eventually.ts';
import { it, type Stage } from './fixtures/stage.ts';
import { areSharing, hasNeighbours, hasSettled, isFed, pushedBy } from './fixtures/swarm.ts';
import type { Tab } from './fixtures/tab.ts';

/** What tabs got in the same stretch of time: from the origin's sockets, and in verified pieces from neighbours. */
async function measure(stage: Stage, tabs: readonly Tab[], frames: number) {
  const look = async () =>
    Promise.all(
      tabs.map(async (tab) => {
        const { viewer } = await tab.shared();
        return { origin: stage.egressTo(tab.name), neighbours: viewer.neighbourBytes, played: viewer.playedBytes };
      }),
    );
  const before = await look();
  await tabs[0]?.paints(frames);
  const after = await look();
  return after.map((now, at) => ({
    origin: now.origin - (before[at]?.origin ?? 0),
    neighbours: now.neighbours - (before[at]?.neighbours ?? 0),
    played: now.played - (before[at]?.played ?? 0),
  }));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe('sharing', () => {
  it('feeds the second tab from the first', async ({ stage }) => {
    await stage.serve();
    const first = await stage.watch('first');
    await first.hears('started');
    const second = await stage.watch('second');
    await second.hears('started');
    await hasSettled([first, second]);
    await eventually('the first one pushes to the second', async () => {
      const [given, taken] = [await first.shared(), await second.shared()];
      return pushedBy(given, taken) > 0 && given.viewer.uploadedBytes > 0;
    });
    await eventually(
      'the second one has most from the first, and the origin sends little more than one copy',
      async () => {
        const window = await measure(stage, [first, second], 100);
        const played = sum(window.map((tab) => tab.played));
        const offload = 1 - sum(window.map((tab) => tab.origin)) / played;
        console.log(`two tabs: offload ${offload.toFixed(3)} of at most 0.5, ${JSON.stringify(window)}`);
        return offload > 0.4 && (window[1]?.neighbours ?? 0) > 0.5 * (window[1]?.played ?? 0);
      },
      60_000,
    );
    await second.showsTheSample();
    expect((await second.explain()).join(' ')).toMatch(/substreams come from neighbours/);
  });

  it('takes in a late tab at once and feeds it too', async ({ stage }) => {
    await stage.serve();
    const early = [await stage.watch('one'), await stage.watch('two')];
    await areSharing(early);
    await early[0]?.paints(50);
    const late = await stage.watch('late');
    const startupMs = async (tab: Tab) => Number((await tab.hears('started')).event.startupMs);
    const slowest = Math.max(...(await Promise.all(early.map(startupMs))));
    expect(await startupMs(late), 'it does not wait for neighbours to begin').toBeLessThan(4 * slowest);
    await hasSettled([...early, late]);
    await isFed(late);
    await late.forgetStalls();
    await late.playsOn(150);
  });

  it('is nothing where nobody shares', async ({ stage }) => {
    await stage.serve();
    const tabs = [await stage.watch('a', { sharing: 'off' }), await stage.watch('b', { sharing: 'off' })];
    for (const tab of tabs) await tab.hears('started');
    const window = await measure(stage, tabs, 200);
    const offload = 1 - sum(window.map((tab) => tab.origin)) / sum(window.map((tab) => tab.played));
    console.log(`sharing off: offload ${offload.toFixed(3)}`);
    // What is under way at the ends of the window counts on one side only.
    expect(Math.abs(offload)).toBeLessThan(0.15);
    for (const tab of tabs) {
      const { viewer } = await tab.shared();
      expect(viewer.neighbourBytes).toBe(0);
      expect(viewer.uploadedBytes).toBe(0);
      expect(viewer.neighbours).toEqual([]);
      expect(viewer.fromNeighbours).toBe(0);
    }
    expect(stage.server.rooms().flatMap((room) => (room.viewers > 0 ? [room] : []))).toEqual([]);
  });

  it('takes but gives nothing where the page allows downloads only', async ({ stage }) => {
    await stage.serve();
    const giver = await stage.watch('giver');
    await giver.hears('started');
    const taker = await stage.watch('taker', { sharing: 'download-only' });
    await hasNeighbours(taker, 1);
    await eventually('neighbours feed nearly all', async () => {
      const { fromNeighbours, substreams } = (await taker.shared()).viewer;
      return substreams > 0 && fromNeighbours >= substreams - 2;
    });
    await taker.paints(50);
    expect((await taker.shared()).viewer.uploadedBytes).toBe(0);
    expect((await giver.shared()).viewer.neighbourBytes).toBe(0);
  });
});
