/**
 * `bench glass`: from the camera's clock to the painted picture, in tabs of a swarm that is mostly viewers without a
 * screen, at a distance: low latency and high offload at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, tidy } from '../harness/bench.ts';
import { watchProcessor } from '../harness/processor.ts';
import { quantile } from '../harness/quantiles.ts';
import { Hosts } from '../mesh/hosts.ts';
import { buildStage } from '../swarm/stage.ts';
import { glassDelays } from '../watch/paint-times.ts';
import type { WatchTab } from '../watch/tabs.ts';

const SETTLE_MS = 10_000;

/** The benchmark. */
export const glass: Bench = {
  about: 'camera to painted picture in tabs, among viewers without a screen, RTT 50 ms',
  options: { tabs: 4, viewers: 60, seconds: 60, rtt: 50, loss: 0, hosts: 2, joins: 10 },
  async run(run) {
    const stage = await buildStage({ rttMs: run.number('rtt'), lossPercent: run.number('loss') });
    const hosts = await Hosts.start(run.number('hosts'));
    try {
      const stream = { url: stage.streamUrl, tracker: stage.trackerUrl };
      const control = await stage.open('control');
      await control.plain(stage.streamUrl);
      for (let joined = 0; joined < run.number('viewers'); joined++) {
        hosts.join(stream);
        await sleep(1000 / run.number('joins'));
      }
      const tabs: WatchTab[] = [];
      for (let index = 0; index < run.number('tabs'); index++) {
        const tab = await stage.open(`tab ${index}`);
        await tab.shared({ url: stage.streamUrl });
        tabs.push(tab);
      }
      await sleep(SETTLE_MS);
      for (const tab of [...tabs, control]) {
        await tab.collect();
        tab.painted.length = 0;
      }
      hosts.begin();
      const from = await stage.sent();
      const watch = watchProcessor({ bench: process.pid, ...hosts.pids });
      await sleep(run.number('seconds') * 1000);
      const to = await stage.sent();
      for (const tab of [...tabs, control]) await tab.collect();
      const delays = tabs.flatMap((tab) => glassDelays(tab.painted));
      const report = await hosts.report();
      const everybody = tabs.length + run.number('viewers');
      const { machinePercent } = watch();
      return {
        glassMsP50: tidy(quantile(delays, 0.5)),
        glassMsP95: tidy(quantile(delays, 0.95)),
        offload: tidy(1 - (to.pieces - from.pieces) / ((to.plain - from.plain) * everybody)),
        originCopies: tidy((to.pieces - from.pieces) / (to.plain - from.plain)),
        controlGlassMsP50: tidy(quantile(glassDelays(control.painted), 0.5)),
        controlGlassMsP95: tidy(quantile(glassDelays(control.painted), 0.95)),
        // Viewers that starve fetch nothing either: the offload above counts only beside these.
        piecesAccepted: report.delays.count,
        piecesMissed: report.missedDeadlines,
        delayMsP95: report.delays.at(0.95),
        fellBack: report.fellBack,
        pictures: delays.length,
        browser: stage.tabs.name,
        tabs: tabs.length,
        viewers: report.viewers,
        seconds: run.number('seconds'),
        processorPercent: machinePercent,
      };
    } finally {
      hosts.close();
      await stage.close();
    }
  },
  goals: () => [
    { figure: 'glassMsP95', is: 'at most', value: 1_500 },
    { figure: 'offload', is: 'at least', value: 0.95 },
  ],
};
