/**
 * The two data channels of one link, seen as one thing that opens, carries messages and closes. The same on the page's
 * own channels, on channels transferred to a worker and on channels that stayed on the page and are forwarded.
 */
import type { ErrorCode } from '../errors.ts';
import type { Fingerprints, Lane } from '../viewer/ports.ts';
import { HEAD_BYTES_MAX, PART_BYTES_MAX } from '../wire/limits.ts';

/** The part of an RTCDataChannel that is used. */
export interface ChannelFace {
  readonly readyState: string;
  readonly bufferedAmount: number;
  binaryType: string;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

/** How both sides create the channel of a lane: negotiated, so no message announces it. */
export const LANE_CHANNELS = {
  control: { id: 101, negotiated: true, ordered: true },
  /** Repair from another neighbour comes sooner than a retransmission after half a second. */
  pieces: { id: 100, negotiated: true, ordered: false, maxPacketLifeTime: 500 },
} as const satisfies Record<Lane, object>;

/** What happened to a link; nothing after `closed`. */
export interface LanesEvents {
  opened(fingerprints: Fingerprints): void;
  message(lane: Lane, bytes: Uint8Array<ArrayBuffer>): void;
  closed(code: ErrorCode): void;
}

/** A dial that has not opened by then never will. */
export const DIAL_WITHIN_MS = 10_000;
const MESSAGE_BYTES_MAX: Readonly<Record<Lane, number>> = { control: HEAD_BYTES_MAX, pieces: PART_BYTES_MAX };
const LANES = ['control', 'pieces'] as const;
/** What the other side may say before this side is ready: its hello and what follows it in the same breath. */
const EARLY_MAX = 32;

type State = 'dialling' | 'open' | 'closed';

/** Both lanes of one link. */
export class Lanes {
  readonly #events: LanesEvents;
  readonly #channels = new Map<Lane, ChannelFace>();
  readonly #timer: ReturnType<typeof setTimeout>;
  #state: State = 'dialling';
  #fingerprints: Fingerprints | undefined;
  #early: { readonly lane: Lane; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];

  constructor(events: LanesEvents, dialWithinMs = DIAL_WITHIN_MS) {
    this.#events = events;
    this.#timer = setTimeout(() => this.fail('link/failed'), dialWithinMs);
  }

  /** Takes the channels; call it in the task that created or received them. */
  adopt(channels: Readonly<Record<Lane, ChannelFace>>): void {
    for (const lane of LANES) {
      const channel = channels[lane];
      channel.binaryType = 'arraybuffer';
      this.#channels.set(lane, channel);
      channel.addEventListener('open', () => this.#ripen());
      channel.addEventListener('message', (event) => this.#hear(lane, event.data));
      channel.addEventListener('close', () => this.fail('link/failed'));
      // `close` follows and is what counts.
      channel.addEventListener('error', () => undefined);
    }
    if (this.#state === 'closed') this.#closeChannels();
    else this.#ripen();
  }

  /** Takes the fingerprints both descriptions name. */
  identify(fingerprints: Fingerprints): void {
    this.#fingerprints = fingerprints;
    this.#ripen();
  }

  send(lane: Lane, bytes: Uint8Array<ArrayBuffer>): boolean {
    const channel = this.#channels.get(lane);
    if (this.#state !== 'open' || channel === undefined) return false;
    try {
      channel.send(bytes);
      return true;
    } catch {
      // The channel's own queue is full, or it is closing: what `false` means. Asking for its state before each send
      // would cost Node a switch of threads each time.
      return false;
    }
  }

  backlog(): number {
    return this.#channels.get('pieces')?.bufferedAmount ?? 0;
  }

  /** Ends it with an event. */
  fail(code: ErrorCode): void {
    if (this.#state === 'closed') return;
    this.close();
    this.#events.closed(code);
  }

  /** Ends it without an event. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#closeChannels();
  }

  #closeChannels(): void {
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
  }

  #ripen(): void {
    if (this.#state !== 'dialling' || this.#fingerprints === undefined) return;
    if (LANES.some((lane) => this.#channels.get(lane)?.readyState !== 'open')) return;
    this.#state = 'open';
    clearTimeout(this.#timer);
    this.#events.opened(this.#fingerprints);
    for (const { lane, bytes } of this.#early.splice(0)) this.#deliver(lane, bytes);
  }

  #deliver(lane: Lane, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state === 'open') this.#events.message(lane, bytes);
  }

  #hear(lane: Lane, data: unknown): void {
    if (this.#state === 'closed') return;
    if (!(data instanceof ArrayBuffer) || data.byteLength > MESSAGE_BYTES_MAX[lane]) {
      this.fail('link/bad-message');
      return;
    }
    const bytes = new Uint8Array(data);
    if (this.#state === 'open') {
      this.#events.message(lane, bytes);
      return;
    }
    // The other side may speak as soon as its own end is open, a moment before ours is: a hello lost here would make
    // everything after it nonsense.
    if (this.#early.length < EARLY_MAX) this.#early.push({ lane, bytes });
    this.#ripen();
  }
}
