// How patient a pull is.

/** See above. */
export interface PullTimes {
  /** Until the answer, ms. */
  readonly answerMs: number;
  /** Without a byte, ms. */
  readonly silenceMs: number;
}

/** What it is unless told otherwise. */
export const PULL_TIMES: PullTimes = { answerMs: 5000, silenceMs: 10_000 };
