// One connection to an origin or relay: the frames of a stream in, requests out. It is asked for the time every other
// second: the answers tell how its clock differs from ours, and that it is alive.

import type { Fault } from '../../../src/errors.ts';
import { type CloseCause, causeOfClose, waitOfClose } from '../../../src/wire/close.ts';
import { HEAD_FRAME } from '../../../src/wire/head.ts';
import { HEAD_BYTES_MAX } from '../../../src/wire/limits.ts';
import {
  decodeOriginFrame,
  encodeOriginRequest,
  type OriginFrame,
  type OriginRequest,
} from '../../../src/wire/origin.ts';
import { PIECE_FRAME } from '../../../src/wire/piece.ts';
import type { Clock, Timer } from '../clock.ts';
import { type DialledSocket, dialSocket } from '../sockets.ts';

/** What comes over a line. */
export interface LineEvents {
  head(bytes: Buffer): void;
  piece(bytes: Buffer): void;
  frame(frame: Exclude<OriginFrame, { readonly kind: 'clock' }>): void;
  /** It is over: said so, broke, or fell silent. */
  lost(cause: CloseCause | 'origin/unreachable', retryAfterMs: number): void;
}

/** Where a line leads. */
export interface LineTarget {
  /** Address of the stream's piece form. */
  readonly url: URL;
  /** What lets a relay in. */
  readonly authorization: string | undefined;
}

const ASK_TIME_MS = 2000;
const SILENT_MS = 5000;

/** See above. */
export class UpstreamLine {
  readonly #clock: Clock;
  readonly #events: LineEvents;
  readonly #socket: DialledSocket;
  #state: 'open' | 'over' = 'open';
  #heardAt: number;
  #timer: Timer | undefined;
  #askedAt = 0;
  #stamp = 0;
  /** The shortest answer of the last few is the most exact one. */
  #bestTripMs = Number.POSITIVE_INFINITY;
  #aheadMs: number | undefined;

  constructor(clock: Clock, target: LineTarget, events: LineEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#heardAt = clock.now();
    const { authorization } = target;
    this.#socket = dialSocket(
      target.url.href.replace(/^http/, 'ws'),
      { maxPayload: HEAD_BYTES_MAX, headers: authorization === undefined ? {} : { authorization } },
      {
        opened: () => this.#askTime(),
        binary: (bytes) => this.#hear(bytes),
        closed: (code, reason) => this.#lose(causeOfClose(code) ?? 'origin/unreachable', waitOfClose(reason)),
      },
    );
    this.#watch();
  }

  /** How far the other clock is ahead of ours; undefined until it is known. */
  get aheadMs(): number | undefined {
    return this.#aheadMs;
  }

  ask(request: OriginRequest): void {
    if (this.#state === 'open') this.#socket.send(encodeOriginRequest(request));
  }

  /** Ends it without a word. */
  close(): void {
    this.#state = 'over';
    this.#timer?.cancel();
    this.#socket.destroy();
  }

  #watch(): void {
    this.#timer = this.#clock.after(ASK_TIME_MS, () => {
      if (this.#clock.now() - this.#heardAt >= SILENT_MS) return this.#lose('origin/unreachable', 0);
      this.#askTime();
      this.#watch();
    });
  }

  #askTime(): void {
    this.#askedAt = this.#clock.now();
    this.#stamp = Math.max(1, Math.round(this.#askedAt) >>> 0);
    this.ask({ kind: 'clock', stampMs: this.#stamp });
  }

  #hear(bytes: Buffer): void {
    if (this.#state === 'over') return;
    this.#heardAt = this.#clock.now();
    // What the library hands out lies in a larger buffer, which would be kept whole with a piece of it.
    if (bytes[0] === PIECE_FRAME) return this.#events.piece(Buffer.from(bytes));
    if (bytes[0] === HEAD_FRAME) return this.#events.head(Buffer.from(bytes));
    const frame: OriginFrame | Fault = decodeOriginFrame(bytes);
    if (frame.kind === 'fault') return this.#lose('origin/bad-frame', 0);
    if (frame.kind === 'clock') this.#timed(frame.stampMs, frame.wallMs);
    else this.#events.frame(frame);
  }

  #timed(stampMs: number, wallMs: number): void {
    if (stampMs !== this.#stamp) return;
    const tripMs = this.#clock.now() - this.#askedAt;
    // Clocks drift: an old best answer counts for a little less each time.
    this.#bestTripMs += 1;
    if (tripMs > this.#bestTripMs) return;
    this.#bestTripMs = tripMs;
    this.#aheadMs = wallMs + tripMs / 2 - this.#clock.wall();
  }

  #lose(cause: CloseCause | 'origin/unreachable', retryAfterMs: number): void {
    if (this.#state === 'over') return;
    this.close();
    this.#events.lost(cause, retryAfterMs);
  }
}
