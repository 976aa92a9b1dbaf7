import { describe, expect, test } from 'vitest';
import type { Head } from '../wire/head.ts';
import type { OriginFrame } from '../wire/origin.ts';
import { counting, headFields } from '../wire/testing/samples.ts';
import { Keyring, wrapContext } from './keyring.ts';
import { core } from './testing/core.ts';

type KeyFrame = Extract<OriginFrame, { kind: 'key' }>;

const head: Head = { kind: 'head', version: 1, ...headFields };
const codeKey = counting(40, 3);
const contentKey = counting(32, 90);
const clear = (generation: number, nextInMs = 0): KeyFrame => ({
  kind: 'key',
  generation,
  wrapped: false,
  nextInMs,
  key: contentKey,
});
const wrapped = (generation: number, context = wrapContext(head.stream, head.epoch, generation)): KeyFrame => ({
  ...clear(generation),
  wrapped: true,
  key: core.wrapKey(codeKey, counting(24), context, contentKey),
});
const open = (keyring: Keyring, frame: KeyFrame, now = 0, dice = 0) => keyring.open(frame, head, { now, dice });

describe('opening', () => {
  test('a clear key is the key', () => {
    expect(open(new Keyring(core), clear(3))).toEqual({ kind: 'content-key', generation: 3, key: contentKey });
  });

  test('a wrapped key needs the key of the code', () => {
    const keyring = new Keyring(core);
    expect(open(keyring, wrapped(3))).toMatchObject({ kind: 'fault', code: 'key/wrong' });
    keyring.useCodeKey(codeKey);
    expect(open(keyring, wrapped(3))).toEqual({ kind: 'content-key', generation: 3, key: contentKey });
  });

  test.each<[string, KeyFrame]>([
    ['of another stream', wrapped(3, wrapContext(counting(32, 1), head.epoch, 3))],
    ['of another epoch', wrapped(3, wrapContext(head.stream, counting(10), 3))],
    ['of another generation', { ...wrapped(3), generation: 4 }],
    ['that is bent', { ...wrapped(3), key: wrapped(3).key.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) }],
    ['of another length', { ...clear(3), key: counting(31) }],
  ])('a key %s is wrong', (_name, frame) => {
    const keyring = new Keyring(core);
    keyring.useCodeKey(codeKey);
    expect(open(keyring, frame)).toMatchObject({ kind: 'fault', code: 'key/wrong' });
    expect(keyring.generation).toBe(-1);
  });
});

describe('the next generation', () => {
  test('is asked for at a random time in the second half of the present one', () => {
    for (const dice of [0, 0.5, 0.999]) {
      const keyring = new Keyring(core);
      open(keyring, clear(3, 10_000), 1000, dice);
      expect(keyring.nextDue(1000 + 4999)).toBeUndefined();
      expect(keyring.askAt).toBeCloseTo(1000 + 10_000 * (0.5 + dice * 0.4));
      expect(keyring.nextDue(1000 + 9001)).toBe(4);
    }
  });

  test('is not asked for where keys do not change', () => {
    const keyring = new Keyring(core);
    open(keyring, clear(3, 0));
    expect(keyring.nextDue(1e12)).toBeUndefined();
  });

  test('once held in advance has its own life, which begins when the present one ends', () => {
    const keyring = new Keyring(core);
    open(keyring, clear(3, 10_000), 0);
    open(keyring, clear(4, 14_000), 6000, 0);
    expect(keyring.generation).toBe(4);
    expect(keyring.askAt).toBe(10_000 + 10_000 * 0.5);
    expect(keyring.nextDue(15_000)).toBe(5);
  });

  test('is asked for again much later when no answer came', () => {
    const keyring = new Keyring(core);
    open(keyring, clear(3, 10_000), 0);
    expect(keyring.nextDue(9000)).toBe(4);
    expect(keyring.nextDue(9001)).toBeUndefined();
    expect(keyring.nextDue(39_000)).toBe(4);
  });

  test('is not forgotten over an older key that comes late', () => {
    const keyring = new Keyring(core);
    open(keyring, clear(3, 10_000), 0);
    open(keyring, clear(2, 0), 100);
    expect(keyring.generation).toBe(3);
    expect(keyring.nextDue(9001)).toBe(4);
  });
});

test('a key that playback waits for is asked for once a second', () => {
  const keyring = new Keyring(core);
  expect([0, 500, 999, 1000, 1001].map((now) => keyring.missingDue(now))).toEqual([true, false, false, true, false]);
});

test('a new epoch starts with nothing but the key of the code', () => {
  const keyring = new Keyring(core);
  keyring.useCodeKey(codeKey);
  open(keyring, clear(3, 10_000), 0);
  keyring.clear();
  expect(keyring.generation).toBe(-1);
  expect(keyring.nextDue(1e12)).toBeUndefined();
  expect(keyring.missingDue(0)).toBe(true);
  expect(open(keyring, wrapped(0))).toMatchObject({ kind: 'content-key' });
});
