import { describe, expect, test } from 'vitest';
import { random } from '../../wasm/testing/random.ts';
import { ascii, fromBase64Url, fromHex, Reader, sameBytes, toBase64Url, toHex, Writer } from './bytes.ts';

describe('Reader and Writer', () => {
  test('what is written is read back, over the growth of the buffer', () => {
    const bytes = new Writer(1)
      .u8(0xff)
      .u16(0xffee)
      .u32(0xffee_ddcc)
      .u48(0xffee_ddcc_bbaa)
      .bytes(ascii('end'))
      .finish();
    expect(bytes.length).toBe(16);
    const reader = new Reader(bytes);
    expect([reader.u8(), reader.u16(), reader.u32(), reader.u48()]).toEqual([
      0xff, 0xffee, 0xffee_ddcc, 0xffee_ddcc_bbaa,
    ]);
    expect(reader.rest()).toEqual(ascii('end'));
    expect(reader.done()).toBe(true);
  });

  test('numbers are big-endian', () => {
    expect(toHex(new Writer().u16(0x0102).u32(0x0304_0506).u48(0x0708_090a_0b0c).finish())).toBe(
      '0102030405060708090a0b0c',
    );
  });

  test('a field that does not fit breaks the reader for good and reads as zero', () => {
    const reader = new Reader(Uint8Array.of(1, 2, 3));
    expect(reader.u32()).toBe(0);
    expect(reader.broken).toBe(true);
    expect(reader.u8()).toBe(0);
    expect(reader.bytes(0).length).toBe(0);
    expect(reader.done()).toBe(false);
  });

  test('bytes left over are not done', () => {
    const reader = new Reader(Uint8Array.of(1, 2));
    reader.u8();
    expect(reader.done()).toBe(false);
    expect(reader.left).toBe(1);
  });

  test('a reader of a view stays inside the view', () => {
    const whole = Uint8Array.of(9, 9, 1, 2, 9, 9);
    const reader = new Reader(whole.subarray(2, 4));
    expect(reader.u16()).toBe(0x0102);
    expect(reader.u8()).toBe(0);
    expect(reader.broken).toBe(true);
  });
});

describe('texts of bytes', () => {
  test('hexadecimal and base64url agree with Node for every length', () => {
    const dice = random(5);
    for (let length = 0; length < 70; length++) {
      const bytes = dice.bytes(length);
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      expect(sameBytes(fromHex(toHex(bytes)) ?? new Uint8Array(1), bytes)).toBe(true);
      expect(sameBytes(fromBase64Url(toBase64Url(bytes)) ?? new Uint8Array(1), bytes)).toBe(true);
    }
  });

  test('anything else is no text of bytes', () => {
    for (const text of ['0', 'zz', '0x12', '12 4', 'é0']) expect(fromHex(text)).toBeUndefined();
    for (const text of ['a', 'abcde', 'ab=', 'a+b/', 'a b', 'é', '😀']) expect(fromBase64Url(text)).toBeUndefined();
  });
});

test('byte strings are the same only when every byte is', () => {
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
  expect(sameBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true);
});
