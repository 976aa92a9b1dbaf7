/**
 * What the parts of one HLS engine share: the links, what is held, and where to put outputs. It holds facts, no decisions.
 */
import type { SegmentKey } from '../../wire/hls-link.ts';
import type { ViewerName } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import { Random } from '../kit/random.ts';
import type { LinkNumber, PolicyReport, ViewerOutput } from '../viewer/io.ts';
import { SwarmView } from '../viewer/swarm-view.ts';
import type { HlsOutput, SharedOutput } from './io.ts';
import type { Seat } from './seat.ts';

/** A fetch that nobody has measured yet. */
const FETCH_GUESS_MS = 200;
const FETCH_LEARNS = 0.2;

export class HlsView {
  /** Links and name, as viewers of FLV know them; there is no head and there are no FLV pieces in it. */
  readonly swarm: SwarmView;
  readonly seats = new Map<LinkNumber, Seat>();
  /** Whole segments that may be passed on, and how many pieces each has. */
  readonly held = new Map<SegmentKey, number>();
  readonly put: (output: HlsOutput) => void;
  #fetchMs = FETCH_GUESS_MS;
  #pullMs = FETCH_GUESS_MS;

  constructor(seed: number, policy: PolicyReport, put: (output: HlsOutput) => void) {
    this.put = put;
    this.swarm = new SwarmView({
      out: { put: (output) => isShared(output) && put(output) },
      random: new Random(seed),
      policy,
      windowCapacity: 16,
    });
  }

  /** How long a fetch from the server takes, ms. */
  get fetchMs(): number {
    return this.#fetchMs;
  }

  fetchTook(ms: number): void {
    this.#fetchMs += (ms - this.#fetchMs) * FETCH_LEARNS;
  }

  /** How long neighbours that hold a segment take to send it, ms. */
  get pullMs(): number {
    return this.#pullMs;
  }

  pullTook(ms: number): void {
    this.#pullMs += (ms - this.#pullMs) * FETCH_LEARNS;
  }

  /** Neighbours that may be asked for something. */
  *trusted(now: Millis): Generator<Seat> {
    for (const seat of this.seats.values()) if (seat.neighbour.reputation.isTrusted(now)) yield seat;
  }

  /** Says something to every neighbour that is to hear it. */
  tellAll(message: Extract<HlsOutput, { kind: 'tell-hls' }>['message'], but?: (seat: Seat) => boolean): void {
    for (const [link, seat] of this.seats) if (but?.(seat) !== true) this.put({ kind: 'tell-hls', link, message });
  }
}

/**
 * Whose turn it is to fetch a segment: every viewer of a swarm finds the same order by itself, another one for each
 * segment, so that the work is spread and nobody has to be asked.
 */
export const turnOf = (viewer: ViewerName, key: SegmentKey): number => {
  let hash = 0x811c9dc5;
  for (const letter of viewer + key) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
};

const SHARED: ReadonlySet<ViewerOutput['kind']> = new Set<SharedOutput['kind']>([
  'open-tracker',
  'join-tracker',
  'tell-tracker',
  'close-tracker',
  'dial',
  'signal',
  'hang-up',
  'fault',
]);

const isShared = (output: ViewerOutput): output is SharedOutput => SHARED.has(output.kind);
