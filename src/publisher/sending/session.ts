/**
 * One running publisher inside its worker: frames through the encoders into FLV and out over the uplink, and the bitrate held to
 * what the line takes.
 */

import type { FlvWriter, StreamDescription, Track } from '../../../wasm/flv-writer.ts';
import { asShoalError } from '../../carrier/calls.ts';
import type { OpenSocket } from '../../carrier/socket-face.ts';
import { ShoalError } from '../../errors.ts';
import { AudioEncoding } from './audio-encoding.ts';
import { Bitrate } from './bitrate.ts';
import type { PublisherFigures, PublisherReport, PublisherStart } from './control.ts';
import { readFeed } from './frame-feed.ts';
import type { Timing } from './timing.ts';
import { TrackClock } from './track-clock.ts';
import { Uplink } from './uplink.ts';
import { VideoEncoding } from './video-encoding.ts';

/** What it takes from its worker. */
export interface SessionWorld {
  readonly open: OpenSocket;
  readonly timing: Timing;
  readonly random: () => number;
}

/** How often the line is judged, ms. */
const SAMPLE_MS = 250;
/** Every so many samples figures are reported. */
const SAMPLES_PER_REPORT = 4;
/** Sound that has not begun so long after the pictures is given up: some tracks never say anything. */
const SOUND_WITHIN_MS = 3000;
/** Sound without pictures can be joined this often, ms. */
const SOUND_GROUP_MS = 500;
const US_PER_MS = 1000;

/** See above. */
export class PublisherSession {
  readonly #start: PublisherStart;
  readonly #world: SessionWorld;
  readonly #writer: FlvWriter;
  readonly #uplink: Uplink;
  readonly #bitrate: Bitrate | undefined;
  readonly #video: VideoEncoding | undefined;
  readonly #audio: AudioEncoding | undefined;
  readonly #clock = new TrackClock();
  readonly #stopFeeds: (() => void)[] = [];
  /** Whether the sound has begun, or is not waited for any longer. */
  #sound: 'awaited' | 'settled';
  #picturesBeganMs: number | undefined;
  readonly #finished: Promise<void>;
  #finish: () => void = () => undefined;
  #state: 'running' | 'finishing' | 'over' = 'running';
  /** Why it ends in good order, where nobody asked for it. */
  #reason: ShoalError | undefined;
  #description: StreamDescription;
  #renewalDue = false;
  #groupAtMs = Number.NEGATIVE_INFINITY;
  #sampling: { cancel(): void } | undefined;
  #samples = 0;
  #seen = { atMs: 0, arrivedBytes: 0, droppedGroups: 0 };

  constructor(start: PublisherStart, writer: FlvWriter, world: SessionWorld) {
    this.#start = start;
    this.#world = world;
    this.#writer = writer;
    const { video, audio } = start;
    this.#description = {
      ...(video === undefined ? {} : { frameRate: video.wish.frameRate, videoBitsPerSec: video.wish.max }),
      ...(audio === undefined ? {} : { audioBitsPerSec: audio.wish.bitsPerSec }),
    };
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#bitrate = video === undefined ? undefined : new Bitrate(video.wish);
    this.#video = video === undefined ? undefined : this.#encodePictures(video);
    this.#audio = audio === undefined ? undefined : this.#encodeSound(audio);
    this.#sound = audio === undefined ? 'settled' : 'awaited';
    this.#uplink = this.#openUplink();
    this.#sample();
  }

  get figures(): PublisherFigures {
    const { encoded, skipped } = this.#video?.counts ?? { encoded: 0, skipped: 0 };
    return {
      ...this.#uplink.figures,
      bitsPerSec: this.#bitrate?.current ?? 0,
      ...(this.#video?.size ?? { width: 0, height: 0 }),
      encodedFrames: encoded,
      skippedFrames: skipped,
    };
  }

  /** Sends what is there and ends the stream in good order. */
  async stop(): Promise<void> {
    if (this.#state === 'running') {
      this.#state = 'finishing';
      for (const stop of this.#stopFeeds) stop();
      // An encoder that has failed has nothing more to give.
      await Promise.all([this.#video?.flush(), this.#audio?.flush()]).catch(() => undefined);
      this.#writer.finish();
      this.#forward();
      this.#uplink.finish();
    }
    await this.#finished;
  }

  #encodePictures({ wish, feed }: NonNullable<PublisherStart['video']>): VideoEncoding {
    const encoding = new VideoEncoding(wish, {
      configured: (record, size) => this.#configure('video', record, size),
      frame: (chunk) => this.#write('video', chunk),
      failed: (error) => this.#over(error),
    });
    this.#stopFeeds.push(
      readFeed(
        feed,
        (frame) => encoding.encode(frame),
        () => this.#captureEnded(),
      ),
    );
    return encoding;
  }

  #encodeSound({ wish, feed }: NonNullable<PublisherStart['audio']>): AudioEncoding {
    const encoding = new AudioEncoding(wish, {
      configured: (head, sampleRate) => this.#configure('audio', head, { sampleRate }),
      frame: (chunk) => this.#write('audio', chunk),
      failed: (error) => this.#over(error),
    });
    this.#stopFeeds.push(
      readFeed(
        feed,
        (sound) => encoding.encode(sound),
        // Pictures go on without sound; sound alone is all there was.
        () => this.#video === undefined && this.#captureEnded(),
      ),
    );
    return encoding;
  }

  /** The user ended it, or the device has gone: what was captured still leaves in good order. */
  #captureEnded(): void {
    this.#reason ??= new ShoalError('publish/capture-ended');
    void this.stop();
  }

  #openUplink(): Uplink {
    const { address, session } = this.#start;
    return new Uplink({
      ...this.#world,
      address,
      session,
      prelude: (fileHeader, ms) => this.#writer.prelude(fileHeader, ms),
      events: {
        state: (state) => {
          if (state === 'sending') this.#bitrate?.forget();
          this.#say({ kind: 'state', state });
        },
        keyframeWanted: () => this.#video?.wantKeyframe(),
        over: (code) => this.#over(code === undefined ? this.#reason : new ShoalError(code)),
      },
    });
  }

  #configure(track: Track, config: Uint8Array, described: StreamDescription): void {
    if (this.#state === 'over') return;
    this.#description = { ...this.#description, ...described };
    if (track === 'audio') this.#sound = 'settled';
    else this.#picturesBeganMs ??= this.#world.timing.now();
    try {
      this.#writer.describe(this.#description);
      if (this.#writer.configure(track, config)) this.#renewalDue = true;
    } catch (cause) {
      this.#over(new ShoalError('publish/encoder-failed', { detail: `${track} configuration`, cause }));
    }
  }

  #write(track: Track, chunk: EncodedVideoChunk | EncodedAudioChunk): void {
    if (this.#state === 'over') return;
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    const timeUs = this.#clock.place(track, chunk.timestamp, this.#world.timing.now() * US_PER_MS);
    try {
      this.#writer.frame({ track, keyframe: chunk.type === 'key', timeUs, bytes });
    } catch (cause) {
      return this.#over(new ShoalError('publish/encoder-failed', { detail: `${track} frame`, cause }));
    }
    this.#forward();
  }

  #forward(): void {
    for (let tag = this.#writer.take(); tag !== undefined; tag = this.#writer.take()) {
      const { ms, bytes, keyframe } = tag;
      const soundGroup = this.#video === undefined && ms - this.#groupAtMs >= SOUND_GROUP_MS;
      const startsGroup = keyframe || soundGroup;
      if (startsGroup) this.#groupAtMs = ms;
      this.#uplink.offer({ ms, bytes, startsGroup, renews: startsGroup && this.#renewalDue });
      if (startsGroup) this.#renewalDue = false;
    }
  }

  #sample(): void {
    this.#sampling = this.#world.timing.after(SAMPLE_MS, () => this.#sample());
    const { arrivedBytes, droppedGroups, lagMs } = this.#uplink.figures;
    const nowMs = this.#world.timing.now();
    if (nowMs - (this.#picturesBeganMs ?? nowMs) > SOUND_WITHIN_MS) this.#goWithoutSound();
    const elapsedMs = nowMs - this.#seen.atMs;
    this.#samples += 1;
    if (this.#bitrate !== undefined && lagMs !== undefined) {
      const rate = this.#bitrate.sample({
        nowMs,
        lagMs,
        deliveredBitsPerSec: ((arrivedBytes - this.#seen.arrivedBytes) * 8000) / elapsedMs,
        hasDropped: droppedGroups > this.#seen.droppedGroups,
      });
      this.#video?.setBitrate(rate);
    }
    this.#seen = { atMs: nowMs, arrivedBytes, droppedGroups };
    if (this.#samples % SAMPLES_PER_REPORT === 0) this.#say({ kind: 'figures', figures: this.figures });
  }

  #goWithoutSound(): void {
    if (this.#sound === 'settled') return;
    this.#sound = 'settled';
    this.#audio?.close();
    this.#writer.giveUp('audio');
    this.#forward();
  }

  #over(error: ShoalError | undefined): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    for (const stop of this.#stopFeeds) stop();
    this.#sampling?.cancel();
    this.#video?.close();
    this.#audio?.close();
    this.#uplink.close();
    this.#writer.free();
    this.#say({ kind: 'over', code: error?.code, detail: error?.detail });
    this.#finish();
  }

  #say(report: PublisherReport): void {
    this.#start.report.postMessage(report);
  }
}

/** Makes the object a page calls; `load` gives the writer. */
export const createPublisherControl = (load: (tracks: readonly Track[]) => Promise<FlvWriter>, world: SessionWorld) => {
  let session: PublisherSession | undefined;
  const running = (): PublisherSession => {
    if (session === undefined) throw new ShoalError('state/destroyed');
    return session;
  };
  return {
    async start(start: PublisherStart): Promise<void> {
      if (session !== undefined) throw new ShoalError('state/destroyed');
      const tracks: Track[] = [];
      if (start.video !== undefined) tracks.push('video');
      if (start.audio !== undefined) tracks.push('audio');
      try {
        session = new PublisherSession(start, await load(tracks), world);
      } catch (cause) {
        throw asShoalError(cause, 'worker/start-failed');
      }
    },
    figures: () => running().figures,
    stop: () => session?.stop() ?? Promise.resolve(),
    ping: () => undefined,
  };
};
