/**
 * What the engine and the tracker go by, as the model repeats it. Each number stands in the file of `src/core/` that is
 * named before it; where one changes there, it changes here, and `--compare` shows whether that was all.
 */

export { FAN_OUT } from '../../src/core/viewer/breadth.ts';

/** viewer/feeds.ts: trials, orphans, and late parents. */
/** The model knows no strangers. */
export const GOOD_FOR_ORIGIN = 1;
export const GOOD_FOR_PARENT = 1;
export const TRIAL_PATIENCE_MS = 6_000;
export const LATES_MAX = 3;
export const SILENCE_MAX_MS = 1_600;
export const SUSPECT_MS = 800;
export const ORPHAN_TRIES = 3;
export const ORPHAN_PATIENCE_MS = 400;
export const TRIALS_MAX = 8;
export const FEEDS_EVERY_MS = 200;
export const IMPROVE_EVERY_MS = 1_000;

/** viewer/parent-pace.ts. */
export const SLOW_PIECES = 3;

/** viewer/feed.ts: lags remembered. */
export const LAGS_KEPT = 8;

/** viewer/parent-hunt.ts and viewer/parent-choice.ts: who is better. */
export const GAIN_SHARE = 0.2;
export const GAIN_MIN_MS = 20;
export const MERGE_LAG_MS = 150;
export const MARGIN_MS = 20;
export const RELAY_MS = 5;
/** viewer/neighbour.ts: how long to wait for an answer, and how long a status is believed. */
export const PATIENCE_MIN_MS = 60;
export const PATIENCE_RTTS = 1.5;
export const STATUS_LIFE_MS = 4_000;
/** viewer/status-report.ts. */
export const BUSY_EVERY_MS = 400;
export const IDLE_EVERY_MS = 1_500;

/** viewer/repair.ts: when a piece is late, and who is asked for it. */
export const SLACK_MIN_MS = 60;
export const SLACK_RTTS = 1.5;
export const LAST_RESORT_MS = 150;
/** The least of the random share of it: a viewer's delay is that of its latest pieces. */
export const RESORT_SHARE = 0.4;
export const RESORT_MARGIN_MS = 40;
export const PATIENT_MS = 500;
export const ORIGIN_RTT_MAX_MS = 400;

/** viewer/upload-budget.ts. */
export const CALM_MS = 12;
export const CROWDED_MS = 30;
export const DRAIN_MS = 2_500;
export const OFFERED_SHARE = 0.92;
export const KEPT_SHARE = 0.98;
export const GROWTH = 0.004;
export const GROWTH_DOUBLES_MS = 10_000;
export const GROWTH_MAX = 0.05;
export const SHRINK_LEAST = 0.97;
export const SHRINK_MOST = 0.85;
export const CAPACITY_SLOTS_MIN = 2;
export const UNUSED_SLOTS = 6;
export const WIRE_FACTOR = 1.08;
export const CAP_SHARE = 0.85;
export const FIRST_SLOTS = 4;
/** viewer/neighbour.ts: round trips in which a queue shows. */
export const NEWEST_RTTS = 5;
/** viewer/outgoing.ts. */
export const WAIT_MAX_MS = 900;

/** viewer/membership.ts. */
export const NEIGHBOURS_WANTED = 8;
export const NEIGHBOURS_MAX = 16;
export const DIAL_PATIENCE_MS = 10_000;
export const MORE_MIN_MS = 1_500;
export const MORE_MAX_MS = 15_000;
export const MORE_GROWTH = 1.6;

/** tracker/room.ts, tracker/member.ts, tracker/swarm.ts. */
export const SETTLED_MS = 2_000;
export const RANDOM_PICKS = 2;
export const LOOKED_AT = 64;
export const INTRODUCTION_HALF_LIFE_MS = 5_000;
export const REPORT_SECONDS = 5;

/** wire/limits.ts: no tree is deeper. */
export { ANCESTORS_MAX } from '../../src/wire/limits.ts';
