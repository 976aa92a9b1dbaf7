// An FLV file as an endless stream: the tags of one round with timestamps that go on rising, round after round.

import { AUDIO_TAG, FLV_HEADER, makeTag, readTags, type Tag, VIDEO_TAG } from '../flv/tags.ts';

const USUAL_FRAME_MS = 40;

/** See above. */
export class FlvLoop {
  /** Length of a round, ms. */
  readonly roundMs: number;
  readonly #preamble: Buffer;
  readonly #tags: readonly Tag[];
  #at = 0;
  #round = 0;

  constructor(file: Buffer) {
    const tags = readTags(file);
    const configs = tags.filter((tag) => tag.kind === 'config' || tag.kind === 'script');
    const frames = tags.filter((tag) => tag.kind === 'frame');
    this.roundMs = roundOf(frames);
    this.#preamble = Buffer.concat([FLV_HEADER, ...configs.map((tag) => makeTag(tag.type, 0, tag.data))]);
    this.#tags = fromKeyframe(frames, this.roundMs);
  }

  /** False for a file without frames. */
  get playable(): boolean {
    return this.#tags.length > 0;
  }

  /** File header, metadata and codec headers. */
  get preamble(): Buffer {
    return this.#preamble;
  }

  /** When the next tag is due, ms of media time. */
  get nextMs(): number {
    return this.#round * this.roundMs + (this.#tags[this.#at]?.dtsMs ?? 0);
  }

  /** The tags due until a media time, with their timestamps. */
  take(untilMs: number): Buffer {
    const due: Buffer[] = [];
    while (this.playable && this.nextMs <= untilMs) {
      const tag = this.#tags[this.#at] as Tag;
      due.push(makeTag(tag.type, this.nextMs % 0x1_0000_0000, tag.data));
      this.#at = (this.#at + 1) % this.#tags.length;
      if (this.#at === 0) this.#round++;
    }
    return Buffer.concat(due);
  }
}

/** A round begins at its first keyframe; sound from before it belongs to the end of the round. */
const fromKeyframe = (frames: readonly Tag[], roundMs: number): Tag[] => {
  const start = frames.findIndex((tag) => tag.type === VIDEO_TAG && ((tag.data[0] ?? 0) & 0x70) === 0x10);
  const base = frames[Math.max(0, start)]?.dtsMs ?? 0;
  return frames
    .filter((tag, at) => at >= start || tag.type === AUDIO_TAG)
    .map((tag) => ({ ...tag, dtsMs: tag.dtsMs < base ? tag.dtsMs - base + roundMs : tag.dtsMs - base }))
    .filter((tag) => tag.dtsMs >= 0 && tag.dtsMs < roundMs)
    .sort((a, b) => a.dtsMs - b.dtsMs);
};

/** From the first to the last picture (or sound, where there are none), and one more frame. */
const roundOf = (frames: readonly Tag[]): number => {
  const paced = frames.some((tag) => tag.type === VIDEO_TAG)
    ? frames.filter((tag) => tag.type === VIDEO_TAG)
    : frames.filter((tag) => tag.type === AUDIO_TAG);
  const first = paced[0]?.dtsMs ?? 0;
  const last = paced[paced.length - 1]?.dtsMs ?? 0;
  const frameMs = paced.length < 2 ? USUAL_FRAME_MS : (last - first) / (paced.length - 1);
  return Math.max(1, Math.round(last - first + frameMs));
};
