/**
 * What the model level takes from the exact level as numbers, because it does not follow every message: adjusted in the
 * steady scenario of the ideal world with 300 viewers, and held against the exact level elsewhere by
 * `npm run sim -- --compare`.
 */

/**
 * A piece is late by so much more than today's lags and round trips would say, ms: those that are remembered are older, and holes
 * are looked at when something else happens.
 */
export const SLACK_MORE_MS = 100;

/** From the moment a piece is due to be asked for until the origin's answer leaves, besides the way, ms: timers, mostly. */
export const ORIGIN_ANSWER_MS = 60;
