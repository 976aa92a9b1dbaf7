/**
 * What a running viewer needs from the world. Three sets of these exist: the browser's worker, Node, and memory (tests).
 * A port makes no decision and retries nothing; it reports each outcome once, by its events. All byte arguments are
 * owned by the receiver from then on.
 */
import type { ErrorCode } from '../errors.ts';
import type { IceServer } from '../wire/service.ts';

/** One connection to the origin's piece socket (or an HTTP response of the same frames). */
export interface OriginPort {
  /** Connects; ends in `opened` or `closed`. */
  open(request: OriginOpening): void;
  /** Sends an encoded OriginRequest; dropped when not open. */
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Closes without an event. */
  close(): void;
}

/** What the first request of an origin connection says, in its URL. */
export interface OriginOpening {
  /** Substreams to send at once, one bit each. */
  readonly mask: number;
  /** Where to begin: the newest keyframe, the next cut, or a sequence. */
  readonly from: 'keyframe' | 'live' | number;
  /** The query the viewer is admitted by, without `?`; may be ''. */
  readonly credentials: string;
  /** The key code whose key wraps the content key, if the stream uses codes. */
  readonly code: string | undefined;
}

export interface OriginEvents {
  opened(): void;
  /** One whole frame. */
  frame(bytes: Uint8Array<ArrayBuffer>): void;
  closed(code: ErrorCode, retryAfterMs: number): void;
}

/** One WebSocket to the tracker. */
export interface TrackerPort {
  open(): void;
  send(text: string): void;
  close(): void;
}

export interface TrackerEvents {
  opened(): void;
  said(text: string): void;
  closed(code: ErrorCode): void;
}

/** The two channels of a link: `control` is reliable and ordered, `pieces` is neither. */
export type Lane = 'control' | 'pieces';

/** SHA-256 fingerprints of both ends' DTLS certificates: 32 bytes each. */
export interface Fingerprints {
  readonly own: Uint8Array;
  readonly theirs: Uint8Array;
}

/** All links of a viewer; the caller numbers them. */
export interface LinkPort {
  dial(link: number, options: DialOptions): void;
  /** Hands in a signalling message of the other side. */
  signal(link: number, data: string): void;
  /** Sends at once or not at all; false when the lane is not open. The bytes may be sent to several links. */
  send(link: number, lane: Lane, bytes: Uint8Array<ArrayBuffer>): boolean;
  /** Bytes handed to `send` on the pieces lane that have not left this process. */
  backlog(link: number): number;
  /** Closes without an event. */
  hangUp(link: number): void;
}

export interface DialOptions {
  readonly initiator: boolean;
  readonly iceServers: readonly IceServer[];
}

export interface LinkEvents {
  /** A signalling message for the other side: at most three per side and dial, candidates batched. */
  signal(link: number, data: string): void;
  /** Both lanes are open. */
  opened(link: number, fingerprints: Fingerprints): void;
  message(link: number, lane: Lane, bytes: Uint8Array<ArrayBuffer>): void;
  /** The link failed to open or was lost. */
  closed(link: number, code: ErrorCode): void;
}

/** Where clear FLV goes. */
export interface SinkPort {
  /**
   * Everything after it belongs to a new run of bytes that begins with an FLV header. At a seam the run before it was
   * interrupted by another epoch, and its end is still to be shown.
   */
  start(seam: boolean): void;
  /** Whole tags (or the prelude); one fresh buffer per call. */
  bytes(flv: Uint8Array<ArrayBuffer>): void;
  /** Playback speed the engine wants now. */
  rate(rate: number): void;
  /** Jump to this media time (ms, FLV timestamps). */
  seek(dtsMs: number): void;
  /** The source ended; play what is buffered. */
  ended(): void;
}

/** Time and timers. */
export interface ClockPort {
  /** Never goes back, ms. */
  now(): number;
  /** Unix time, ms. */
  wallMs(): number;
  /** Calls back once at or after `at` (on `now`'s scale); a second call replaces the first. */
  wakeAt(at: number, wake: () => void): void;
  /** Forgets the wake-up. */
  cancel(): void;
}

/** Cryptographic randomness. */
export type RandomBytes = (length: number) => Uint8Array<ArrayBuffer>;

/** What the page reports about its media element, a few times a second. */
export interface Playhead {
  /** Media time being shown and the end of what is buffered ahead of it, ms on the FLV timestamp scale. */
  readonly shownMs: number;
  readonly bufferedMs: number;
  readonly playing: boolean;
  /** Playback has begun and is waiting for data. */
  readonly stalled: boolean;
}

/** What a key service answered: the viewer keeps the key and sends only the code. */
export interface CodePort {
  /** The code to send to the origin, and its key; rejects with `key/...`. */
  fetch(): Promise<{ readonly code: string; readonly key: Uint8Array }>;
}
