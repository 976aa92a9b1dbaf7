// The tags of a running stream for parts of this server: recordings, HLS, RTMP players. A tap begins at the newest keyframe
// that is kept, and keeps the stream running; it is no viewer and nothing crosses the network for it.

import type { ErrorCode } from '../../../src/errors.ts';
import type { EndReason } from '../../../src/wire/origin.ts';
import { TagReader } from '../flv/tag-reader.ts';
import type { Tag } from '../flv/tags.ts';
import type { Epoch } from './epoch.ts';
import type { KeptPiece } from './piece-window.ts';
import type { Stream, Subscriber } from './stream.ts';

/** What a tap is told. */
export interface TagEvents {
  /**
   * A new run of tags: timestamps and codec headers of before do not go on. Metadata and codec headers follow, then
   * frames from a keyframe on (from any frame where a stream has no pictures).
   */
  begin(epoch: string): void;
  /** One tag, in the order of the stream. Its data may be kept and must not be changed. */
  tag(tag: Tag): void;
  /** No tags for now (`source-outage`, `source-ended`) or for good (`shutting-down`). */
  paused(reason: EndReason): void;
  /** The stream cannot be had: nothing was ever received. It may begin later. */
  refused(code: ErrorCode): void;
}

/** See above; `open` begins it, and may tell much at once; `close` ends it. */
export class TagTap implements Subscriber {
  readonly inside = true;
  readonly #stream: Stream;
  readonly #events: TagEvents;
  #epoch: Epoch | undefined;
  #reader: TagReader | undefined;
  /** The piece after the last that was read: a tap that is opened while a piece is handed round is handed it again. */
  #next = 0;

  constructor(stream: Stream, events: TagEvents) {
    this.#stream = stream;
    this.#events = events;
  }

  open(): void {
    this.#stream.subscribe(this);
  }

  close(): void {
    this.#reader = undefined;
    this.#epoch = undefined;
    this.#stream.unsubscribe(this);
  }

  begin(epoch: Epoch): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#reader = undefined;
    this.#next = 0;
    const { keyframe } = epoch.window;
    if (keyframe === undefined) return;
    this.#start(keyframe);
    for (const kept of epoch.window.from(keyframe.header.sequence)) this.#readPiece(kept);
  }

  piece(piece: KeptPiece): void {
    if (piece.header.sequence < this.#next) return;
    if (this.#reader === undefined && piece.header.keyframe) this.#start(piece);
    this.#readPiece(piece);
  }

  generation(): void {
    // Clear bytes have no key.
  }

  paused(reason: EndReason): void {
    this.#events.paused(reason);
  }

  refused(code: ErrorCode): void {
    this.#events.refused(code);
  }

  #start(keyframe: KeptPiece): void {
    const prelude = this.#epoch?.headAt(keyframe.header.sequence)?.prelude;
    if (this.#epoch === undefined || prelude === undefined) return;
    this.#reader = new TagReader();
    this.#events.begin(this.#epoch.hex);
    this.#read(prelude);
  }

  #readPiece({ header, clear }: KeptPiece): void {
    this.#next = header.sequence + 1;
    this.#read(clear);
  }

  #read(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return;
    for (const tag of this.#reader?.push(bytes) ?? []) {
      // Whoever is told may have closed the tap.
      if (this.#epoch === undefined) return;
      this.#events.tag(tag);
    }
  }
}

/** What a tap that began now would be told at once: metadata, codec headers, and frames from the newest keyframe on. */
export const keptTags = (epoch: Epoch): Tag[] => {
  const { keyframe } = epoch.window;
  const prelude = keyframe === undefined ? undefined : epoch.headAt(keyframe.header.sequence)?.prelude;
  if (keyframe === undefined || prelude === undefined) return [];
  const reader = new TagReader();
  const tags = [...(reader.push(prelude) ?? [])];
  for (const { clear } of epoch.window.from(keyframe.header.sequence)) {
    if (clear !== undefined) tags.push(...(reader.push(clear) ?? []));
  }
  return tags;
};
