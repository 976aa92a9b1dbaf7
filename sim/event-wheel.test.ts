import { expect, test } from 'vitest';
import { Random } from '../src/core/kit/random.ts';
import { codeOf, detailOf, EventWheel, kindOf, type Sink } from './event-wheel.ts';

/** Writes down what happens to it. */
class Diary implements Sink {
  readonly seen: { readonly at: number; readonly code: number; readonly what: unknown }[] = [];
  readonly wheel: EventWheel;

  constructor(wheel: EventWheel) {
    this.wheel = wheel;
  }

  fire(code: number, what: unknown): void {
    this.seen.push({ at: this.wheel.now, code, what });
  }
}

test('everything happens in order of time, and what is due at one moment in the order it was asked for', () => {
  const wheel = new EventWheel();
  const diary = new Diary(wheel);
  const random = new Random(5);
  const asked = Array.from({ length: 20_000 }, (_, order) => ({ order, at: Math.floor(random.unit() * 240_000) / 8 }));
  for (const { order, at } of asked) wheel.schedule(at, diary, order, undefined);
  wheel.run(40_000);
  const expected = [...asked].sort((a, b) => a.at - b.at || a.order - b.order);
  expect(diary.seen.map(({ code }) => code)).toEqual(expected.map(({ order }) => order));
  expect(diary.seen.map(({ at }) => at)).toEqual(expected.map(({ at }) => at));
  expect(wheel.fired).toBe(20_000);
});

test('events that are asked for while others happen come in their turn, however far off', () => {
  const wheel = new EventWheel();
  const diary = new Diary(wheel);
  const chain: Sink = {
    fire: (code) => {
      diary.fire(code, undefined);
      if (code < 30) wheel.schedule(wheel.now + code * 1_000, chain, code + 1, undefined);
    },
  };
  wheel.schedule(0, chain, 1, undefined);
  wheel.run(600_000);
  expect(diary.seen.map(({ at }) => at)).toEqual(Array.from({ length: 30 }, (_, n) => (n * (n + 1) * 1_000) / 2));
});

test('nothing happens after the time that was asked for, and what is past happens now', () => {
  const wheel = new EventWheel();
  const diary = new Diary(wheel);
  wheel.schedule(100, diary, 1, 'kept');
  wheel.run(99);
  expect([wheel.now, diary.seen.length]).toEqual([99, 0]);
  wheel.schedule(3, diary, 2, 'late');
  wheel.run(100);
  expect(diary.seen).toEqual([
    { at: 99, code: 2, what: 'late' },
    { at: 100, code: 1, what: 'kept' },
  ]);
});

test('another order of the same events is another trace', () => {
  const traceOf = (codes: readonly number[]): string => {
    const wheel = new EventWheel();
    const diary = new Diary(wheel);
    for (const code of codes) wheel.schedule(code, diary, code, undefined);
    wheel.run(10);
    return wheel.trace.text;
  };
  expect(traceOf([1, 2, 3])).toBe(traceOf([1, 2, 3]));
  expect(traceOf([1, 2, 3])).not.toBe(traceOf([1, 3, 2]));
  expect(traceOf([1, 2, 3])).not.toBe(traceOf([1, 2]));
});

test('a code holds a kind and a number', () => {
  const code = codeOf(7, 5_312_673);
  expect([kindOf(code), detailOf(code)]).toEqual([7, 5_312_673]);
});
