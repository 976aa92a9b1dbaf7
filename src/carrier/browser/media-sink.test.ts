import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Playhead } from '../../viewer/ports.ts';
import { FakeMedia } from '../testing/fake-media.ts';
import { MediaSink, type SinkEvents } from './media-sink.ts';
import type { Run, RunFailure, RunMaker } from './mpegts-run.ts';

class FakeRun implements Run {
  readonly pushed: number[] = [];
  state: 'open' | 'ended' | 'destroyed' = 'open';
  fail: (failure: RunFailure) => void = () => undefined;

  push(flv: ArrayBuffer): void {
    this.pushed.push(flv.byteLength);
  }

  end(): void {
    this.state = 'ended';
  }

  destroy(): void {
    this.state = 'destroyed';
  }
}

let media: FakeMedia;
let runs: FakeRun[];
let said: string[];
let playheads: Playhead[];
let visibility: string;

const maker: RunMaker = {
  open(_video, failed) {
    const run = new FakeRun();
    run.fail = failed;
    runs.push(run);
    return run;
  },
  openPlain: () => ({ destroy: () => undefined }),
};

const createSink = (loading: Promise<RunMaker> = Promise.resolve(maker), autoplay = true): MediaSink => {
  const events: SinkEvents = {
    playhead: (playhead) => void playheads.push(playhead),
    moving: () => void said.push('moving'),
    stalled: () => void said.push('stalled'),
    resumed: () => void said.push('resumed'),
    ended: () => void said.push('ended'),
    failed: (failure) => void said.push(failure.code),
    blocked: () => void said.push('blocked'),
    paused: () => void said.push('paused'),
    played: () => void said.push('played'),
  };
  return new MediaSink(media as unknown as HTMLVideoElement, loading, { events, autoplay });
};

beforeEach(() => {
  media = new FakeMedia();
  runs = [];
  said = [];
  playheads = [];
  visibility = 'visible';
  vi.useFakeTimers();
  vi.stubGlobal('document', {
    get visibilityState() {
      return visibility;
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const bytes = (length: number) => ({ kind: 'bytes', flv: new ArrayBuffer(length) }) as const;

/** FLV with one video track whose first frame is at this time. */
const flvAt = (ms: number): ArrayBuffer => {
  const config = [9, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0x17, 0, 0, 0, 0, 0, 0, 0, 16];
  const frame = [9, 0, 0, 5, (ms >> 16) & 255, (ms >> 8) & 255, ms & 255, 0, 0, 0, 0, 0x17, 1, 0, 0, 0, 0, 0, 0, 16];
  return Uint8Array.from([0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0, ...config, ...frame]).buffer;
};

it('uses the run attached beforehand for the first run and a fresh one for each later run', async () => {
  const sink = createSink();
  await vi.advanceTimersByTimeAsync(0);
  expect(runs.length).toBe(1);
  sink.order({ kind: 'run' });
  sink.order(bytes(10));
  expect([runs.length, runs[0]?.pushed]).toEqual([1, [10]]);
  sink.order({ kind: 'run' });
  sink.order(bytes(20));
  expect([runs[0]?.state, runs[1]?.state, runs[1]?.pushed]).toEqual(['destroyed', 'open', [20]]);
  sink.destroy();
  expect(runs.every(({ state }) => state === 'destroyed')).toBe(true);
  expect(media.listenerCount).toBe(0);
});

it('keeps what comes before mpegts.js is there, and drops what a newer run replaces', async () => {
  let load: (loaded: RunMaker) => void = () => undefined;
  const sink = createSink(new Promise((resolve) => (load = resolve)));
  for (const order of [{ kind: 'run' } as const, bytes(1), { kind: 'run' } as const, bytes(2)]) sink.order(order);
  load(maker);
  await vi.advanceTimersByTimeAsync(0);
  expect(runs.map(({ pushed }) => pushed)).toEqual([[2]]);
  sink.destroy();
});

it('does nothing when mpegts.js arrives after its end', async () => {
  let load: (loaded: RunMaker) => void = () => undefined;
  const sink = createSink(new Promise((resolve) => (load = resolve)));
  sink.order({ kind: 'run' });
  sink.destroy();
  load(maker);
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toEqual([]);
});

it('tells where the element stands on the FLV scale', async () => {
  const sink = createSink();
  await vi.advanceTimersByTimeAsync(0);
  sink.order({ kind: 'run' });
  sink.order({ kind: 'bytes', flv: flvAt(70_000) });
  media.ranges = [{ start: 0, end: 2 }];
  media.currentTime = 0.5;
  await vi.advanceTimersByTimeAsync(250);
  expect(playheads.at(-1)).toEqual({ shownMs: 70_500, bufferedMs: 72_000, playing: true, stalled: false });
  sink.order({ kind: 'seek', dtsMs: 71_000 });
  expect(media.currentTime).toBe(1);
  sink.order({ kind: 'seek', dtsMs: 99_000 });
  expect(media.currentTime).toBeCloseTo(1.9);
  sink.order({ kind: 'rate', rate: 1.05 });
  expect(media.playbackRate).toBe(1.05);
  sink.destroy();
});

it('reports a failed run once and takes no more bytes until the next', async () => {
  const sink = createSink();
  await vi.advanceTimersByTimeAsync(0);
  sink.order({ kind: 'run' });
  runs[0]?.fail({ code: 'media/playback-failed', detail: 'x' });
  runs[0]?.fail({ code: 'media/playback-failed', detail: 'x' });
  sink.order(bytes(5));
  expect([said, runs[0]?.state, runs[0]?.pushed]).toEqual([['media/playback-failed'], 'destroyed', []]);
  sink.order({ kind: 'run' });
  sink.order(bytes(6));
  expect(runs[1]?.pushed).toEqual([6]);
  media.error = { code: 3, message: 'decode' } as MediaError;
  media.fire('error');
  expect(said.length).toBe(2);
  sink.destroy();
});

it('brings a seek outside the buffer back before mpegts.js acts on it', async () => {
  const sink = createSink();
  await vi.advanceTimersByTimeAsync(0);
  sink.order({ kind: 'run' });
  media.ranges = [{ start: 10, end: 20 }];
  media.currentTime = 3;
  media.fire('seeking');
  expect(media.currentTime).toBeCloseTo(10);
  media.currentTime = 15;
  media.fire('seeking');
  expect(media.currentTime).toBe(15);
  sink.destroy();
});

it('tells a pause by the viewer from one by the browser and from its own', async () => {
  const sink = createSink();
  await vi.advanceTimersByTimeAsync(0);
  sink.order({ kind: 'run' });
  media.paused = true;
  visibility = 'hidden';
  media.fire('pause');
  expect(said).toEqual([]);
  visibility = 'visible';
  media.fire('pause');
  media.paused = false;
  media.fire('play');
  expect(said).toEqual(['paused', 'played']);
  sink.setPlaying(false);
  media.fire('pause');
  expect(said.length).toBe(2);
  sink.destroy();
});

it('says when the browser wants a click first', async () => {
  vi.spyOn(media, 'play').mockRejectedValue(new DOMException('no', 'NotAllowedError'));
  const sink = createSink();
  await vi.advanceTimersByTimeAsync(0);
  sink.order({ kind: 'run' });
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toEqual(['blocked']);
  sink.destroy();
});

it('plays nothing by itself without autoplay', async () => {
  const play = vi.spyOn(media, 'play');
  const sink = createSink(Promise.resolve(maker), false);
  await vi.advanceTimersByTimeAsync(0);
  sink.order({ kind: 'run' });
  expect(play).not.toHaveBeenCalled();
  sink.destroy();
});

it('goes on with another epoch in the run that plays, and tells times on the scale of that epoch', async () => {
  const sink = createSink();
  await vi.advanceTimersByTimeAsync(0);
  sink.order({ kind: 'run', seam: false });
  sink.order({ kind: 'bytes', flv: flvAt(70_000) });
  media.ranges = [{ start: 0, end: 0.4 }];
  media.currentTime = 0.1;
  await vi.advanceTimersByTimeAsync(250);
  sink.order({ kind: 'run', seam: true });
  const reports = playheads.length;
  await vi.advanceTimersByTimeAsync(500);
  // It is not clear yet on which scale.
  expect(playheads.length).toBe(reports);
  sink.order({ kind: 'bytes', flv: flvAt(500) });
  expect([runs.length, runs[0]?.state, runs[0]?.pushed.length]).toEqual([1, 'open', 2]);
  media.currentTime = 0.2;
  await vi.advanceTimersByTimeAsync(250);
  // The picture at 500 stands where the one after 70,000 would: at 40 ms.
  expect(playheads.at(-1)).toMatchObject({ shownMs: 660, bufferedMs: 860 });
  sink.destroy();
});

it.each([
  ['somebody pauses', () => media.pause()],
  ['the run has failed', () => runs[0]?.fail({ code: 'media/playback-failed', detail: 'x' })],
  ['the source has ended', (sink: MediaSink) => sink.order({ kind: 'ended' })],
])('begins another epoch with a fresh run where %s', async (_why, before) => {
  const sink = createSink();
  await vi.advanceTimersByTimeAsync(0);
  sink.order({ kind: 'run', seam: false });
  sink.order({ kind: 'bytes', flv: flvAt(70_000) });
  before(sink);
  sink.order({ kind: 'run', seam: true });
  sink.order({ kind: 'bytes', flv: flvAt(500) });
  expect([runs.length, runs[1]?.pushed.length]).toEqual([2, 1]);
  sink.destroy();
});

it('begins an epoch of other settings with a fresh run, which gets all of its bytes, and its end', async () => {
  const sink = createSink();
  await vi.advanceTimersByTimeAsync(0);
  sink.order({ kind: 'run', seam: false });
  sink.order({ kind: 'bytes', flv: flvAt(70_000) });
  sink.order({ kind: 'run', seam: true });
  const other = flvAt(500);
  new Uint8Array(other)[28] = 1;
  sink.order({ kind: 'bytes', flv: other });
  expect([runs.length, runs[1]?.pushed]).toEqual([2, [other.byteLength]]);
  sink.order({ kind: 'run', seam: true });
  sink.order({ kind: 'bytes', flv: flvAt(0).slice(0, 34) });
  sink.order({ kind: 'ended' });
  expect([runs.length, runs[2]?.pushed, runs[2]?.state]).toEqual([3, [34], 'ended']);
  sink.destroy();
});
