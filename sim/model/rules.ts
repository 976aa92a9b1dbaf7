/**
 * What the engine and the tracker go by, taken from where it stands there, so that the model cannot drift away from it.
 * Where the model knows less than the engine, it says so.
 */

export { INTRODUCTION_HALF_LIFE_MS } from '../../src/core/tracker/attendee.ts';
export { LOOKED_AT, RANDOM_PICKS, SETTLED_MS } from '../../src/core/tracker/room.ts';
export { FAN_OUT } from '../../src/core/viewer/breadth.ts';
export { FEEDS_EVERY_MS, LAGS_KEPT, ORPHAN_PATIENCE_MS, TRIAL_PATIENCE_MS } from '../../src/core/viewer/feed.ts';
export {
  GOOD_ELSE,
  IMPROVE_EVERY_MS,
  LATES_MAX,
  ORPHAN_TRIES,
  SILENCE_MAX_MS,
  SUSPECT_MS,
  TRIALS_MAX,
} from '../../src/core/viewer/feeds.ts';
export {
  LAST_RESORT_MS,
  ORIGIN_RTT_MAX_MS,
  RESORT_MARGIN_MS,
  RESORT_SHARE_MIN as RESORT_SHARE,
} from '../../src/core/viewer/last-resort.ts';
export {
  DIAL_PATIENCE_MS,
  MORE_GROWTH,
  MORE_MAX_MS,
  MORE_MIN_MS,
} from '../../src/core/viewer/membership.ts';
export {
  ANSWER_MIN_MS as PATIENCE_MIN_MS,
  ANSWER_RTTS as PATIENCE_RTTS,
  STATUS_LIFE_MS,
} from '../../src/core/viewer/neighbour.ts';
export { WAIT_MAX_MS } from '../../src/core/viewer/outgoing.ts';
export { RELAY_MS, SOURCES_WANTED } from '../../src/core/viewer/parent-choice.ts';
export { GAIN_MIN_MS, GAIN_SHARE, MARGIN_MS, MERGE_LAG_MS } from '../../src/core/viewer/parent-hunt.ts';
export { SLOW_PIECES } from '../../src/core/viewer/parent-pace.ts';
export { NEIGHBOURS_WANTED, STARVING_MS } from '../../src/core/viewer/reach.ts';
export { PATIENT_MS, SLACK_MIN_MS, SLACK_RTTS } from '../../src/core/viewer/repair.ts';
export { BUSY_EVERY_MS, IDLE_EVERY_MS } from '../../src/core/viewer/status-report.ts';
export {
  CALM_MS,
  CAP_SHARE,
  CAPACITY_SLOTS_MIN,
  CROWDED_MS,
  DRAIN_MS,
  FIRST_GROWTH,
  FIRST_SLOTS,
  KEPT_SHARE,
  OFFERED_SHARE,
  OFFERED_UNSURE,
  UNUSED_SLOTS,
  WIRE_FACTOR,
} from '../../src/core/viewer/upload-budget.ts';
export { NEWEST_WORDS as NEWEST_RTTS } from '../../src/core/viewer/way-out.ts';
/** No tree is deeper. */
export { ANCESTORS_MAX } from '../../src/wire/limits.ts';

/** What the engine's files keep to themselves: a failed parent's rest, held pieces sent at once to a new child, what a stranger must send, late pieces in a row that are excused, and patience learned. */
export const FAILED_MS = 4_000;
export const CATCH_UP_ROUNDS = 4;
export const GOOD_OF_STRANGER = 2;
export const EXCUSES_MAX = 4;
export const GRACE_STEP_UP_MS = 30;
export const GRACE_STEP_DOWN_MS = 10;
export const GRACE_MAX_MS = 200;

/** Links of a viewer of the simulator, as its policy says; and the seconds between two reports to the tracker. */
export const NEIGHBOURS_MAX = 16;
export const REPORT_SECONDS = 5;
