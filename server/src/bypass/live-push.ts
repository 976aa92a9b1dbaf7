// The life of one live push, as a table. A push is wished for by its app's switch or by its publisher, and can be only while
// its track is up. Three clocks, none of which is another: a start has three seconds to succeed; one that failed is tried
// again by the server after five; and a publisher that asked by hand tries again itself, three seconds or more later.

import type { Millis } from '../../../src/core/engine.ts';
import type { PushState } from '../../../src/wire/room.ts';

/** A start that has not succeeded by then has failed. */
export const START_MS = 3000;
/** The server tries a failed start again after so long. */
export const RETRY_MS = 5000;
/** A publisher should leave so much between its own tries. */
export const CLIENT_RETRY_MS = 3000;

/** What happens to a push. */
export type PushInput =
  /** Wished for, and its track is up. */
  | 'go'
  /** Not wished for any longer, or its track is down. */
  | 'halt'
  | 'started'
  | 'failed'
  /** The time of the state is over. */
  | 'time';

/** What has to be done on the way. */
export type PushEffect = 'attempt' | 'cancel' | 'announce' | 'withdraw';

interface Step {
  readonly to: PushState;
  readonly effects: readonly PushEffect[];
}

/** What is not in the table changes nothing. */
const TABLE: Readonly<Record<PushState, Partial<Record<PushInput, Step>>>> = {
  stopped: {
    go: { to: 'starting', effects: ['attempt'] },
  },
  starting: {
    started: { to: 'running', effects: ['announce'] },
    failed: { to: 'retrying', effects: [] },
    time: { to: 'retrying', effects: ['cancel'] },
    halt: { to: 'stopped', effects: ['cancel'] },
  },
  running: {
    halt: { to: 'stopped', effects: ['withdraw'] },
  },
  retrying: {
    time: { to: 'starting', effects: ['attempt'] },
    halt: { to: 'stopped', effects: [] },
  },
};

const LASTS_MS: Readonly<Record<PushState, Millis>> = {
  stopped: Number.POSITIVE_INFINITY,
  starting: START_MS,
  running: Number.POSITIVE_INFINITY,
  retrying: RETRY_MS,
};

/** See above. */
export class LivePush {
  #state: PushState = 'stopped';
  #until: Millis = Number.POSITIVE_INFINITY;
  #attempt = 0;

  get state(): PushState {
    return this.#state;
  }

  /** Counts the starts; what comes of an older one is of no interest. */
  get attempt(): number {
    return this.#attempt;
  }

  /** When the time of the state is over. */
  get until(): Millis {
    return this.#until;
  }

  /** Takes a step; undefined when nothing changes. */
  handle(now: Millis, input: PushInput): readonly PushEffect[] | undefined {
    const step = TABLE[this.#state][input];
    if (step === undefined) return undefined;
    this.#state = step.to;
    this.#until = now + LASTS_MS[step.to];
    if (step.effects.includes('attempt')) this.#attempt++;
    return step.effects;
  }
}
