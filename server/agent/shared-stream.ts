// The stream that a device shares with the viewers it does not serve itself: pushed to an origin from the first of them
// until a while after the last, and pushed again when the origin breaks off. Each of them holds a share as long as they
// watch.

import type { OpenSocket } from '../../src/carrier/socket-face.ts';
import { type ErrorCode, ShoalError } from '../../src/errors.ts';
import { PUBLISH_PREFIX } from '../../src/wire/publish.ts';
import type { Clock, Timer } from '../src/clock.ts';
import type { Log } from '../src/log.ts';
import { FfmpegPush } from './ffmpeg-push.ts';
import type { LiveFeed } from './live-feed.ts';
import { type Push, type PushEvents, PushLine } from './push-line.ts';

/** Where it is pushed to, and where viewers find it. */
export interface SharedPlace {
  /** `ws(s)://<origin>/publish/<path>?key=...`, or an address for RTMP. */
  readonly push: string;
  /** `http(s)://<origin>/<path>.flv` */
  readonly watch: string;
}

/** What it works with. */
export interface SharedParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly openSocket: OpenSocket;
  readonly place: SharedPlace;
  readonly feed: LiveFeed;
}

/** One viewer's part in it. */
export interface Share {
  /** Resolves with why it came to an end; never when the viewer itself left. */
  readonly over: Promise<ErrorCode>;
  leave(): void;
}

/** After the last viewer: the next one may be about to come. */
const LINGER_MS = 3_000;
/** An origin that has not taken the stream by then does not count as one. */
const ACCEPT_WITHIN_MS = 8_000;
const RETRY_MS = 1_000;
const RETRY_MOST_MS = 15_000;
/** Trying again changes nothing about these. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'publish/refused',
  'publish/bad-path',
  'publish/bad-stream',
  'publish/stopped',
]);

/** Where sharing stands; `waiting`: the origin broke off and is asked again in a while. */
export const SHARING_STATES = ['idle', 'waiting', 'opening', 'pushing'] as const;
export type SharingState = (typeof SHARING_STATES)[number];

interface Holder {
  over(code: ErrorCode): void;
}

/** See above. */
export class SharedStream {
  readonly #parts: SharedParts;
  readonly #holders = new Set<Holder>();
  #state: SharingState = 'idle';
  #line: Push | undefined;
  #timer: Timer | undefined;
  #retryMs = RETRY_MS;
  #accepted: (() => void)[] = [];

  constructor(parts: SharedParts) {
    this.#parts = parts;
  }

  /** Where viewers find it. */
  get address(): string {
    return this.#parts.place.watch;
  }

  get viewers(): number {
    return this.#holders.size;
  }

  get state(): SharingState {
    return this.#state;
  }

  /** One more viewer; resolves when the origin has the stream, rejects with why it has not. */
  async join(): Promise<Share> {
    let end: (code: ErrorCode) => void = () => undefined;
    const over = new Promise<ErrorCode>((resolve) => {
      end = resolve;
    });
    const holder: Holder = { over: end };
    this.#holders.add(holder);
    // The timer is that of the lingering, or of the next try: neither is waited for now.
    this.#timer?.cancel();
    if (this.#state === 'idle' || this.#state === 'waiting') this.#open();
    const leave = (): void => this.#leave(holder);
    if (this.#state !== 'pushing') await this.#taken(over, leave);
    return { over, leave };
  }

  close(): void {
    this.#over('publish/stopped');
  }

  async #taken(over: Promise<ErrorCode>, leave: () => void): Promise<void> {
    let timer: Timer | undefined;
    const late = new Promise<ErrorCode>((resolve) => {
      timer = this.#parts.clock.after(ACCEPT_WITHIN_MS, () => resolve('publish/unreachable'));
    });
    const taken = new Promise<undefined>((resolve) => this.#accepted.push(() => resolve(undefined)));
    const code = await Promise.race([taken, late, over]);
    timer?.cancel();
    if (code === undefined) return;
    leave();
    throw new ShoalError(code, { detail: 'the device cannot share its stream' });
  }

  #open(): void {
    const { openSocket, place, feed, log } = this.#parts;
    this.#state = 'opening';
    const events: PushEvents = {
      accepted: () => {
        this.#state = 'pushing';
        this.#retryMs = RETRY_MS;
        log.write('info', 'sharing', { at: place.watch });
        for (const resolve of this.#accepted.splice(0)) resolve();
      },
      ended: (code) => {
        log.write('warn', 'sharing-broke', { at: place.watch, code });
        this.#broke(code);
      },
    };
    this.#line = place.push.startsWith('ws')
      ? new PushLine({ openSocket, address: place.push, feed }, events)
      : new FfmpegPush({ address: place.push, feed }, events);
  }

  /** Viewers stay: their players wait for the stream as for any whose source is silent. */
  #broke(code: ErrorCode): void {
    this.#line = undefined;
    if (FINAL.has(code) || this.#holders.size === 0) return this.#over(code);
    this.#state = 'waiting';
    this.#timer = this.#parts.clock.after(this.#retryMs, () => this.#open());
    this.#retryMs = Math.min(RETRY_MOST_MS, this.#retryMs * 2);
  }

  #leave(holder: Holder): void {
    if (!this.#holders.delete(holder) || this.#holders.size > 0 || this.#state === 'idle') return;
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(LINGER_MS, () => this.#over('publish/stopped'));
  }

  #over(code: ErrorCode): void {
    if (this.#state === 'idle') return;
    this.#state = 'idle';
    this.#timer?.cancel();
    this.#line?.finish();
    this.#line = undefined;
    this.#accepted = [];
    this.#parts.log.write('info', 'sharing-over', { code });
    for (const { over } of this.#holders) over(code);
    this.#holders.clear();
  }
}

/**
 * Reads `[channel=]<push address>[,<watch address>]`. Where viewers find the stream follows from where it is pushed by
 * WebSocket; with RTMP it has to be said.
 */
export const readSharedPlace = (
  entry: string,
): { readonly channel: number; readonly place: SharedPlace } | undefined => {
  const [, channel = '0', push = '', given] = ENTRY.exec(entry) ?? [];
  const url = URL.canParse(push) ? new URL(push) : undefined;
  const watch = given ?? (url === undefined ? undefined : watchedAt(url));
  return watch === undefined ? undefined : { channel: Number(channel), place: { push, watch } };
};

const ENTRY = /^(?:(\d{1,2})=)?((?:wss?|rtmps?):\/\/[^,]+)(?:,(https?:\/\/[^,]+))?$/;

const watchedAt = ({ protocol, host, pathname }: URL): string | undefined => {
  const at = pathname.indexOf(`${PUBLISH_PREFIX}/`);
  if (at < 0 || !protocol.startsWith('ws')) return undefined;
  return `${protocol.replace('ws', 'http')}//${host}${pathname.slice(0, at)}${pathname.slice(at + PUBLISH_PREFIX.length)}.flv`;
};
