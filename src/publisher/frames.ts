/**
 * Frames out of a captured track, on their way into a worker: by the browser's own stream of them, else picture by picture from
 * a hidden video element and sound from an AudioWorklet.
 */
import type { FrameFeed } from './sending/control.ts';

/** A feed, what has to be transferred with it, and how to stop it. */
export interface TrackFeed<Frame> {
  readonly feed: FrameFeed<Frame>;
  readonly taken: Transferable;
  stop(): void;
}

/** Chromium's, on the page. */
type Processor = new (options: { track: MediaStreamTrack }) => { readonly readable: ReadableStream };

const processor = (): Processor | undefined =>
  (globalThis as { readonly MediaStreamTrackProcessor?: Processor }).MediaStreamTrackProcessor;

/** Pictures of a track. */
export const feedPictures = (track: MediaStreamTrack): Promise<TrackFeed<VideoFrame>> => {
  const Made = processor();
  return Made === undefined ? pictureByPicture(track) : Promise.resolve(streamed<VideoFrame>(Made, track));
};

/** Sound of a track. */
export const feedSound = (track: MediaStreamTrack): Promise<TrackFeed<AudioData>> => {
  const Made = processor();
  return Made === undefined ? soundByWorklet(track) : Promise.resolve(streamed<AudioData>(Made, track));
};

const streamed = <Frame>(Made: Processor, track: MediaStreamTrack): TrackFeed<Frame> => {
  const frames = new Made({ track }).readable;
  return { feed: { kind: 'stream', frames }, taken: frames, stop: () => undefined };
};

const pictureByPicture = async (track: MediaStreamTrack): Promise<TrackFeed<VideoFrame>> => {
  const { port1, port2 } = new MessageChannel();
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  let next = 0;
  const take: VideoFrameRequestCallback = (now, { width, height }) => {
    next = video.requestVideoFrameCallback(take);
    if (width === 0 || height === 0) return;
    const frame = new VideoFrame(video, { timestamp: Math.round(now * 1000) });
    port1.postMessage(frame, [frame]);
  };
  next = video.requestVideoFrameCallback(take);
  track.addEventListener('ended', () => port1.postMessage('ended'));
  await video.play();
  const stop = (): void => {
    video.cancelVideoFrameCallback(next);
    video.srcObject = null;
    port1.close();
  };
  return { feed: { kind: 'port', port: port2 }, taken: port2, stop };
};

/** Blocks of 128 samples that are sent together: some 21 ms. */
const BLOCKS = 8;

const WORKLET = `registerProcessor('shoal-sound', class extends AudioWorkletProcessor {
  kept = [];
  constructor() {
    super();
    this.port.onmessage = ({ data }) => { this.out = data; };
  }
  process([planes]) {
    if (planes.length === 0 || this.out === undefined) return true;
    this.kept.push(planes.map((plane) => plane.slice()));
    if (this.kept.length < ${BLOCKS}) return true;
    const length = planes[0].length;
    const joined = planes.map((_, channel) => {
      const plane = new Float32Array(length * ${BLOCKS});
      this.kept.forEach((block, index) => block[channel] && plane.set(block[channel], index * length));
      return plane;
    });
    this.kept = [];
    const timeUs = Math.round(((currentFrame - length * ${BLOCKS - 1}) / sampleRate) * 1e6);
    this.out.postMessage({ planes: joined, sampleRate, timeUs }, joined.map(({ buffer }) => buffer));
    return true;
  }
});`;

const soundByWorklet = async (track: MediaStreamTrack): Promise<TrackFeed<AudioData>> => {
  const { port1, port2 } = new MessageChannel();
  const context = new AudioContext();
  const address = URL.createObjectURL(new Blob([WORKLET], { type: 'text/javascript' }));
  await context.audioWorklet.addModule(address);
  URL.revokeObjectURL(address);
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const node = new AudioWorkletNode(context, 'shoal-sound', { numberOfOutputs: 0 });
  node.port.postMessage(port1, [port1]);
  source.connect(node);
  // Pictures do not wait for sound that cannot begin: Firefox starts no context on a machine without a loudspeaker. It fails
  // only when `stop` has closed the context.
  context.resume().catch(() => undefined);
  return { feed: { kind: 'port', port: port2 }, taken: port2, stop: () => void context.close() };
};
