/**
 * One endless FLV out of runs of whole tags: only the first run keeps its file header, and the timestamps of every later
 * one go on where the run before it ended, as they do after a hole. Whoever reads the result needs to know nothing of either.
 */

const FILE_HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;
const PREVIOUS_SIZE_BYTES = 4;
const AUDIO = 8;
const VIDEO = 9;
/** Between the last tag of a run and the first of the next: about a frame. */
const SEAM_MS = 40;
/** A jump within a run is a hole that was left at a keyframe, or a source that set its clock: readers would stand still there. */
const JUMP_MS = 500;

/** The newest and the first timestamp of the run, ms as the source wrote them; undefined before its first sample. */
export interface RunSpan {
  readonly firstMs: number;
  readonly newestMs: number;
}

/** Splices runs. Buffers are changed in place and handed on. */
export class FlvSplice {
  #place: 'file-header' | 'run-header' | 'prelude' | 'samples' | 'over' = 'file-header';
  #offsetMs = 0;
  /** No timestamp of this run goes below it. */
  #floorMs = 0;
  #newestOutMs = 0;
  #span: RunSpan | undefined;

  /** What the present run holds so far. */
  get span(): RunSpan | undefined {
    return this.#span;
  }

  /** Nothing went on yet: the next buffer that does is the beginning of a file. */
  get isFresh(): boolean {
    return this.#place === 'file-header';
  }

  /** The next buffer begins with an FLV header again. */
  beginRun(): void {
    this.#span = undefined;
    if (this.#place === 'over') this.#place = 'file-header';
    if (this.#place === 'file-header') return;
    this.#place = 'run-header';
    this.#floorMs = this.#newestOutMs + SEAM_MS;
  }

  /** Forgets everything: what comes before the next run goes nowhere, and that run is an FLV of its own. */
  beginFile(): void {
    this.#place = 'over';
    this.#span = undefined;
    this.#offsetMs = 0;
    this.#floorMs = 0;
    this.#newestOutMs = 0;
  }

  /** Takes whole tags, or a file header and whole tags; returns what goes on, which may be nothing. */
  push(buffer: ArrayBuffer): ArrayBuffer | undefined {
    if (this.#place === 'over') return undefined;
    const view = new DataView(buffer);
    const isHeader = this.#place === 'file-header' || this.#place === 'run-header';
    const drops = this.#place === 'run-header';
    let at = isHeader ? Math.min(FILE_HEADER_BYTES, buffer.byteLength) : 0;
    if (isHeader) this.#place = 'prelude';
    while (at + TAG_HEADER_BYTES + PREVIOUS_SIZE_BYTES <= buffer.byteLength) at = this.#tag(view, at);
    if (!drops) return buffer;
    return buffer.byteLength > FILE_HEADER_BYTES ? buffer.slice(FILE_HEADER_BYTES) : undefined;
  }

  #tag(view: DataView, at: number): number {
    const kind = view.getUint8(at);
    const size = view.getUint32(at) & 0xff_ffff;
    const end = at + TAG_HEADER_BYTES + size + PREVIOUS_SIZE_BYTES;
    const sourceMs = timeAt(view, at);
    if (this.#place === 'prelude' && isSample(view, at, { kind, size })) {
      // The first sample says where the run stands on its own scale.
      this.#place = 'samples';
      this.#offsetMs = this.#floorMs === 0 ? 0 : this.#floorMs - sourceMs;
      this.#span = { firstMs: sourceMs, newestMs: sourceMs };
      this.#newestOutMs = Math.max(this.#floorMs, sourceMs + this.#offsetMs);
    }
    if (this.#place === 'prelude') {
      if (this.#floorMs > 0) setTime(view, at, this.#floorMs);
      return end;
    }
    if (this.#span !== undefined && sourceMs > this.#span.newestMs) {
      this.#span = { firstMs: this.#span.firstMs, newestMs: sourceMs };
    }
    const jumpMs = sourceMs + this.#offsetMs - this.#newestOutMs;
    if (Math.abs(jumpMs) > JUMP_MS) this.#offsetMs += SEAM_MS - jumpMs;
    const outMs = Math.max(this.#floorMs, sourceMs + this.#offsetMs);
    if (outMs !== sourceMs) setTime(view, at, outMs);
    this.#newestOutMs = Math.max(this.#newestOutMs, outMs);
    return end;
  }
}

const isSample = (view: DataView, at: number, tag: { readonly kind: number; readonly size: number }): boolean => {
  if ((tag.kind !== AUDIO && tag.kind !== VIDEO) || tag.size < 2) return false;
  const first = view.getUint8(at + TAG_HEADER_BYTES);
  const second = view.getUint8(at + TAG_HEADER_BYTES + 1);
  if (tag.kind === VIDEO) return ((first & 0x80) !== 0 ? first & 15 : second) !== 0;
  const format = first >> 4;
  if (format === 10) return second !== 0;
  return format === 9 ? (first & 15) !== 0 : true;
};

/** 24 bits and, after them, the upper 8: together an unsigned number that wraps after 49 days. */
const timeAt = (view: DataView, at: number): number =>
  ((view.getUint8(at + 7) << 24) | (view.getUint32(at + 4) >>> 8)) >>> 0;

const setTime = (view: DataView, at: number, timeMs: number): void => {
  view.setUint8(at + 4, (timeMs >>> 16) & 0xff);
  view.setUint8(at + 5, (timeMs >>> 8) & 0xff);
  view.setUint8(at + 6, timeMs & 0xff);
  view.setUint8(at + 7, (timeMs >>> 24) & 0xff);
};
