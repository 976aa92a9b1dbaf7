/**
 * `bench swarm`: Chromium tabs that feed each other, beside plain mpegts.js tabs, on loopback and at a distance. Parents
 * are closed on the way and replaced. Also: the same with sharing off, which must offload nothing, and start-up pairs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Figures, type Run, tidy } from '../harness/bench.ts';
import type { WatchTab } from '../watch/tabs.ts';
import type { Distance } from './source-words.ts';
import { buildStage, type Stage } from './stage.ts';
import { startupDifference } from './startup.ts';
import { type Cast, measureWindow } from './window.ts';

interface Plan {
  readonly tabs: number;
  readonly seconds: number;
  readonly pairs: number;
  readonly kills: number;
  readonly controls: number;
}

/** Everything is quiet this long after the last join before a window begins. */
const SETTLE_MS = 10_000;
/** Of eight tabs at a distance, two upload nothing. */
const WITHOUT_UPLINK_SHARE = 0.25;

const join = async (stage: Stage, name: string, sharing: 'on' | 'download-only' | 'off'): Promise<WatchTab> => {
  const tab = await stage.open(name);
  await tab.shared({ url: stage.streamUrl, sharing });
  return tab;
};

const assemble = async (
  stage: Stage,
  plan: Plan,
  sharingOf: (index: number) => 'on' | 'download-only' | 'off',
): Promise<Cast> => {
  const viewers: WatchTab[] = [];
  const controls: WatchTab[] = [];
  for (let index = 0; index < Math.max(plan.tabs, plan.controls); index++) {
    if (index < plan.tabs) viewers.push(await join(stage, `viewer ${index}`, sharingOf(index)));
    if (index >= plan.controls) continue;
    const control = await stage.open(`control ${index}`);
    await control.plain(stage.streamUrl);
    controls.push(control);
  }
  await sleep(SETTLE_MS);
  return { viewers, controls, departed: [] };
};

/** Closes the viewer that feeds others most, and lets a new one in. */
const killParent = async (stage: Stage, cast: Cast, number: number): Promise<void> => {
  const uploads = await Promise.all(
    cast.viewers.map(async (tab) => {
      const viewer = (await tab.stats())?.viewer;
      const children = viewer?.neighbours.reduce((sum, neighbour) => sum + neighbour.childOf.length, 0) ?? 0;
      return { tab, children, receipt: viewer?.originBytes ?? 0 };
    }),
  );
  const [parent] = uploads.sort((a, b) => b.children - a.children);
  if (parent === undefined) return;
  await parent.tab.collect();
  cast.departed.push(parent);
  cast.viewers.splice(cast.viewers.indexOf(parent.tab), 1);
  await parent.tab.page.context().close();
  cast.viewers.push(await join(stage, `successor ${number}`, 'on'));
};

const runOn = async (plan: Plan, distance: Distance | undefined, say: Run['say']): Promise<Figures> => {
  const stage = await buildStage(distance);
  try {
    const withoutUplink = distance === undefined ? 0 : Math.round(plan.tabs * WITHOUT_UPLINK_SHARE);
    const off = await assemble(stage, plan, () => 'off');
    const offSeconds = Math.min(30, plan.seconds);
    const quiet = await measureWindow(stage, off, { seconds: offSeconds, each: async () => undefined });
    for (const tab of [...off.viewers, ...off.controls]) await tab.close();
    say(`sharing off measured: offload ${quiet.offload.toFixed(4)}`);
    const cast = await assemble(stage, plan, (index) => (index >= plan.tabs - withoutUplink ? 'download-only' : 'on'));
    const killAt = Array.from({ length: plan.kills }, (_, kill) =>
      Math.round((plan.seconds * (kill + 1)) / (plan.kills + 1)),
    );
    const found = await measureWindow(stage, cast, {
      seconds: plan.seconds,
      async each(second) {
        if (killAt.includes(second)) await killParent(stage, cast, second);
        if (second % 10 === 0) for (const tab of [...cast.viewers, ...cast.controls]) await tab.collect();
      },
    });
    for (const text of found.stallTexts) say(text);
    say(`sharing measured: offload ${found.offload.toFixed(4)}, added p95 ${found.addedMsP95.toFixed(0)} ms`);
    for (const tab of [...cast.viewers.splice(2), ...cast.controls]) await tab.close();
    const startup = await startupDifference(stage, plan.pairs);
    if (stage.tabs.complaints.length > 0) say(`pages complained: ${stage.tabs.complaints.slice(0, 5).join(' | ')}`);
    return {
      Offload: tidy(found.offload),
      ReceiptsDisagree: tidy(found.receiptsDisagree),
      SharingOffOffload: tidy(quiet.offload),
      Stalls: found.stalls,
      AddedLatencyMsP50: tidy(found.addedMsP50),
      AddedLatencyMsP95: tidy(found.addedMsP95),
      BufferAheadMsP50: tidy(found.bufferAheadMsP50),
      ControlBufferAheadMsP50: tidy(found.controlBufferAheadMsP50),
      GlassMsP50: tidy(found.glassMsP50),
      ControlGlassMsP50: tidy(found.controlGlassMsP50),
      StartupDiffMsP50: tidy(startup),
      MainThreadAddedMsPerSec: tidy(found.mainThreadAddedMsPerSec),
      Complaints: stage.tabs.complaints.length,
      Browser: stage.tabs.name,
    };
  } finally {
    await stage.close();
  }
};

const prefixed = (prefix: string, figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${prefix}${name}`, value]));

/** The benchmark. */
export const swarm: Bench = {
  about: 'Chromium tabs feeding each other, 1 Mbit/s, GOP 2 s, parents killed on the way, beside plain mpegts.js tabs',
  options: { tabs: 8, minutes: 10, seconds: 0, pairs: 20, kills: 3, controls: 2, rtt: 50, loss: 0.5 },
  async run(run) {
    const seconds = run.number('seconds') > 0 ? run.number('seconds') : run.number('minutes') * 60;
    const counts = { tabs: run.number('tabs'), pairs: run.number('pairs'), kills: run.number('kills') };
    const plan: Plan = { ...counts, seconds, controls: run.number('controls') };
    const loopback = await runOn(plan, undefined, run.say);
    const wan = await runOn(plan, { rttMs: run.number('rtt'), lossPercent: run.number('loss') }, run.say);
    return { ...prefixed('loopback', loopback), ...prefixed('wan', wan), tabs: plan.tabs, seconds };
  },
  goals: () => [
    { figure: 'loopbackOffload', is: 'at least', value: 0.84 },
    { figure: 'wanOffload', is: 'at least', value: 0.6 },
    { figure: 'loopbackAddedLatencyMsP95', is: 'at most', value: 150 },
    { figure: 'wanAddedLatencyMsP95', is: 'at most', value: 400 },
    ...['loopback', 'wan'].flatMap((prefix) => [
      { figure: `${prefix}ReceiptsDisagree`, is: 'at most' as const, value: 0.005 },
      { figure: `${prefix}SharingOffOffload`, is: 'at least' as const, value: -0.01 },
      { figure: `${prefix}SharingOffOffload`, is: 'at most' as const, value: 0.01 },
      { figure: `${prefix}Stalls`, is: 'at most' as const, value: 0 },
      { figure: `${prefix}StartupDiffMsP50`, is: 'at most' as const, value: 50 },
      { figure: `${prefix}MainThreadAddedMsPerSec`, is: 'at most' as const, value: 5 },
    ]),
  ],
};
