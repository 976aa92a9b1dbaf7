import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Emitter } from './events.ts';

interface Events {
  tick: number;
  tock: string;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells listeners of a name, in order, until they stop listening', () => {
  const emitter = new Emitter<Events>();
  const heard: unknown[] = [];
  const stop = emitter.on('tick', (value) => heard.push(value));
  emitter.on('tick', (value) => heard.push(-value));
  emitter.on('tock', (value) => heard.push(value));
  emitter.emit('tick', 1);
  stop();
  emitter.emit('tick', 2);
  emitter.emit('tock', 'x');
  expect(heard).toEqual([1, -1, -2, 'x']);
  expect([emitter.has('tick'), emitter.has('tock')]).toEqual([true, true]);
  emitter.clear();
  expect(emitter.has('tick')).toBe(false);
});

it('lets no listener hurt the next one; its error is an uncaught one of the page', () => {
  const emitter = new Emitter<Events>();
  const heard: number[] = [];
  emitter.on('tick', () => {
    throw new TypeError('listener');
  });
  emitter.on('tick', (value) => void heard.push(value));
  emitter.emit('tick', 3);
  expect(heard).toEqual([3]);
  expect(() => vi.runAllTimers()).toThrow('listener');
});

it('allows listeners to come and go while they are told', () => {
  const emitter = new Emitter<Events>();
  const heard: string[] = [];
  const stop = emitter.on('tick', () => {
    heard.push('first');
    stop();
    emitter.on('tick', () => void heard.push('late'));
  });
  emitter.emit('tick', 1);
  expect(heard).toEqual(['first']);
});
