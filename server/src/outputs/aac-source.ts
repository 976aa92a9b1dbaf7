// A stream with its Opus sound as AAC: one ffmpeg that is fed Ogg Opus, while pictures pass by it untouched. Sound that is
// no Opus passes too.

import { asRecord } from '../../../src/wire/json.ts';
import type { Clock } from '../clock.ts';
import type { Ffmpeg, FfmpegRun } from '../ffmpeg.ts';
import { decodeAmf, encodeAmf } from '../flv/amf.ts';
import { packetOf } from '../flv/packets.ts';
import { TagReader } from '../flv/tag-reader.ts';
import { AUDIO_TAG, FLV_HEADER, makeTag, SCRIPT_TAG, type Tag } from '../flv/tags.ts';
import type { Stream } from '../origin/stream.ts';
import { TagTap } from '../origin/tag-tap.ts';
import type { Source, SourceEvents } from '../sources/source.ts';
import { Interleaver } from './interleaver.ts';
import { OggOpus } from './ogg-opus.ts';

/** What it works with. */
export interface AacParts {
  readonly ffmpeg: Ffmpeg;
  readonly clock: Clock;
  readonly events: SourceEvents;
}

const AAC_IN_FLV = 10;
const ARGUMENTS = [
  ...['-fflags', 'nobuffer', '-probesize', '8192', '-analyzeduration', '0', '-f', 'ogg', '-i', 'pipe:0'],
  ...['-af', 'aresample=async=1', '-c:a', 'aac', '-b:a', '128k', '-ar', '48000', '-ac', '2'],
  ...['-flush_packets', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'],
];

/** See above. */
export class AacSource implements Source {
  readonly #parts: AacParts;
  readonly #tap: TagTap;
  readonly #order: Interleaver;
  readonly #made = new TagReader();
  readonly #ogg = new OggOpus();
  #run: FfmpegRun | undefined;
  #firstSoundMs = 0;
  #state: 'waiting' | 'running' | 'over' = 'waiting';

  constructor(stream: Stream, parts: AacParts) {
    this.#parts = parts;
    this.#order = new Interleaver(parts.clock, (tag) => this.#emit(tag));
    this.#tap = new TagTap(stream, {
      begin: () => this.#begin(),
      tag: (tag) => this.#take(tag),
      paused: (reason) => this.#over(() => (reason === 'source-ended' ? parts.events.ended() : this.#fail('paused'))),
      refused: (code) => this.#over(() => parts.events.failed(code, 'what it is made from')),
    });
    // Only after the caller knows its source: much may be told at once.
    queueMicrotask(() => {
      if (this.#state !== 'over') this.#tap.open();
    });
  }

  stop(): void {
    this.#over(() => undefined);
  }

  /** A run of tags is a source; the next one is another. */
  #begin(): void {
    if (this.#state === 'running') return this.#over(() => this.#fail('a new run'));
    this.#state = 'running';
    this.#parts.events.bytes(FLV_HEADER);
  }

  #take(tag: Tag): void {
    if (this.#state !== 'running') return;
    const packet = packetOf(tag);
    if (packet?.of !== 'sound' || packet.codec !== 'opus') {
      if (packet?.of === 'sound') return this.#order.sound(tag);
      return this.#order.direct(tag.type === SCRIPT_TAG ? withAac(tag) : tag);
    }
    if (packet.kind === 'config') return this.#start(packet.body, tag.dtsMs);
    if (packet.kind !== 'frame') return;
    if (this.#run === undefined) this.#start(undefined, tag.dtsMs);
    const kept = this.#run?.write(this.#ogg.packet(packet.body, tag.dtsMs)) === true;
    if (!kept) this.#over(() => this.#fail('ffmpeg does not keep up'));
  }

  /** The header of the sound comes with the stream's, its time with its first packet. */
  #start(head: Buffer | undefined, atMs: number): void {
    this.#firstSoundMs = atMs;
    if (this.#run !== undefined) return;
    this.#run = this.#parts.ffmpeg.start(ARGUMENTS, {
      bytes: (chunk) => {
        for (const tag of this.#made.push(chunk) ?? []) this.#sound(tag);
      },
      ended: (detail) => this.#over(() => this.#fail(detail)),
    });
    this.#run.write(this.#ogg.begin(head));
  }

  #sound(tag: Tag): void {
    if (tag.type !== AUDIO_TAG || this.#state !== 'running') return;
    this.#order.sound({ ...tag, dtsMs: (tag.dtsMs + this.#firstSoundMs) % 0x1_0000_0000 });
  }

  #emit(tag: Tag): void {
    if (this.#state === 'running') this.#parts.events.bytes(makeTag(tag.type, tag.dtsMs, tag.data));
  }

  #fail(detail: string): void {
    this.#parts.events.failed('source/outage', detail);
  }

  #over(tell: () => void): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#tap.close();
    this.#order.close();
    this.#run?.stop();
    tell();
  }
}

/** Metadata that says which sound there will be. */
const withAac = (tag: Tag): Tag => {
  const [name, fields] = decodeAmf(tag.data);
  const known = asRecord(fields);
  if (name !== 'onMetaData' || known === undefined) return tag;
  return { ...tag, data: encodeAmf(name, { ...(fields as object), audiocodecid: AAC_IN_FLV }) };
};
