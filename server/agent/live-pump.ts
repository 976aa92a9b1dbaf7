// Moves live tags to one viewer as fast as it takes them. A viewer whose line is too slow is given the picture in a lower
// quality, where there is one, and the better one again after a while; at the lowest it loses what waits and goes on at the
// next keyframe. Each time it is told by a fresh file header, so its picture jumps and never stands still behind.

import type { Exchange } from '../../src/carrier/exchange.ts';
import type { Clock } from '../src/clock.ts';
import type { LiveFeed, LiveViewer } from './live-feed.ts';

/** The part of an exchange that is used. */
export type LiveExchange = Pick<Exchange, 'write' | 'end' | 'cancel' | 'over'>;

const WAITING_BYTES_MAX = 2 * 1024 * 1024;
/** What has waited so long is no live picture any more. */
const BEHIND_MS_MAX = 2_000;
/** So little is on its way that a better quality may fit. */
const CALM_MS = 300;
/** A better quality is tried after so long without a backlog, and after twice that each time it did not fit. */
const RISE_MS = 15_000;
const RISE_MOST_MS = 300_000;
/** What is in the network's own queues cannot be taken back: so many seconds of the picture at most, and at least so much. */
const UNDER_WAY_SECONDS = 1.5;
const UNDER_WAY_LEAST = 96 * 1024;
const RATE_OVER_MS = 3_000;
/** Tags are gathered into writes of about this size: a message for every audio tag would cost more than it carries. */
const WRITE_BYTES = 16_000;

interface Waiting {
  readonly flv: Uint8Array;
  readonly at: number;
}

/** Carries a picture to an exchange until either ends; `feeds` are the same picture, best quality first. */
export const pumpLive = async (
  feeds: readonly [LiveFeed, ...LiveFeed[]],
  exchange: LiveExchange,
  clock: Clock,
): Promise<void> => {
  const pump = new LivePump(feeds, clock);
  const gone = exchange.over.then(
    () => 'gone' as const,
    () => 'gone' as const,
  );
  try {
    for (;;) {
      const batch = pump.take();
      if (batch === undefined) {
        if (pump.state !== 'live') break;
        if ((await Promise.race([pump.woken(), gone])) === 'gone') return;
      } else await exchange.write(batch, pump.underWayMax);
    }
    if (pump.state === 'ended') exchange.end();
    else exchange.cancel();
  } finally {
    pump.leave();
  }
};

class LivePump {
  readonly #feeds: readonly [LiveFeed, ...LiveFeed[]];
  readonly #clock: Clock;
  #level = 0;
  #viewer: LiveViewer | undefined;
  #leave: () => void = () => undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #wake: () => void = () => undefined;
  /** Since when there has been no backlog at this level, and how long that must be. */
  #calmSince: number;
  #riseMs = RISE_MS;
  /** Bytes so far, at moments of the last seconds. */
  readonly #marks: { readonly at: number; readonly bytes: number }[] = [];
  #bytes = 0;
  state: 'live' | 'ended' | 'failed' = 'live';

  constructor(feeds: readonly [LiveFeed, ...LiveFeed[]], clock: Clock) {
    this.#feeds = feeds;
    this.#clock = clock;
    this.#calmSince = clock.now();
    this.#watch(0);
  }

  /** Bytes that may be under way to the viewer. */
  get underWayMax(): number {
    const [first] = this.#marks;
    const perSecond = first === undefined ? 0 : ((this.#bytes - first.bytes) * 1000) / RATE_OVER_MS;
    return Math.max(UNDER_WAY_LEAST, perSecond * UNDER_WAY_SECONDS);
  }

  /** The next bytes to write; undefined when none wait. */
  take(): Buffer | undefined {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && bytes < WRITE_BYTES) bytes += this.#waiting[count++]?.flv.length ?? 0;
    if (count === 0) return undefined;
    const batch = this.#waiting.splice(0, count);
    this.#waitingBytes -= bytes;
    const now = this.#clock.now();
    if (now - (batch[0]?.at ?? now) > CALM_MS) this.#calmSince = now;
    else if (this.#level > 0 && now - this.#calmSince > this.#riseMs) this.#rise();
    return Buffer.concat(batch.map(({ flv }) => flv));
  }

  /** Resolves when there may be something to do. */
  woken(): Promise<'woken'> {
    return new Promise((resolve) => {
      this.#wake = () => resolve('woken');
    });
  }

  leave(): void {
    this.#viewer = undefined;
    this.#leave();
  }

  #watch(level: number): void {
    this.leave();
    this.#level = level;
    const viewer: LiveViewer = {
      tags: (flv) => viewer === this.#viewer && this.#put(flv),
      ended: (why) => {
        if (viewer !== this.#viewer) return;
        this.state = why;
        this.#wake();
      },
    };
    this.#viewer = viewer;
    this.#leave = (this.#feeds[level] ?? this.#feeds[0]).join(viewer);
  }

  #put(flv: Uint8Array): void {
    const now = this.#clock.now();
    this.#waiting.push({ flv, at: now });
    this.#bytes += flv.length;
    this.#marks.push({ at: now, bytes: this.#bytes });
    while ((this.#marks[0]?.at ?? now) < now - RATE_OVER_MS) this.#marks.shift();
    this.#waitingBytes += flv.length;
    const oldest = this.#waiting[0]?.at ?? now;
    if (this.#waitingBytes > WAITING_BYTES_MAX || now - oldest > BEHIND_MS_MAX) this.#fallBehind(now);
    this.#wake();
  }

  #fallBehind(now: number): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#calmSince = now;
    if (this.#level + 1 < this.#feeds.length) this.#watch(this.#level + 1);
    else if (this.#viewer !== undefined) this.#feeds[this.#level]?.skip(this.#viewer);
  }

  /** What waits of the lower quality ends with a whole tag, so the better one can follow it. */
  #rise(): void {
    this.#riseMs = Math.min(RISE_MOST_MS, this.#riseMs * 2);
    this.#calmSince = this.#clock.now();
    this.#watch(this.#level - 1);
  }
}
