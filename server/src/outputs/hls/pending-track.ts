// The frames of one track that are in no part yet. Pictures are timed by the stream; sound is counted in samples, because
// FLV's whole milliseconds would make it stumble, and set right when it has drifted.

import type { Sample } from '../../mp4/fragment.ts';
import type { Track } from '../../mp4/track.ts';

interface Frame {
  readonly data: Uint8Array;
  readonly time: number;
  readonly offset: number;
  readonly keyframe: boolean;
}

/** A frame as the stream has it. */
export interface FrameIn {
  readonly data: Uint8Array;
  readonly dtsMs: number;
  readonly offsetMs: number;
  readonly keyframe: boolean;
}

const DRIFT_MS_MAX = 60;

/** See above. */
export class PendingTrack {
  readonly track: Track;
  #frames: Frame[] = [];
  #bytes = 0;
  #nextSound: number | undefined;
  /** Length of the last frame whose end is known, ticks. */
  #usual: number;

  constructor(track: Track) {
    this.track = track;
    this.#usual = track.of === 'sound' ? track.frameSamples : track.timescale / 25;
  }

  get empty(): boolean {
    return this.#frames.length === 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the first frame is a keyframe; sound always begins with one. */
  get independent(): boolean {
    return this.#frames[0]?.keyframe === true;
  }

  add({ data, dtsMs, offsetMs, keyframe }: FrameIn): void {
    const ticks = this.#ticks(dtsMs);
    const time = this.track.of === 'sound' ? this.#soundTime(ticks) : ticks;
    this.#frames.push({ data, time, offset: this.#ticks(offsetMs), keyframe });
    this.#bytes += data.length;
  }

  /** Takes all frames; the last lasts until `untilMs`, or as long as its neighbours. */
  take(untilMs: number | undefined): Sample[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    const until = untilMs === undefined || this.track.of === 'sound' ? undefined : this.#ticks(untilMs);
    return frames.map((frame, at) => {
      const next = frames[at + 1]?.time ?? until;
      if (next !== undefined && next > frame.time) this.#usual = next - frame.time;
      return { ...frame, duration: next === undefined ? this.#usual : Math.max(0, next - frame.time) };
    });
  }

  #ticks(ms: number): number {
    return Math.round((ms * this.track.timescale) / 1000);
  }

  #soundTime(ticks: number): number {
    const { track } = this;
    const due = this.#nextSound ?? ticks;
    const time = Math.abs(ticks - due) > this.#ticks(DRIFT_MS_MAX) ? ticks : due;
    this.#nextSound = time + (track.of === 'sound' ? track.frameSamples : 0);
    return time;
  }
}
