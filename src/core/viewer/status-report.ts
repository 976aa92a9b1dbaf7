/**
 * What we tell each neighbour of ourselves: what is held, where we stand in each tree, and how many bytes of theirs
 * arrived. Often to those we exchange pieces with, seldom to the rest.
 */
import type { Status } from '../../wire/link.ts';
import type { Millis } from '../engine.ts';
import type { Children } from './children.ts';
import type { Feeds } from './feeds.ts';
import type { Neighbour } from './neighbour.ts';
import { LAG_UNIT_MS, LAG_UNKNOWN } from './parent-choice.ts';
import type { SwarmView } from './swarm-view.ts';

export const BUSY_EVERY_MS = 400;
export const IDLE_EVERY_MS = 1_500;
/** This many bytes from a neighbour are acknowledged at once, but not more often than every so many ms. */
const ACK_BYTES = 32_000;
const ACK_EVERY_MS = 60;
/** Pieces the have-bitmap covers. */
const HAVE_PIECES = 128;

export class StatusReport {
  readonly #view: SwarmView;
  readonly #feeds: Feeds;
  readonly #children: Children;

  constructor(view: SwarmView, feeds: Feeds, children: Children) {
    this.#view = view;
    this.#feeds = feeds;
    this.#children = children;
  }

  /** Sends what is due; returns when to look again. */
  tick(now: Millis): Millis {
    if (this.#view.head === undefined) return now + BUSY_EVERY_MS;
    let body: Omit<Status, 'received' | 'stamp' | 'echo' | 'echoAgeMs'> | undefined;
    for (const neighbour of this.#view.neighbours.all()) {
      const every = (neighbour.parentMask | neighbour.childMask) === 0 ? IDLE_EVERY_MS : BUSY_EVERY_MS;
      if (now - neighbour.statusSentAt < every) continue;
      body ??= this.#body();
      this.#send(now, neighbour, body);
    }
    return now + BUSY_EVERY_MS / 2;
  }

  /** Acknowledges early when much has come from one neighbour, so that its idea of what is in flight stays true. */
  received(now: Millis, neighbour: Neighbour): void {
    if (neighbour.laneBytesIn - neighbour.laneBytesTold < ACK_BYTES) return;
    if (now - neighbour.statusSentAt < ACK_EVERY_MS) return;
    this.#send(now, neighbour, this.#body());
  }

  /** The first word to a new neighbour. */
  greet(now: Millis, neighbour: Neighbour): void {
    if (this.#view.head !== undefined) this.#send(now, neighbour, this.#body());
  }

  #send(now: Millis, neighbour: Neighbour, body: Omit<Status, 'received' | 'stamp' | 'echo' | 'echoAgeMs'>): void {
    neighbour.statusSentAt = now;
    neighbour.laneBytesTold = neighbour.laneBytesIn;
    const { kind, epochTag, base, have, open, relaying, lags, ranks } = body;
    const { echo, echoAgeMs } = neighbour.echo(now);
    const received = neighbour.laneBytesIn >>> 0;
    const stamp = Math.round(now) & 0xffff;
    const message: Status = {
      kind,
      epochTag,
      base,
      have,
      open,
      relaying,
      lags,
      ranks,
      received,
      stamp,
      echo,
      echoAgeMs,
    };
    this.#view.out.put({ kind: 'tell', link: neighbour.link, message });
  }

  #body(): Omit<Status, 'received' | 'stamp' | 'echo' | 'echoAgeMs'> {
    const { pieces, substreams, epochTag } = this.#view;
    const base = Math.max(0, pieces.newest - HAVE_PIECES + 1);
    const lags = new Uint8Array(substreams);
    const ranks: number[] = [];
    // What a child can expect: what we get late, and what waits here, it gets later still.
    const waitMs = this.#children.outgoing.usualWaitMs;
    for (let substream = 0; substream < substreams; substream++) {
      const feed = this.#feeds.of(substream);
      const lag = feed?.source === undefined ? undefined : feed.lag.at(0.8);
      lags[substream] = lag === undefined ? LAG_UNKNOWN : clampLag(lag + waitMs);
      ranks.push(this.#feeds.rankOf(substream));
    }
    return {
      kind: 'status',
      epochTag,
      base,
      have: pieces.haveFrom(base, HAVE_PIECES / 8),
      open: this.#children.openMask(),
      relaying: this.#children.relayingMask(),
      lags,
      ranks,
    };
  }
}

const clampLag = (lagMs: number): number => Math.min(LAG_UNKNOWN - 1, Math.max(0, Math.round(lagMs / LAG_UNIT_MS)));
