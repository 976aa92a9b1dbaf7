/**
 * Reads frames out of a feed, one after the other, until it ends or is closed. Every frame that is not handed over is
 * closed: a camera has few of them.
 */
import type { FrameFeed, PlanarSound } from './control.ts';

/** Whatever a browser captures. */
type Captured = VideoFrame | AudioData;

/** Calls back for each frame, which from then on is the callee's; returns how to stop. `ended` is told once. */
export const readFeed = <Frame extends Captured>(
  feed: FrameFeed<Frame>,
  taken: (frame: Frame) => void,
  ended: () => void,
): (() => void) => (feed.kind === 'stream' ? readStream(feed.frames, taken, ended) : readPort(feed.port, taken, ended));

const readStream = <Frame extends Captured>(
  frames: ReadableStream<Frame>,
  taken: (frame: Frame) => void,
  ended: () => void,
): (() => void) => {
  const reader = frames.getReader();
  let state: 'reading' | 'over' = 'reading';
  const over = (): void => {
    if (state === 'reading') ended();
    state = 'over';
  };
  const read = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return over();
      if (state === 'over') value.close();
      else taken(value);
    }
  };
  read().catch(over);
  return () => {
    state = 'over';
    // A stream that is broken already needs no cancelling.
    reader.cancel().catch(() => undefined);
  };
};

const readPort = <Frame extends Captured>(
  port: MessagePort,
  taken: (frame: Frame) => void,
  ended: () => void,
): (() => void) => {
  port.onmessage = (event: MessageEvent<Frame | PlanarSound | 'ended'>) => {
    const { data } = event;
    if (data === 'ended') ended();
    else taken('planes' in data ? (soundOf(data) as Frame) : data);
  };
  return () => {
    port.onmessage = (event: MessageEvent<Frame | PlanarSound | 'ended'>) => {
      if (typeof event.data === 'object' && 'close' in event.data) event.data.close();
    };
    port.close();
  };
};

const soundOf = ({ planes, sampleRate, timeUs }: PlanarSound): AudioData => {
  const length = planes[0]?.length ?? 0;
  const data = new Float32Array(length * planes.length);
  planes.forEach((plane, index) => {
    data.set(plane, index * length);
  });
  return new AudioData({
    format: 'f32-planar',
    sampleRate,
    numberOfFrames: length,
    numberOfChannels: planes.length,
    timestamp: timeUs,
    data,
  });
};
