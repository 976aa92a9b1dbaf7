// Tags of one run of a stream as the parts of its segments: parts end when they are as long as they may be, segments at
// keyframes. Nothing is transcoded.

import type { ErrorCode } from '../../../../src/errors.ts';
import { type MediaPacket, type PicturePacket, packetOf, type SoundPacket } from '../../flv/packets.ts';
import type { Tag } from '../../flv/tags.ts';
import { fragment } from '../../mp4/fragment.ts';
import { initSegment } from '../../mp4/init-segment.ts';
import { aacTrack, mp3Track, pictureTrack, type SoundTrack, type Track } from '../../mp4/track.ts';
import { PendingTrack } from './pending-track.ts';

/** How long parts and segments are. */
export interface FragmentTimes {
  readonly partMs: number;
  readonly segmentMs: number;
}

/** Some frames of all tracks. */
export interface FragmentPart {
  readonly bytes: Buffer;
  /** When it begins, by the clock of the stream. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Begins with a keyframe. */
  readonly independent: boolean;
}

/** What a fragmenter makes. */
export interface FragmentEvents {
  /** The tracks are these from here on. */
  init(bytes: Buffer, tracks: readonly Track[]): void;
  part(part: FragmentPart): void;
  /** The parts since the last one are a segment. */
  segmentEnd(): void;
  /** The stream has a codec that cannot be carried. */
  unsupported(code: ErrorCode, detail: string): void;
}

/** A segment without a keyframe for so long, or of so many bytes, ends anyway. */
const SEGMENT_MS_MAX = 20_000;
const SEGMENT_BYTES_MAX = 32 * 1024 * 1024;
/** Frames whose times do not go on become a part all the same. */
const PART_BYTES_MAX = 4 * 1024 * 1024;
/** A jump of time that no pause explains. */
const JUMP_MS = 10_000;
/** Sound waits so long for pictures that have stopped coming, and goes on without them. */
const LONE_SOUND_MS = 2000;
/** Shorter decoder configurations are none. */
const CONFIG_BYTES_MIN = { avc: 7, hevc: 23 } as const;

/** See above. */
export class Fragmenter {
  readonly #events: FragmentEvents;
  readonly #times: FragmentTimes;
  #picture: PendingTrack | undefined;
  #sound: PendingTrack | undefined;
  /** `changed`: the tracks are others than those last announced. */
  #state: 'changed' | 'announced' | 'unsupported' = 'changed';
  #sequence = 1;
  #segmentMs: number | undefined;
  #partMs = 0;
  #lastMs = 0;
  #segmentBytes = 0;

  constructor(times: FragmentTimes, events: FragmentEvents) {
    this.#times = times;
    this.#events = events;
  }

  push(tag: Tag): void {
    const packet = this.#state === 'unsupported' ? undefined : packetOf(tag);
    if (packet === undefined) return;
    if (packet.kind === 'config') this.#configure(packet);
    else if (packet.kind === 'frame') this.#frame(packet, tag.dtsMs);
  }

  /** What waits becomes a part, and a segment ends. */
  flush(): void {
    if (this.#segmentMs === undefined) return;
    this.#cutPart(undefined);
    this.#events.segmentEnd();
    this.#segmentMs = undefined;
  }

  #configure(packet: MediaPacket): void {
    const known = packet.of === 'picture' ? this.#picture?.track : this.#sound?.track;
    if (known?.config.equals(packet.body) === true) return;
    const track = trackOf(packet);
    if (track === undefined) return this.#refuse(packet.codec);
    this.#setTrack(track);
  }

  /** New tracks begin a new segment, unless none has been announced for this one. */
  #setTrack(track: Track): void {
    if (this.#state !== 'changed') this.flush();
    if (track.of === 'picture') this.#picture = new PendingTrack(track);
    else this.#sound = new PendingTrack(track);
    this.#state = 'changed';
  }

  #frame(packet: PicturePacket | SoundPacket, dtsMs: number): void {
    if (packet.of === 'picture') this.#pictureFrame(packet, dtsMs);
    else this.#soundFrame(packet, dtsMs);
    const waiting = (this.#picture?.bytes ?? 0) + (this.#sound?.bytes ?? 0);
    if (waiting > PART_BYTES_MAX) this.#cutLate(dtsMs);
  }

  #soundFrame(packet: SoundPacket, dtsMs: number): void {
    if (packet.codec === 'mp3' && this.#sound === undefined) {
      const track = mp3Track(packet.body);
      if (track !== undefined) this.#setTrack(track);
    }
    if (packet.codec !== this.#sound?.track.codec)
      return this.#sound === undefined ? this.#refuse(packet.codec) : undefined;
    if (this.#picture === undefined) this.#pace(dtsMs, true);
    else if (this.#segmentMs !== undefined && dtsMs - this.#partMs > LONE_SOUND_MS) this.#cutLate(dtsMs);
    // Sound before the first keyframe belongs to nothing.
    if (this.#segmentMs === undefined) return;
    this.#sound.add({ data: packet.body, dtsMs, offsetMs: 0, keyframe: true });
  }

  #pictureFrame(packet: PicturePacket, dtsMs: number): void {
    if (this.#picture === undefined) return this.#refuse(packet.codec);
    if (packet.codec !== this.#picture.track.codec) return;
    if (this.#segmentMs === undefined && !packet.keyframe) return;
    this.#pace(dtsMs, packet.keyframe);
    const { body, keyframe, offsetMs } = packet;
    this.#picture.add({ data: body, dtsMs, offsetMs, keyframe });
  }

  /** Cuts before a frame of the track that sets the pace, where it is time. */
  #pace(dtsMs: number, keyframe: boolean): void {
    if (this.#segmentMs !== undefined && (dtsMs < this.#lastMs || dtsMs > this.#lastMs + JUMP_MS)) this.flush();
    if (this.#segmentMs === undefined) return this.#beginSegment(dtsMs);
    const frameMs = dtsMs - this.#lastMs;
    const lengthMs = dtsMs - this.#segmentMs;
    const tooLong = lengthMs >= SEGMENT_MS_MAX || this.#segmentBytes >= SEGMENT_BYTES_MAX;
    if ((keyframe && lengthMs >= this.#times.segmentMs) || tooLong) {
      this.#cutPart(dtsMs);
      this.#events.segmentEnd();
      this.#beginSegment(dtsMs);
    } else if (dtsMs - this.#partMs + frameMs > this.#times.partMs) {
      this.#cutPart(dtsMs);
    }
    this.#lastMs = dtsMs;
  }

  /** Where the track that sets the pace is silent. */
  #cutLate(dtsMs: number): void {
    this.#cutPart(dtsMs);
    if (dtsMs - (this.#segmentMs ?? dtsMs) < SEGMENT_MS_MAX && this.#segmentBytes < SEGMENT_BYTES_MAX) return;
    this.#events.segmentEnd();
    this.#segmentMs = dtsMs;
    this.#segmentBytes = 0;
  }

  #beginSegment(dtsMs: number): void {
    this.#segmentMs = dtsMs;
    this.#partMs = dtsMs;
    this.#lastMs = dtsMs;
    this.#segmentBytes = 0;
  }

  #cutPart(untilMs: number | undefined): void {
    const pending = [this.#picture, this.#sound].filter((track) => track !== undefined);
    const pace = pending.find(({ empty }) => !empty);
    if (pace === undefined) return;
    if (this.#state === 'changed') {
      this.#state = 'announced';
      const tracks = pending.map(({ track }) => track);
      this.#events.init(initSegment(tracks), tracks);
    }
    const { independent } = pace;
    const runs = pending.map((each) => ({ track: each.track.id, samples: each.take(untilMs) }));
    const paced = runs.find(({ track }) => track === pace.track.id)?.samples ?? [];
    const ticks = paced.reduce((sum, { duration }) => sum + duration, 0);
    const bytes = fragment(this.#sequence++, runs);
    this.#segmentBytes += bytes.length;
    const startMs = this.#partMs;
    this.#partMs = untilMs ?? this.#lastMs;
    this.#events.part({ bytes, startMs, durationMs: (ticks * 1000) / pace.track.timescale, independent });
  }

  #refuse(codec: string): void {
    this.#state = 'unsupported';
    this.#events.unsupported('output/unsupported-codec', codec);
  }
}

const trackOf = ({ of, codec, body }: MediaPacket): Track | undefined => {
  if (of === 'picture') {
    const known = codec === 'avc' || codec === 'hevc';
    return known && body.length >= CONFIG_BYTES_MIN[codec] ? pictureTrack(codec, body) : undefined;
  }
  return codec === 'aac' ? (aacTrack(body) satisfies SoundTrack | undefined) : undefined;
};
