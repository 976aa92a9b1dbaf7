/**
 * One measured window of a swarm: bytes, paints and main-thread time between its beginning and its end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { median, quantile } from '../harness/quantiles.ts';
import { addedDelays, glassDelays, stalls } from '../watch/paint-times.ts';
import type { WatchTab } from '../watch/tabs.ts';
import type { Stage } from './stage.ts';

/** What a window found. */
export interface WindowFigures {
  readonly offload: number;
  /** Origin bytes by the server's sockets against the viewers' own count. */
  readonly receiptsDisagree: number;
  readonly stalls: number;
  /** Each stall in words: whose, when in the window, how long, how much of the stream was passed over meanwhile. */
  readonly stallTexts: readonly string[];
  readonly addedMsP50: number;
  readonly addedMsP95: number;
  readonly glassMsP50: number;
  readonly glassMsP95: number;
  readonly controlGlassMsP50: number;
  readonly bufferAheadMsP50: number;
  readonly controlBufferAheadMsP50: number;
  readonly mainThreadAddedMsPerSec: number;
}

interface Moment {
  readonly pieces: number;
  readonly plain: number;
  readonly receipts: ReadonlyMap<WatchTab, number>;
  readonly busy: ReadonlyMap<WatchTab, number>;
  readonly at: number;
}

const receiptOf = async (tab: WatchTab): Promise<number> => (await tab.stats())?.viewer?.originBytes ?? 0;

const look = async (stage: Stage, tabs: readonly WatchTab[]): Promise<Moment> => {
  const busy = new Map<WatchTab, number>();
  const receipts = new Map<WatchTab, number>();
  for (const tab of tabs) busy.set(tab, await tab.mainThreadSeconds());
  await Promise.all(tabs.map(async (tab) => receipts.set(tab, await receiptOf(tab))));
  return { ...(await stage.sent()), busy, receipts, at: performance.now() };
};

/** Who is in a window. Viewers may be exchanged while it lasts. */
export interface Cast {
  readonly viewers: WatchTab[];
  readonly controls: readonly WatchTab[];
  /** Tabs that left during the window: their receipts and paints count up to then. */
  readonly departed: { readonly tab: WatchTab; readonly receipt: number }[];
}

/** Measures for some seconds; `each` is called once a second and may exchange viewers. */
export const measureWindow = async (
  stage: Stage,
  cast: Cast,
  plan: { readonly seconds: number; each(second: number): Promise<void> },
): Promise<WindowFigures> => {
  const { controls } = cast;
  for (const tab of [...cast.viewers, ...controls]) {
    await tab.collect();
    tab.painted.length = 0;
  }
  const stayed = [...cast.viewers];
  const from = await look(stage, [...cast.viewers, ...controls]);
  const ahead: number[] = [];
  const controlAhead: number[] = [];
  let wanted = 0;
  let plainSeen = from.plain;
  for (let second = 1; second <= plan.seconds; second++) {
    await sleep(Math.max(0, from.at + second * 1000 - performance.now()));
    const { plain } = await stage.sent();
    wanted += ((plain - plainSeen) / controls.length) * cast.viewers.length;
    plainSeen = plain;
    await plan.each(second);
    if (second % 5 !== 0) continue;
    ahead.push(...(await Promise.all(cast.viewers.map((tab) => tab.bufferAheadMs()))));
    controlAhead.push(...(await Promise.all(controls.map((tab) => tab.bufferAheadMs()))));
  }
  const to = await look(stage, [...cast.viewers, ...controls]);
  for (const tab of [...cast.viewers, ...controls]) await tab.collect();
  return figuresOf({ from, to, cast, stayed, wanted, ahead, controlAhead });
};

interface Found {
  readonly from: Moment;
  readonly to: Moment;
  readonly cast: Cast;
  /** Viewers of the beginning; those still there at the end lend their main-thread time. */
  readonly stayed: readonly WatchTab[];
  readonly wanted: number;
  readonly ahead: readonly number[];
  readonly controlAhead: readonly number[];
}

const figuresOf = ({ from, to, cast, stayed, wanted, ahead, controlAhead }: Found): WindowFigures => {
  const originBytes = to.pieces - from.pieces;
  const present = cast.viewers.reduce(
    (sum, tab) => sum + (to.receipts.get(tab) ?? 0) - (from.receipts.get(tab) ?? 0),
    0,
  );
  const departed = cast.departed.reduce((sum, { tab, receipt }) => sum + receipt - (from.receipts.get(tab) ?? 0), 0);
  const watched = [...cast.viewers, ...cast.departed.map(({ tab }) => tab)];
  const paints = watched.map(({ painted }) => painted);
  const controlPaints = cast.controls.map(({ painted }) => painted);
  const added = paints.flatMap((painted) => addedDelays(painted, controlPaints));
  const stallTexts = watched.flatMap(({ name, painted }) =>
    stalls(painted, controlPaints).map(
      ({ lengthMs, atMs, skippedMs }) =>
        `${name} stood for ${Math.round(lengthMs)} ms after ${Math.round(atMs)} ms, ${Math.round(skippedMs)} ms of pictures on`,
    ),
  );
  const glass = paints.flatMap((painted) => glassDelays(painted));
  const seconds = (to.at - from.at) / 1000;
  const busyMs = (tab: WatchTab): number => (((to.busy.get(tab) ?? 0) - (from.busy.get(tab) ?? 0)) * 1000) / seconds;
  const lasting = stayed.filter((tab) => cast.viewers.includes(tab));
  return {
    offload: 1 - originBytes / wanted,
    receiptsDisagree: Math.abs(1 - (present + departed) / originBytes),
    stalls: stallTexts.length,
    stallTexts,
    addedMsP50: median(added),
    addedMsP95: quantile(added, 0.95),
    glassMsP50: median(glass),
    glassMsP95: quantile(glass, 0.95),
    controlGlassMsP50: median(controlPaints.flatMap((painted) => glassDelays(painted))),
    bufferAheadMsP50: median(ahead),
    controlBufferAheadMsP50: median(controlAhead),
    mainThreadAddedMsPerSec: median(lasting.map(busyMs)) - median(cast.controls.map(busyMs)),
  };
};
