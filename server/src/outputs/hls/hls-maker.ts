// HLS of one stream: taps its tags, keeps its segments, writes its playlist, and lets those wait who ask for what is about
// to be made. It is made when somebody asks and given up when nobody has asked for a while.

import type { ErrorCode } from '../../../../src/errors.ts';
import { type SegmentSeal, sealedText, sheetOf } from '../../../../src/wire/hls-seal.ts';
import type { ByteCore } from '../../../../wasm/abi.ts';
import type { Clock, Timer } from '../../clock.ts';
import type { Track } from '../../mp4/track.ts';
import type { Stream } from '../../origin/stream.ts';
import { TagTap } from '../../origin/tag-tap.ts';
import { Fragmenter, type FragmentTimes } from './fragmenter.ts';
import { mediaPlaylist } from './playlist.ts';
import { type HlsFile, Segments } from './segments.ts';
import { Turnstile } from './turnstile.ts';

/** What a maker works with. */
export interface HlsMakerParts {
  readonly path: string;
  readonly stream: Stream;
  readonly core: ByteCore;
  readonly signingSeed: Uint8Array;
  readonly clock: Clock;
  readonly secret: Uint8Array;
  readonly times: FragmentTimes;
  /** Segments in a playlist. */
  readonly listed: number;
  /** It makes nothing any more. */
  readonly over: () => void;
}

/** What can come of waiting for a playlist. */
export type Waited = 'there' | 'too-late' | 'nonsense' | ErrorCode;

const IDLE_MS = 30_000;
/** A source that ended and has not come back for so long has ended for those who watch. */
const END_MS = 5000;
const FIRST_MS = 20_000;
/** Requests may name a segment so far ahead, and no further. */
const AHEAD_MAX = 2;

/** See above. */
export class HlsMaker {
  readonly #parts: HlsMakerParts;
  readonly #tap: TagTap;
  readonly #segments: Segments;
  readonly #turnstile: Turnstile;
  readonly #texts = new Map<string, string>();
  #fragmenter: Fragmenter | undefined;
  #tracks: readonly Track[] = [];
  /** Unix time minus the clock of the stream. */
  #aheadMs = Number.POSITIVE_INFINITY;
  #targetSeconds: number;
  #state: 'making' | 'paused' | 'ended' | 'closed' = 'making';
  #cause: ErrorCode | undefined;
  #idle: Timer;
  #end: Timer | undefined;

  constructor(parts: HlsMakerParts) {
    const { core, clock, secret, listed, times } = parts;
    this.#parts = parts;
    this.#targetSeconds = Math.ceil(times.segmentMs / 1000);
    this.#turnstile = new Turnstile(clock);
    this.#segments = new Segments({
      secret,
      listed,
      // Numbers go on rising when the server has been started again or the maker given up: segments last a second at least.
      first: Math.floor(clock.wall() / 1000),
      seal: (bytes) => ({ length: bytes.length, root: sheetOf((piece) => core.blake3(piece), bytes).root }),
    });
    this.#tap = new TagTap(parts.stream, {
      begin: () => this.#begin(),
      tag: (tag) => this.#fragmenter?.push(tag),
      paused: (reason) => this.#pause(reason === 'source-ended'),
      refused: (code) => this.#fail(code),
    });
    this.#idle = this.#planIdle();
  }

  /** Begins; much may be made at once. */
  open(): void {
    this.#tap.open();
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** Codecs and size, once they are known. */
  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  /** Waits until the playlist holds a segment, or the part that is asked for. */
  async ready(wanted: { readonly segment: number; readonly part: number | undefined } | undefined): Promise<Waited> {
    this.#stayOpen();
    const first = await this.#turnstile.until(() => this.#segments.listed.length > 0 || this.#over, FIRST_MS);
    if (this.#cause !== undefined) return this.#cause;
    if (!first || this.#segments.listed.length === 0) return 'too-late';
    if (wanted === undefined) return 'there';
    if (wanted.segment > this.#segments.current + AHEAD_MAX) return 'nonsense';
    const there = await this.#turnstile.until(() => this.#has(wanted) || this.#over, 3000 * this.#targetSeconds);
    return there ? 'there' : 'too-late';
  }

  /** The playlist as it is, with low-latency parts or without; `prefix` stands before every name in it. */
  playlist(prefix: string, withParts: boolean): string {
    const name = `${withParts} ${prefix}`;
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const { path, core, signingSeed, times } = this.#parts;
    const segments = this.#segments.listed;
    const ended = this.#state === 'ended';
    const text = mediaPlaylist({
      segments,
      open: this.#segments.open,
      nextPart: this.#state === 'making' ? this.#segments.nextPart : undefined,
      discontinuitySequence: this.#segments.discontinuitySequence,
      first: segments[0]?.number ?? this.#segments.current,
      targetSeconds: this.#targetSeconds,
      partSeconds: withParts ? times.partMs / 1000 : undefined,
      ended,
      place: path,
      prefix,
      sign: (seals: readonly SegmentSeal[]) => core.sign(signingSeed, sealedText(path, seals)),
    });
    this.#texts.set(name, text);
    return text;
  }

  /** A file by its name; the part that comes next is waited for. */
  async file(name: string): Promise<HlsFile | undefined> {
    this.#stayOpen();
    if (this.#segments.file(name) === undefined && name === this.#segments.nextPart) {
      await this.#turnstile.until(
        () => this.#segments.file(name) !== undefined || this.#over,
        3000 * this.#targetSeconds,
      );
    }
    return this.#segments.file(name);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#idle.cancel();
    this.#end?.cancel();
    this.#tap.close();
    this.#turnstile.turn();
    this.#parts.over();
  }

  get #over(): boolean {
    return this.#state === 'closed' || this.#state === 'ended' || this.#cause !== undefined;
  }

  #begin(): void {
    this.#fragmenter?.flush();
    this.#end?.cancel();
    this.#state = 'making';
    this.#aheadMs = Number.POSITIVE_INFINITY;
    this.#fragmenter = new Fragmenter(this.#parts.times, {
      init: (bytes, tracks) => {
        this.#tracks = tracks;
        this.#segments.begin(bytes);
      },
      part: (part) => {
        // What was kept since the last keyframe comes at once: the part that came soonest says when the others were live.
        const now = this.#parts.clock.wall();
        this.#aheadMs = Math.min(this.#aheadMs, now - part.startMs - part.durationMs);
        this.#segments.addPart(part, Math.round(this.#aheadMs + part.startMs));
        this.#changed();
      },
      segmentEnd: () => {
        this.#segments.endSegment();
        const newest = this.#segments.listed[this.#segments.listed.length - 1];
        const lengthMs = (newest?.parts ?? []).reduce((sum, { durationMs }) => sum + durationMs, 0);
        this.#targetSeconds = Math.max(this.#targetSeconds, Math.round(lengthMs / 1000));
        this.#changed();
      },
      unsupported: (code) => this.#fail(code),
    });
  }

  #pause(ended: boolean): void {
    if (this.#state !== 'making') return;
    this.#state = 'paused';
    this.#fragmenter?.flush();
    if (!ended) return;
    this.#end = this.#parts.clock.after(END_MS, () => {
      if (this.#state !== 'paused') return;
      this.#state = 'ended';
      this.#changed();
    });
  }

  /** Whoever asks is told why, and the next one to ask begins anew. */
  #fail(code: ErrorCode): void {
    this.#cause = code;
    this.#turnstile.turn();
    this.close();
  }

  #has({ segment, part }: { readonly segment: number; readonly part: number | undefined }): boolean {
    const { current, open } = this.#segments;
    return segment < current || (segment === current && part !== undefined && part < (open?.parts.length ?? 0));
  }

  #changed(): void {
    this.#texts.clear();
    this.#turnstile.turn();
  }

  #stayOpen(): void {
    if (this.#state === 'closed') return;
    this.#idle.cancel();
    this.#idle = this.#planIdle();
  }

  #planIdle(): Timer {
    return this.#parts.clock.after(IDLE_MS, () => this.close());
  }
}
