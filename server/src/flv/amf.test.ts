import { expect, test } from 'vitest';
import { type AmfObject, decodeAmf, encodeAmf } from './amf.ts';

test('what was written is read', () => {
  const fields = { app: 'live', n: 1.5, yes: true, nothing: null, inner: { deep: 'x' } };
  expect(decodeAmf(encodeAmf('connect', 1, fields, null, false))).toEqual(['connect', 1, fields, null, false]);
});

test('reads arrays, dates, long strings and undefined', () => {
  const ecma = Buffer.from([8, 0, 0, 0, 1, 0, 1, 0x61, 1, 1, 0, 0, 9]);
  const list = Buffer.from([10, 0, 0, 0, 2, 5, 6]);
  const date = Buffer.from([11, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const long = Buffer.from([12, 0, 0, 0, 2, 0x68, 0x69]);
  expect(decodeAmf(Buffer.concat([ecma, list, date, long]))).toEqual([{ a: true }, [null, undefined], 1, 'hi']);
});

test('stops at what is broken, cut short or beyond the limits', () => {
  const whole = encodeAmf('a', { b: 'c' });
  for (let length = 0; length < whole.length; length++) {
    expect(decodeAmf(whole.subarray(0, length)).length).toBeLessThan(2);
  }
  expect(decodeAmf(Buffer.from([13]))).toEqual([]);
  expect(decodeAmf(Buffer.from([10, 0xff, 0xff, 0xff, 0xff]))).toEqual([]);
  expect(decodeAmf(Buffer.alloc(100_000, 3))).toEqual([]);
  expect(decodeAmf(Buffer.alloc(5000, 5)).length).toBeLessThanOrEqual(1000);
});

test('names from strangers do not reach prototypes', () => {
  const [value] = decodeAmf(encodeAmf(JSON.parse('{"__proto__":{"polluted":true}}') as AmfObject));
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
