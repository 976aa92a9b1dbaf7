/**
 * The timers of an engine, and how long each may wait once it is due.
 */
import type { Millis } from '../engine.ts';
import type { TimerTable } from '../kit/timers.ts';

/** In the order in which those that are due together fire at first. */
export const ENGINE_TIMERS = [
  'status',
  'feeds',
  'repair',
  'membership',
  'playout',
  'origin',
  'budget',
  'outgoing',
] as const;
export type TimerName = (typeof ENGINE_TIMERS)[number];

/** Holes, deadlines and pieces whose turn it is are looked at when they are due; the rest may wait for the next message, of which there are many. */
const SLACK_MS: Readonly<Record<TimerName, Millis>> = {
  status: 40,
  feeds: 40,
  repair: 0,
  membership: 100,
  playout: 0,
  origin: 40,
  budget: 100,
  outgoing: 0,
};

/** Both, as the timers of every engine have them. */
export const TIMER_TABLE: TimerTable<TimerName> = {
  names: ENGINE_TIMERS,
  slackMs: ENGINE_TIMERS.map((name) => SLACK_MS[name]),
};
