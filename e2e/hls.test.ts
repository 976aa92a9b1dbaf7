// HLS through the player: segments and parts come from neighbours, verified by what the origin's playlist or a witness has
// signed; liars are cut; what cannot be shared plays all the same.

import { describe, expect } from 'vitest';
import type { PlayerStats } from '../src/index.ts';
import { eventually } from './fixtures/eventually.ts';
import { it, type Stage } from './fixtures/stage.ts';
import type { Tab } from './fixtures/tab.ts';

type Hls = NonNullable<PlayerStats['hls']>;

const hlsOf = async (tab: Tab): Promise<Hls | undefined> => (await tab.stats()).hls;

/** Waits until a figure of a tab's HLS holds. */
const untilHls = (tab: Tab, what: string, holds: (hls: Hls) => boolean): Promise<Hls> =>
  eventually(`${tab.name}: ${what}`, async () => {
    const hls = await hlsOf(tab);
    return hls !== undefined && holds(hls) && hls;
  });

const live = (stage: Stage): string => `${stage.server.url}${stage.path}.m3u8`;

describe('live HLS of our own server', () => {
  it('is fed to the second tab by the first, part by part, vouched for by the playlist', async ({ stage }) => {
    await stage.serve();
    const first = await stage.watch('first', { url: live(stage) });
    await first.hears('started');
    const second = await stage.watch('second', { url: live(stage) });
    await second.hears('started');
    for (const tab of [first, second]) await untilHls(tab, 'meets the other', (hls) => hls.neighbours.length === 1);
    const before = await hlsOf(second);
    const had = await hlsOf(first);
    await eventually('the two fetch little more than one copy', async () => {
      const [one, two] = [await hlsOf(first), await hlsOf(second)];
      if (one === undefined || two === undefined) return false;
      const fetched = one.originBytes + two.originBytes - (had?.originBytes ?? 0) - (before?.originBytes ?? 0);
      const shared =
        one.neighbourBytes + two.neighbourBytes - (had?.neighbourBytes ?? 0) - (before?.neighbourBytes ?? 0);
      return shared > 300_000 && shared > 0.7 * fetched;
    });
    const { vouchedBy, piecesRejected } = (await hlsOf(second)) ?? {};
    expect({ vouchedBy, piecesRejected }).toEqual({ vouchedBy: 'playlist', piecesRejected: 0 });
    await second.showsTheSample();
    expect((await second.explain()).join(' ')).toMatch(/% of the bytes came from 1 neighbours/);
  });
});
