/**
 * One stream that a page publishes: captured, encoded and sent until it is stopped or ends by itself.
 */

import { WorkerHost } from '../carrier/browser/worker-host.ts';
import { asShoalError, withTransfer } from '../carrier/calls.ts';
import { ShoalError } from '../errors.ts';
import { Emitter } from '../player/events.ts';
import { captureCamera, captureScreen } from './capture.ts';
import type { TrackFeed } from './frames.ts';
import { type ParsedPublisher, type PublisherOptions, parsePublisher } from './options.ts';
import type { PublisherControl, PublisherFigures, PublisherReport } from './sending/control.ts';
import { browserPublisherWorld, type PublisherWorld } from './world.ts';

/** Where a publisher stands. */
export type PublisherState = 'connecting' | 'live' | 'reconnecting' | 'ended';

/** What a publisher says, by event name. */
export interface PublisherEvents {
  state: { readonly state: PublisherState };
  /** Figures, once a second. */
  stats: PublisherFigures;
  /** It ended; without an error when it was stopped. */
  ended: { readonly error: ShoalError | undefined };
}

/** See above. */
export class Publisher {
  /** What is captured, for a preview. */
  readonly stream: MediaStream;
  readonly #events = new Emitter<PublisherEvents>();
  readonly #host: WorkerHost<PublisherControl>;
  readonly #report = new MessageChannel();
  readonly #feeds: TrackFeed<unknown>[];
  /** Whether capturing ends with the publisher: not for a stream of the page's own. */
  readonly #ownsStream: boolean;
  #state: PublisherState = 'connecting';
  #live: { resolve(): void; reject(error: ShoalError): void } | undefined;

  /** @internal Use `createPublisher`. */
  constructor(stream: MediaStream, ownsStream: boolean, feeds: TrackFeed<unknown>[], world: PublisherWorld) {
    this.stream = stream;
    this.#ownsStream = ownsStream;
    this.#feeds = feeds;
    this.#host = new WorkerHost<PublisherControl>({
      start: () => world.startWorker(),
      locks: undefined,
      died: (error) => this.#end(error),
    });
    this.#report.port1.onmessage = (event: MessageEvent<PublisherReport>) => this.#hear(event.data);
  }

  get state(): PublisherState {
    return this.#state;
  }

  /** Listens; returns how to stop listening. */
  on<Name extends keyof PublisherEvents>(name: Name, listener: (event: PublisherEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  off<Name extends keyof PublisherEvents>(name: Name, listener: (event: PublisherEvents[Name]) => void): void {
    this.#events.off(name, listener);
  }

  /** Figures of now; rejects with `state/destroyed` after the end. */
  async stats(): Promise<PublisherFigures> {
    if (this.#state === 'ended') throw new ShoalError('state/destroyed');
    return this.#host.call('figures', []);
  }

  /** Sends what is there, ends the stream in good order and lets camera and screen go. Resolves when that is done. */
  async stop(): Promise<void> {
    if (this.#state === 'ended') return;
    try {
      await this.#host.call('stop', []);
    } catch (cause) {
      this.#end(asShoalError(cause, 'worker/call-failed'));
    }
    this.#end(undefined);
  }

  /** @internal Resolves when the server takes the stream. */
  async begin(
    { address, video, audio }: ParsedPublisher,
    session: string,
    feeds: { readonly pictures: TrackFeed<VideoFrame> | undefined; readonly sound: TrackFeed<AudioData> | undefined },
  ): Promise<void> {
    const live = new Promise<void>((resolve, reject) => {
      this.#live = { resolve, reject };
    });
    // Whoever waits for the start hears of it below.
    live.catch(() => undefined);
    const { pictures, sound } = feeds;
    const start = {
      address,
      session,
      video: pictures === undefined || video === undefined ? undefined : { wish: video, feed: pictures.feed },
      audio: sound === undefined || audio === undefined ? undefined : { wish: audio, feed: sound.feed },
      report: this.#report.port2,
    };
    const taken = [this.#report.port2, ...this.#feeds.map((feed) => feed.taken)];
    try {
      await this.#host.call('start', [withTransfer(start, taken)]);
      await live;
    } catch (cause) {
      const error = asShoalError(cause, 'worker/start-failed');
      this.#end(error);
      throw error;
    }
  }

  #hear(report: PublisherReport): void {
    switch (report.kind) {
      case 'state':
        if (report.state === 'sending') this.#enter('live');
        else if (report.state === 'reconnecting') this.#enter('reconnecting');
        return;
      case 'figures':
        return this.#events.emit('stats', report.figures);
      case 'over': {
        const { code, detail } = report;
        return this.#end(code === undefined ? undefined : new ShoalError(code, detail === undefined ? {} : { detail }));
      }
    }
  }

  #enter(state: PublisherState): void {
    if (this.#state === 'ended' || this.#state === state) return;
    this.#state = state;
    if (state === 'live') this.#live?.resolve();
    this.#events.emit('state', { state });
  }

  #end(error: ShoalError | undefined): void {
    if (this.#state === 'ended') return;
    this.#enter('ended');
    this.#live?.reject(error ?? new ShoalError('state/destroyed'));
    for (const feed of this.#feeds) feed.stop();
    if (this.#ownsStream) for (const track of this.stream.getTracks()) track.stop();
    this.#report.port1.close();
    this.#host.end();
    this.#events.emit('ended', { error });
  }
}

/**
 * Captures, connects and publishes. Rejects with why it cannot: no encoder, no permission, no device, or the server's
 * reason.
 */
export const createPublisher = (options: PublisherOptions): Promise<Publisher> =>
  publishIn(browserPublisherWorld(), options);

/** The same in another world than a browser's. */
export const publishIn = async (world: PublisherWorld, options: PublisherOptions): Promise<Publisher> => {
  const parsed = parsePublisher(options);
  const [lack] = await world.lacks();
  if (lack !== undefined) throw new ShoalError(lack.code);
  const stream = await capture(parsed, world);
  const ownsStream = stream !== parsed.source;
  try {
    const [picture] = parsed.video === undefined ? [] : stream.getVideoTracks();
    const [sound] = parsed.audio === undefined ? [] : stream.getAudioTracks();
    if (picture === undefined && sound === undefined) throw new ShoalError('publish/no-device', { detail: 'no track' });
    const feeds = {
      pictures: picture === undefined ? undefined : await world.feedPictures(picture),
      sound: sound === undefined ? undefined : await world.feedSound(sound),
    };
    const all = [feeds.pictures, feeds.sound].filter((feed) => feed !== undefined);
    const publisher = new Publisher(stream, ownsStream, all, world);
    await publisher.begin(parsed, world.session(), feeds);
    return publisher;
  } catch (cause) {
    if (ownsStream) for (const track of stream.getTracks()) track.stop();
    throw asShoalError(cause, 'publish/device-busy');
  }
};

const capture = ({ source, capture: wish }: ParsedPublisher, { devices }: PublisherWorld): Promise<MediaStream> => {
  if (source === 'camera') return captureCamera(devices, wish);
  if (source === 'screen') return captureScreen(devices, wish);
  return Promise.resolve(source);
};
