/**
 * `bench hls`: a live playlist in a few tabs, with Shoal and with p2p-media-loader, one after the other in one run: the
 * same hls.js, the same server, each with its own tracker. Then Shoal alone in more tabs, low-latency parts only.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Run, tidy } from '../harness/bench.ts';
import { watchProcessor } from '../harness/processor.ts';
import { median, quantile } from '../harness/quantiles.ts';
import { glassDelays, stalls } from '../watch/paint-times.ts';
import type { WatchTab } from '../watch/tabs.ts';
import type { RivalTold } from './hls-page.ts';
import { buildHlsStage, type HlsStage } from './stage.ts';

/** Between two joins, and from the last one to the window. */
const JOIN_EVERY_MS = 1_000;
const SETTLE_MS = 10_000;

/** What one library did. */
interface Phase {
  readonly offload: number;
  readonly mediaOffload: number;
  readonly playlistShare: number;
  readonly latencySecP50: number;
  readonly latencySecP95: number;
  readonly stalls: number;
  /** Pairs of tabs that are connected, as each library says itself. */
  readonly links: number;
  /** Share of the bytes that came from neighbours, as each library says itself. */
  readonly neighbourShare: number;
  readonly startupMsP50: number;
  readonly processorPercent: number;
}

type Play = (tab: WatchTab, stage: HlsStage) => Promise<number>;

const withShoal: Play = (tab, { plainPlaylist }) => tab.shared({ url: plainPlaylist });
const withParts: Play = (tab, { playlist }) => tab.shared({ url: playlist });
const withRival: Play = (tab, { plainPlaylist, rivalTracker }) =>
  tab.page.evaluate(([url, tracker]) => globalThis.rival.play(url, tracker), [plainPlaylist, rivalTracker] as const);

/** The benchmark. */
export const hls: Bench = {
  about: 'live HLS in tabs, beside p2p-media-loader on the same hls.js and playlist',
  options: { tabs: 6, llTabs: 8, seconds: 40, settle: SETTLE_MS / 1000 },
  async run(run) {
    const stage = await buildHlsStage();
    try {
      const ours = await phase(stage, run, { play: withShoal, tabs: run.number('tabs'), name: 'shoal' });
      const rival = await phase(stage, run, { play: withRival, tabs: run.number('tabs'), name: 'rival' });
      const parts = await phase(stage, run, { play: withParts, tabs: run.number('llTabs'), name: 'parts' });
      for (const complaint of new Set(stage.complaints)) run.say(complaint);
      return {
        offload: ours.offload,
        rivalOffload: rival.offload,
        mediaOffload: ours.mediaOffload,
        rivalMediaOffload: rival.mediaOffload,
        bestOffload: tidy(1 - 1 / run.number('tabs')),
        latencySecP50: ours.latencySecP50,
        rivalLatencySecP50: rival.latencySecP50,
        latencySecP95: ours.latencySecP95,
        rivalLatencySecP95: rival.latencySecP95,
        stalls: ours.stalls,
        rivalStalls: rival.stalls,
        startupMsP50: ours.startupMsP50,
        rivalStartupMsP50: rival.startupMsP50,
        llPartsMediaOffload: parts.mediaOffload,
        llLatencySecP50: parts.latencySecP50,
        llStalls: parts.stalls,
        llPlaylistShare: parts.playlistShare,
        links: ours.links,
        rivalLinks: rival.links,
        neighbourShare: ours.neighbourShare,
        rivalNeighbourShare: rival.neighbourShare,
        tabs: run.number('tabs'),
        llTabs: run.number('llTabs'),
        seconds: run.number('seconds'),
        processorPercent: ours.processorPercent,
        rivalProcessorPercent: rival.processorPercent,
        llProcessorPercent: parts.processorPercent,
      };
    } finally {
      await stage.close();
    }
  },
  goals: (figures) => [
    { figure: 'offload', is: 'at least', value: Number(figures.rivalOffload) },
    { figure: 'latencySecP50', is: 'at most', value: Number(figures.rivalLatencySecP50) / 3 },
    { figure: 'llPartsMediaOffload', is: 'at least', value: 0.8 },
    { figure: 'llLatencySecP50', is: 'at most', value: 3 },
  ],
};

const phase = async (
  stage: HlsStage,
  run: Run,
  how: { readonly play: Play; readonly tabs: number; readonly name: string },
): Promise<Phase> => {
  const tabs: WatchTab[] = [];
  const startups: number[] = [];
  for (let index = 0; index < how.tabs; index++) {
    const tab = await stage.open(`${how.name} ${index}`);
    tabs.push(tab);
    startups.push(await how.play(tab, stage));
    await sleep(JOIN_EVERY_MS);
  }
  await sleep(run.number('settle') * 1000);
  for (const tab of tabs) {
    await tab.collect();
    tab.painted.length = 0;
  }
  const watch = watchProcessor({ bench: process.pid });
  const from = { ...stage.front.counted(), made: stage.meter.bytes };
  await sleep(run.number('seconds') * 1000);
  const to = { ...stage.front.counted(), made: stage.meter.bytes };
  const { machinePercent } = watch();
  for (const tab of tabs) await tab.collect();
  const delays = tabs.flatMap((tab) => glassDelays(tab.painted));
  const waits = tabs.flatMap((tab) => stalls(tab.painted, []));
  for (const tab of tabs) {
    run.say(`${tab.name}: ${tab.painted.length} pictures, stalls ${JSON.stringify(stalls(tab.painted, []))}`);
  }
  const told = await Promise.all(tabs.map((tab) => tellSharing(tab, run)));
  for (const tab of tabs) {
    await tab.page.evaluate(() => globalThis.rival.stop());
    await tab.close();
  }
  const played = (to.made - from.made) * how.tabs;
  const media = to.media - from.media;
  const playlists = to.playlists - from.playlists;
  return {
    offload: tidy(1 - (media + playlists) / played),
    mediaOffload: tidy(1 - media / played),
    playlistShare: tidy(playlists / played),
    latencySecP50: tidy(median(delays) / 1000),
    latencySecP95: tidy(quantile(delays, 0.95) / 1000),
    stalls: waits.length,
    links: told.reduce((sum, { neighbours }) => sum + neighbours, 0) / 2,
    neighbourShare: tidy(shareOf(told)),
    startupMsP50: tidy(median(startups)),
    processorPercent: machinePercent,
  };
};

/** What a library says of its links. */
type Sharing = Pick<RivalTold, 'neighbours' | 'neighbourBytes' | 'serverBytes'>;

const tellSharing = async (tab: WatchTab, run: Run): Promise<Sharing> => {
  const own = (await tab.stats())?.hls;
  const rival = await tab.page.evaluate(() => globalThis.rival.told());
  run.say(`${tab.name}: ${JSON.stringify(own ?? rival)}`);
  if (own === undefined) return rival;
  const { neighbours, neighbourBytes, originBytes } = own;
  return { neighbours: neighbours.length, neighbourBytes, serverBytes: originBytes };
};

const shareOf = (told: readonly Sharing[]): number => {
  const brought = told.reduce((sum, { neighbourBytes }) => sum + neighbourBytes, 0);
  return brought / told.reduce((sum, { serverBytes }) => sum + serverBytes, brought);
};
