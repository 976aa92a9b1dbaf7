/**
 * The connection to the origin: opened at once, reopened with growing, jittered pauses, and asked for the time. It stays
 * open while neighbours feed everything: repairs and keys come over it. One that worked and is lost is opened again almost
 * at once by those whom the origin feeds, since their pictures hang on it; there are few of them in a large swarm, so
 * they are no rush.
 */
import type { OriginFrame } from '../../wire/origin.ts';
import type { Millis } from '../engine.ts';
import type { Feeds } from './feeds.ts';
import type { Playout } from './playout.ts';
import type { SwarmView } from './swarm-view.ts';

const RETRY_MIN_MS = 400;
const RETRY_MAX_MS = 15_000;
/** A connection that lasted this long worked. */
const HEALTHY_MS = 2_000;
/** Within this time those come back whom it fed. */
const AT_ONCE_MS = 100;
const CLOCK_EVERY_MS = 20_000;
/** The first few exchanges follow each other, so that the best of them is a good one. */
const CLOCK_FIRST = 4;
const CLOCK_FIRST_MS = 250;

type State = 'closed' | 'opening' | 'open';

export class OriginLine {
  readonly #view: SwarmView;
  readonly #feeds: Feeds;
  readonly #playout: Playout;
  #state: State = 'closed';
  #retryMs = RETRY_MIN_MS;
  #openedAt: Millis = 0;
  #exchanges = 0;
  /** The newest question: when it was asked, and what its answer must repeat. */
  #askedAt: Millis = 0;
  #stamp = 0;
  /** When there is something to do. */
  nextAt: Millis = Number.POSITIVE_INFINITY;

  constructor(view: SwarmView, feeds: Feeds, playout: Playout) {
    this.#view = view;
    this.#feeds = feeds;
    this.#playout = playout;
  }

  open(now: Millis): void {
    this.#state = 'opening';
    this.nextAt = now + RETRY_MAX_MS;
    const mask = this.#feeds.openingMask();
    this.#feeds.maskAsked(mask);
    this.#view.out.put({ kind: 'open-origin', mask, from: this.#from() });
  }

  opened(now: Millis): void {
    this.#state = 'open';
    this.#openedAt = now;
    this.#retryMs = RETRY_MIN_MS;
    this.#exchanges = 0;
    this.nextAt = now;
    this.#feeds.originOpened(now);
  }

  closed(now: Millis, retryAfterMs: number): void {
    const worked = this.#state === 'open' && now - this.#openedAt >= HEALTHY_MS;
    const isUrgent = worked && retryAfterMs === 0 && this.#feeds.all().some(({ source }) => source === 'origin');
    this.#state = 'closed';
    this.#feeds.originClosed(now);
    if (isUrgent) {
      this.nextAt = now + this.#view.random.between(0, AT_ONCE_MS);
      return;
    }
    this.nextAt = now + Math.max(retryAfterMs, this.#retryMs) * this.#view.random.between(0.6, 1.4);
    this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 1.8);
  }

  said(now: Millis, frame: OriginFrame): void {
    switch (frame.kind) {
      case 'clock':
        if (frame.stampMs === 0) this.#view.clock.hint(now, frame.wallMs);
        else if (frame.stampMs === this.#stamp) this.#view.clock.sample(now, this.#askedAt, frame.wallMs);
        return;
      case 'applied':
        return this.#feeds.originApplied(now, frame.mask);
      case 'load':
        return this.#feeds.originLoaded(now, frame.retryAfterMs);
      case 'ended':
      case 'key':
      case 'absent':
        return;
    }
  }

  tick(now: Millis): Millis {
    if (now >= this.nextAt) this.#act(now);
    return this.nextAt;
  }

  #act(now: Millis): void {
    if (this.#state === 'closed') return this.open(now);
    if (this.#state === 'opening') {
      this.nextAt = now + RETRY_MAX_MS;
      return;
    }
    this.#exchanges++;
    this.#askedAt = now;
    this.nextAt = now + (this.#exchanges < CLOCK_FIRST ? CLOCK_FIRST_MS : CLOCK_EVERY_MS);
    this.#stamp = Math.max(1, Math.round(now) >>> 0);
    this.#view.out.put({ kind: 'ask-origin', request: { kind: 'clock', stampMs: this.#stamp } });
  }

  /** After a break, from where the player stands, so that no hole is left. */
  #from(): 'keyframe' | number {
    return this.#playout.state === 'running' ? this.#playout.cursor : 'keyframe';
  }
}
