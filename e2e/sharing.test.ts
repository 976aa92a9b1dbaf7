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
    const [given, taken] = [await first.shared(), await second.shared()];
    expect(pushedBy(given, taken)).toBeGreaterThan(0);
    expect(given.viewer.uploadedBytes).toBeGreaterThan(0);

    const window = await measure(stage, [first, second], 200);
    const played = sum(window.map((tab) => tab.played));
    const offload = 1 - sum(window.map((tab) => tab.origin)) / played;
    console.log(`two tabs: offload ${offload.toFixed(3)} of at most 0.5, ${JSON.stringify(window)}`);
    expect(offload).toBeGreaterThan(0.4);
    expect(window[1]?.neighbours).toBeGreaterThan(0.5 * (window[1]?.played ?? 0));
    await second.showsTheSample();
    expect((await second.explain()).join(' ')).toMatch(/substreams come from neighbours/);
  });

  it('takes in a late tab at once and feeds it too', async ({ stage }) => {
    await stage.serve();
    const early = [await stage.watch('one'), await stage.watch('two')];
    await areSharing(early);
    await early[0]?.paints(100);
    const late = await stage.watch('late');
    const started = await late.hears('started');
    expect(started.event.startupMs).toBeLessThan(2000);
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
    expect(Math.abs(offload)).toBeLessThan(0.05);
    for (const tab of tabs) {
      const { viewer } = await tab.shared();
      expect(viewer.neighbourBytes).toBe(0);
      expect(viewer.uploadedBytes).toBe(0);
      expect(viewer.neighbours).toEqual([]);
      expect(viewer.fromOrigin).toBe(viewer.substreams);
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
