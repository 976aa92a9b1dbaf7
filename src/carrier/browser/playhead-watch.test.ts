import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeMedia } from '../testing/fake-media.ts';
import { PlayheadWatch } from './playhead-watch.ts';

let media: FakeMedia;
let said: string[];
let watch: PlayheadWatch;
let nowMs: number;

beforeEach(() => {
  vi.useFakeTimers();
  media = new FakeMedia();
  media.ranges = [{ start: 0, end: 10 }];
  said = [];
  nowMs = 0;
  const events = {
    report: () => undefined,
    moving: () => void said.push('moving'),
    stalled: () => void said.push('stalled'),
    resumed: (ms: number) => void said.push(`resumed ${ms}`),
  };
  watch = new PlayheadWatch(media, events, () => nowMs);
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

const pass = (ms: number, seconds = 0): void => {
  for (let gone = 0; gone < ms; gone += 250) {
    nowMs += 250;
    media.currentTime += seconds;
    vi.advanceTimersByTime(250);
  }
};

it('says that the picture moves, once', () => {
  pass(1000, 0.25);
  expect(said).toEqual(['moving']);
});

it('says so at once when the element does', () => {
  media.fire('playing');
  expect(said).toEqual(['moving']);
});

it('notices a stall and its end, with its length', () => {
  pass(500, 0.25);
  media.readyState = 2;
  media.ranges = [{ start: 0, end: media.currentTime }];
  pass(1000);
  media.readyState = 4;
  media.ranges = [{ start: 0, end: 10 }];
  pass(250, 0.1);
  expect(said).toEqual(['moving', 'stalled', 'resumed 1250']);
});

it('takes neither a pause nor the start of a fresh run for a stall', () => {
  pass(500, 0.25);
  media.paused = true;
  media.readyState = 1;
  pass(2000);
  media.paused = false;
  media.readyState = 4;
  media.currentTime = 0;
  pass(500, 0.1);
  expect(said).toEqual(['moving', 'moving']);
});

it('jumps over a hole it stands at, and not while there is something to play', () => {
  media.ranges = [
    { start: 0, end: 1 },
    { start: 1.5, end: 4 },
  ];
  media.currentTime = 0.5;
  media.readyState = 2;
  pass(250);
  expect(media.currentTime).toBe(0.5);
  media.currentTime = 0.98;
  pass(500);
  expect(media.currentTime).toBeCloseTo(1.501);
});

it('nudges an element that stands still on data', () => {
  media.currentTime = 3;
  pass(750);
  expect(media.currentTime).toBe(3);
  pass(500);
  expect(media.currentTime).toBeCloseTo(3.05);
});

it('leaves no listener behind', () => {
  watch.stop();
  expect(media.listenerCount).toBe(0);
});
