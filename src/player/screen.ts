/**
 * Where a player's stream goes: onto a video element, or as bytes to whoever asked for them.
 */
import type { SinkEvents } from '../carrier/browser/media-sink.ts';
import { DataSink, type TakeFlv } from './data-sink.ts';
import { FlvSplice } from './flv-splice.ts';
import { HlsPlayback } from './hls-playback.ts';
import type { HlsSharing } from './hls-sharing.ts';
import { PlainData } from './plain-data.ts';
import { PlainPlayback } from './plain-playback.ts';
import type { Playback, PlaybackEvents } from './playback.ts';
import type { PlayerWorld, SinkFace } from './world.ts';

/** How a stream is opened without sharing. */
export interface UnsharedStart {
  readonly url: string;
  readonly playing: boolean;
}

/** Where a player's stream goes. */
export interface Screen {
  /** False where the bytes are not shown by us, so that no MediaSource is needed. */
  readonly shows: boolean;
  openSink(events: SinkEvents, playing: boolean): SinkFace;
  openPlain(start: UnsharedStart, events: PlaybackEvents): Playback;
  /** Absent where there is nothing that could play HLS. */
  openHls?(start: UnsharedStart & { readonly sharing: HlsSharing }, events: PlaybackEvents): HlsPlayback;
  frames(): { readonly shown: number; readonly dropped: number };
  /** The element stands, whoever stopped it. */
  stands(): boolean;
}

/** A video element. */
export const videoScreen = (world: PlayerWorld, video: HTMLVideoElement): Screen => ({
  shows: true,
  openSink: (events, autoplay) => world.createSink(video, world.loadRuns(), { events, autoplay }),
  openPlain: (start, events) => new PlainPlayback({ ...start, video }, world.loadRuns(), events),
  openHls: (start, events) => new HlsPlayback({ ...start, video }, world.playHls, events),
  frames() {
    const quality = video.getVideoPlaybackQuality?.();
    return { shown: quality?.totalVideoFrames ?? 0, dropped: quality?.droppedVideoFrames ?? 0 };
  },
  stands: () => video.paused,
});

/** A screen of bytes, and how to begin a new FLV on it. */
export interface DataScreen extends Screen {
  /** What is on its way is dropped; the next run is a whole FLV of its own. */
  beginFile(): void;
}

/** Somebody who takes bytes. */
export const dataScreen = (world: PlayerWorld, take: TakeFlv): DataScreen => {
  const splice = new FlvSplice();
  return {
    shows: false,
    openSink: (events, playing) => new DataSink({ splice, take, now: world.now }, events, playing),
    openPlain: (start, events) => new PlainData({ ...start, splice, take, fetch: world.fetch }, events),
    frames: () => ({ shown: 0, dropped: 0 }),
    stands: () => false,
    beginFile: () => splice.beginFile(),
  };
};
