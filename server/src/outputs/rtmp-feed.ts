// One stream for all its RTMP viewers: each tag becomes a message once, and all of them are sent the same buffer.

import type { ErrorCode } from '../../../src/errors.ts';
import type { Tag } from '../flv/tags.ts';
import type { Stream } from '../origin/stream.ts';
import { keptTags, type TagEvents, TagTap } from '../origin/tag-tap.ts';
import { messageOfTag } from '../rtmp/media.ts';
import { MESSAGE_STREAM, SERVER_CHUNK_BYTES } from '../rtmp/session.ts';
import type { RtmpViewer } from './rtmp-viewer.ts';

const messageOf = (tag: Tag): Buffer => messageOfTag(tag, MESSAGE_STREAM, SERVER_CHUNK_BYTES);

/** See above. */
export class RtmpFeed implements TagEvents {
  readonly #stream: Stream;
  readonly #viewers = new Set<RtmpViewer>();
  readonly #idle: () => void;
  #tap: TagTap | undefined;
  #epoch: string | undefined;

  /** `idle` is called when the last viewer has left or the run has ended. */
  constructor(stream: Stream, idle: () => void) {
    this.#stream = stream;
    this.#idle = idle;
  }

  add(viewer: RtmpViewer): void {
    const { epoch } = this.#stream;
    this.#viewers.add(viewer);
    if (this.#tap === undefined) {
      this.#tap = new TagTap(this.#stream, this);
      return this.#tap.open();
    }
    if (epoch === undefined || this.#epoch !== epoch.hex) return;
    viewer.promise(epoch.byteRate);
    viewer.kept(keptTags(epoch).map(messageOf));
  }

  delete(viewer: RtmpViewer): void {
    if (this.#viewers.delete(viewer) && this.#viewers.size === 0) this.#close();
  }

  begin(epoch: string): void {
    if (this.#epoch !== undefined) return this.#finish(undefined);
    this.#epoch = epoch;
    for (const viewer of this.#viewers) viewer.promise(this.#stream.epoch?.byteRate ?? 0);
  }

  tag(tag: Tag): void {
    const bytes = messageOf(tag);
    for (const viewer of this.#viewers) viewer.message(bytes);
  }

  paused(): void {
    this.#finish(undefined);
  }

  refused(code: ErrorCode): void {
    this.#finish(code);
  }

  #finish(code: ErrorCode | undefined): void {
    const viewers = [...this.#viewers];
    this.#viewers.clear();
    this.#close();
    for (const viewer of viewers) viewer.end(code);
  }

  #close(): void {
    this.#tap?.close();
    this.#tap = undefined;
    this.#idle();
  }
}
