/**
 * Never worse than without neighbours: a viewer that stalls again and again because of the mesh leaves it for a while,
 * longer each time, and says so.
 */
import type { Millis } from '../engine.ts';
import type { Feeds } from './feeds.ts';
import type { Playout } from './playout.ts';
import type { SwarmView } from './swarm-view.ts';

const STALLS_MAX = 3;
const STALLS_WITHIN_MS = 60_000;
/** Stalls so close to each other have one cause and count as one. */
const SAME_CAUSE_MS = 10_000;
const LONG_STALL_MS = 5_000;
/** Stalls while the origin is closed or at its limit, or just after, are not the mesh's: there is nowhere better to go. */
const EXCUSED_MS = 15_000;
const AWAY_MIN_MS = 60_000;
const AWAY_MAX_MS = 300_000;

export class Fallback {
  readonly #view: SwarmView;
  readonly #feeds: Feeds;
  readonly #playout: Playout;
  #stalls: Millis[] = [];
  #seen = 0;
  #awayMs = AWAY_MIN_MS;
  #backAt: Millis | undefined;
  #excusedUntil: Millis = 0;

  constructor(view: SwarmView, feeds: Feeds, playout: Playout) {
    this.#view = view;
    this.#feeds = feeds;
    this.#playout = playout;
  }

  get active(): boolean {
    return this.#backAt !== undefined;
  }

  /** Leaves or rejoins the mesh as due, the mesh being all there is without an origin; returns when to look again. */
  tick(now: Millis, sourceSilent: boolean): Millis {
    const canLeave = this.#feeds.canAskOrigin(now);
    if (!canLeave) this.#excusedUntil = now + EXCUSED_MS;
    const excused = now < this.#excusedUntil;
    if (this.#backAt !== undefined && (now >= this.#backAt || !canLeave)) {
      this.#backAt = undefined;
      this.#feeds.allowMesh(now, this.#view.policy.mode !== 'off');
    }
    this.#count(now);
    this.#stalls = excused ? [] : this.#stalls.filter((at) => now - at < STALLS_WITHIN_MS);
    const fed = this.#feeds.all().some((feed) => typeof feed.source === 'number');
    const long = this.#playout.stalledMs(now) > LONG_STALL_MS && fed && !sourceSilent && !excused;
    if (this.#backAt === undefined && !excused && (this.#stalls.length >= STALLS_MAX || long)) this.#leave(now);
    return now + 1_000;
  }

  #count(now: Millis): void {
    const { meshStalls } = this.#view.counters;
    if (meshStalls > this.#seen && now - (this.#stalls.at(-1) ?? Number.NEGATIVE_INFINITY) > SAME_CAUSE_MS)
      this.#stalls.push(now);
    this.#seen = meshStalls;
  }

  #leave(now: Millis): void {
    const forMs = Math.round(this.#awayMs * this.#view.random.between(1, 1.5));
    this.#awayMs = Math.min(AWAY_MAX_MS, this.#awayMs * 2);
    this.#backAt = now + forMs;
    this.#stalls = [];
    this.#feeds.allowMesh(now, false);
    this.#view.out.put({ kind: 'fell-back', forMs });
  }
}
