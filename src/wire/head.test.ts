import { describe, expect, test } from 'vitest';
import {
  compareEpochs,
  decodeHead,
  encodeHeadBody,
  type Head,
  makeEpoch,
  sameEpoch,
  sealHead,
  substreamsFor,
} from './head.ts';
import { HEAD_BYTES_MAX, PRELUDE_BYTES_MAX, SUBSTREAMS_MAX, SUBSTREAMS_MIN } from './limits.ts';
import { counting, headFields, STREAM } from './testing/samples.ts';
import { PROTOCOL_VERSION } from './version.ts';

const signature = counting(64, 33);
const sealed = (fields: Partial<typeof headFields> = {}): Uint8Array<ArrayBuffer> =>
  sealHead(encodeHeadBody({ ...headFields, ...fields }), signature);
const withByte = (at: number, value: number): Uint8Array => {
  const bytes = sealed();
  bytes[at] = value;
  return bytes;
};

test('a head is read back as it was written, with what its signature covers', () => {
  const read = decodeHead(sealed());
  if ('kind' in read) throw new Error(read.detail);
  expect(read.head).toEqual({ kind: 'head', version: PROTOCOL_VERSION, ...headFields });
  expect(read.signature).toEqual(signature);
  expect(read.signed).toEqual(encodeHeadBody(headFields));
});

test('a head without a prelude and one with the longest are read', () => {
  for (const length of [0, PRELUDE_BYTES_MAX]) {
    const read = decodeHead(sealed({ prelude: new Uint8Array(length) }));
    expect('kind' in read ? read.detail : read.head.prelude.length).toBe(length);
  }
});

describe('refuses', () => {
  test('a byte too many or too few', () => {
    expect(decodeHead(Uint8Array.of(...sealed(), 0))).toMatchObject({ code: 'wire/long' });
    expect(decodeHead(sealed().subarray(0, -1))).toMatchObject({ code: 'wire/short' });
  });

  test('another first byte and another version', () => {
    expect(decodeHead(withByte(0, 0x10))).toMatchObject({ code: 'wire/unknown-kind' });
    expect(decodeHead(withByte(1, PROTOCOL_VERSION + 1))).toMatchObject({ code: 'wire/bad-version' });
    expect(decodeHead(withByte(1, 0))).toMatchObject({ code: 'wire/bad-version' });
  });

  test('flags nobody knows', () => {
    expect(decodeHead(withByte(47, 3))).toMatchObject({ code: 'wire/bad-field', detail: 'head flags' });
  });

  test('too few and too many substreams', () => {
    for (const substreams of [0, SUBSTREAMS_MIN - 1, SUBSTREAMS_MAX + 1, 255]) {
      expect(decodeHead(sealed({ substreams }))).toMatchObject({ code: 'wire/bad-field', detail: 'head substreams' });
    }
    for (const substreams of [SUBSTREAMS_MIN, SUBSTREAMS_MAX])
      expect(decodeHead(sealed({ substreams }))).toHaveProperty('head');
  });

  test('a prelude above the limit, and a head above its own', () => {
    expect(decodeHead(sealed({ prelude: new Uint8Array(PRELUDE_BYTES_MAX + 1) }))).toMatchObject({
      detail: 'head prelude',
    });
    expect(decodeHead(new Uint8Array(HEAD_BYTES_MAX + 1))).toMatchObject({ detail: 'head size' });
  });
});

describe('epochs', () => {
  test('are ordered by start time, then by their random part', () => {
    const early = makeEpoch(1_000, 9);
    const late = makeEpoch(0x1_0000_0000, 0);
    const later = makeEpoch(0x1_0000_0000, 0xffff_ffff);
    expect(compareEpochs(early, late)).toBeLessThan(0);
    expect(compareEpochs(later, late)).toBeGreaterThan(0);
    expect(compareEpochs(late, makeEpoch(0x1_0000_0000, 0))).toBe(0);
  });

  test('are the same only for the same stream', () => {
    const head = { ...headFields, kind: 'head', version: 1 } satisfies Head;
    expect(sameEpoch(head, { ...head, revision: 9 })).toBe(true);
    expect(sameEpoch(head, { ...head, stream: counting(32, 1) })).toBe(false);
    expect(sameEpoch(head, { ...head, epoch: makeEpoch(1, 1) })).toBe(false);
    expect(head.stream).toEqual(STREAM);
  });
});

test('K is half the pieces a second, within its limits', () => {
  expect([0, 8, 9, 24, 64, 1000].map(substreamsFor)).toEqual([SUBSTREAMS_MIN, 4, 5, 12, 32, SUBSTREAMS_MAX]);
});
