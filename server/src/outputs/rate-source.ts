// A stream in another rate: one ffmpeg that makes its pictures smaller and leaves its sound as it is.

import type { Ffmpeg, FfmpegRun } from '../ffmpeg.ts';
import { FLV_HEADER, makeTag } from '../flv/tags.ts';
import type { Stream } from '../origin/stream.ts';
import { TagTap } from '../origin/tag-tap.ts';
import type { RateEntry } from '../publishing-options.ts';
import type { Source, SourceEvents } from '../sources/source.ts';

/** What it works with. */
export interface RateParts {
  readonly ffmpeg: Ffmpeg;
  readonly events: SourceEvents;
}

/** Keyframes come where the stream has them, so that rates can be changed at them. */
const argumentsOf = ({ height, kbps }: RateEntry): string[] => [
  ...['-fflags', 'nobuffer', '-analyzeduration', '1000000', '-f', 'flv', '-i', 'pipe:0'],
  ...['-vf', `scale=-2:${height}`, '-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency'],
  ...['-force_key_frames', 'source', '-pix_fmt', 'yuv420p'],
  ...['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`, '-c:a', 'copy', '-copyts'],
  ...['-flush_packets', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'],
];

/** See above. */
export class RateSource implements Source {
  readonly #parts: RateParts;
  readonly #tap: TagTap;
  readonly #rate: RateEntry;
  #run: FfmpegRun | undefined;
  #state: 'waiting' | 'running' | 'over' = 'waiting';

  constructor(stream: Stream, rate: RateEntry, parts: RateParts) {
    this.#parts = parts;
    this.#rate = rate;
    const { events } = parts;
    this.#tap = new TagTap(stream, {
      begin: () => this.#begin(),
      tag: ({ type, dtsMs, data }) => this.#write(makeTag(type, dtsMs, data)),
      paused: (reason) => this.#over(() => (reason === 'source-ended' ? events.ended() : this.#fail('paused'))),
      refused: (code) => this.#over(() => events.failed(code, 'what it is made from')),
    });
    // Only after the caller knows its source: much may be told at once.
    queueMicrotask(() => {
      if (this.#state !== 'over') this.#tap.open();
    });
  }

  stop(): void {
    this.#over(() => undefined);
  }

  #begin(): void {
    if (this.#state === 'running') return this.#over(() => this.#fail('a new run'));
    this.#state = 'running';
    this.#run = this.#parts.ffmpeg.start(argumentsOf(this.#rate), {
      bytes: (chunk) => this.#parts.events.bytes(chunk),
      ended: (detail) => this.#over(() => this.#fail(detail)),
    });
    this.#write(FLV_HEADER);
  }

  #write(bytes: Buffer): void {
    if (this.#state !== 'running') return;
    if (this.#run?.write(bytes) !== true) this.#over(() => this.#fail('ffmpeg does not keep up'));
  }

  #fail(detail: string): void {
    this.#parts.events.failed('source/outage', detail);
  }

  #over(tell: () => void): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#tap.close();
    this.#run?.stop();
    tell();
  }
}
