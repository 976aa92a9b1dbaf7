import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DataSink, type TakeFlv } from './data-sink.ts';
import { FlvSplice } from './flv-splice.ts';
import { FILE_HEADER, readFlv, rowOf, tagOf } from './testing/flv-bytes.ts';

let now: number;
let heard: string[];
let sink: DataSink;

const events = {
  playhead: () => undefined,
  moving: () => void heard.push('moving'),
  stalled: () => void heard.push('stalled'),
  resumed: (stalledMs: number) => void heard.push(`resumed ${stalledMs}`),
  ended: () => void heard.push('ended'),
};

const make = (take: TakeFlv = (flv) => void heard.push(...readFlv(flv))): void => {
  sink = new DataSink({ splice: new FlvSplice(), take, now: () => now }, events, true);
  sink.order({ kind: 'run' });
  sink.order({ kind: 'bytes', flv: rowOf(FILE_HEADER) });
};

const video = (atMs: number): void => sink.order({ kind: 'bytes', flv: rowOf(tagOf('video', atMs)) });

beforeEach(() => {
  vi.useFakeTimers();
  now = 0;
  heard = [];
});
afterEach(() => {
  sink.destroy();
  vi.useRealTimers();
});

it('says when bytes begin to flow, run dry and flow again', () => {
  make();
  video(1000);
  video(1400);
  now = 650;
  vi.advanceTimersByTime(250);
  expect(heard.slice(-1)).toEqual(['stalled']);
  now = 900;
  video(1440);
  video(1480);
  expect(heard).toEqual([
    'header',
    'moving',
    'video 1000',
    'video 1400',
    'stalled',
    'video 1440',
    'resumed 500',
    'video 1480',
  ]);
});

it('moves anew after a pause, which is no stall', () => {
  make();
  video(1000);
  sink.setPlaying(false);
  now = 10_000;
  vi.advanceTimersByTime(10_000);
  sink.setPlaying(true);
  sink.order({ kind: 'run' });
  sink.order({ kind: 'bytes', flv: rowOf(FILE_HEADER, tagOf('video', 11_000)) });
  expect(heard).toEqual(['header', 'moving', 'video 1000', 'moving', 'video 1040']);
});

it('says nothing after its end, even if that comes from whoever takes the bytes', () => {
  make(() => sink.destroy());
  video(1000);
  sink.order({ kind: 'ended' });
  now = 5000;
  vi.advanceTimersByTime(5000);
  expect(heard).toEqual([]);
});
