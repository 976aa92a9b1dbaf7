import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Candidate, decodeSignal, encodeSignal, SignalBatch } from './signal-batch.ts';

const candidate = (at: number): Candidate => ({ candidate: `candidate:${at}`, sdpMid: '0', sdpMLineIndex: 0 });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('says the description at once, the first candidates after 50 ms, all later ones together, and nothing more', () => {
  const said: string[] = [];
  const batch = new SignalBatch((text) => said.push(text));
  batch.describe({ type: 'offer', sdp: 'v=0' });
  expect(said.length).toBe(1);
  batch.add(candidate(1));
  batch.add(candidate(2));
  vi.advanceTimersByTime(49);
  expect(said.length).toBe(1);
  vi.advanceTimersByTime(1);
  expect(decodeSignal(said[1] ?? '')?.candidates).toEqual([candidate(1), candidate(2)]);
  batch.add(candidate(3));
  vi.advanceTimersByTime(500);
  batch.add(candidate(4));
  vi.advanceTimersByTime(500);
  expect(decodeSignal(said[2] ?? '')?.candidates).toEqual([candidate(3), candidate(4)]);
  batch.add(candidate(5));
  vi.advanceTimersByTime(60_000);
  expect(said.length).toBe(3);
});

it('does not wait once gathering is complete, and drops the empty end-of-candidates line', () => {
  const said: string[] = [];
  const batch = new SignalBatch((text) => said.push(text));
  batch.add({ ...candidate(0), candidate: '' });
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual([]);
  batch.add(candidate(1));
  vi.advanceTimersByTime(50);
  batch.add(candidate(2));
  batch.complete();
  expect(said.length).toBe(2);
});

it('says nothing after it was stopped', () => {
  const said: string[] = [];
  const batch = new SignalBatch((text) => said.push(text));
  batch.add(candidate(1));
  batch.stop();
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual([]);
});

it('reads what it writes, and refuses everything else', () => {
  const whole = { description: { type: 'answer' as const, sdp: 'v=0' }, candidates: [candidate(1)] };
  expect(decodeSignal(encodeSignal(whole))).toEqual(whole);
  const bad = [
    '',
    '[]',
    '{}',
    '{"candidates":[1]}',
    '{"candidates":[],"description":{"type":"pranswer","sdp":""}}',
    encodeSignal({ candidates: Array.from({ length: 33 }, (_, at) => candidate(at)) }),
    encodeSignal({ candidates: [{ ...candidate(1), candidate: 'x'.repeat(401) }] }),
    `${encodeSignal(whole)}${' '.repeat(16_001)}`,
  ];
  for (const text of bad) expect(decodeSignal(text)).toBeUndefined();
});

it('tells candidates soon and often to somebody it has all to itself, up to a limit', () => {
  const said: string[] = [];
  const batch = new SignalBatch((text) => said.push(text), { firstMs: 20, laterMs: 60, messages: 3 });
  for (let at = 0; at < 5; at++) {
    batch.add(candidate(at));
    vi.advanceTimersByTime(60);
  }
  expect(said.map((text) => decodeSignal(text)?.candidates)).toEqual([[candidate(0)], [candidate(1)], [candidate(2)]]);
});
