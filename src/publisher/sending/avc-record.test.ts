import { expect, it } from 'vitest';
import { mendAvcRecord } from './avc-record.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text.split(' '), (one) => Number.parseInt(one, 16));

/** What Firefox 153 says of 320 x 180 in the high profile. */
const FIREFOX = bytes(
  '01 64 00 1e 03 01 00 19 67 67 64 00 1e ac d9 41 41 9f 9e 10 00 00 03 00 10 01 e8 48 00 f1 62 d9 60 01 00 06 68 68 eb ec b2 2c',
);
const RIGHT = bytes(
  '01 64 00 1e ff e1 00 18 67 64 00 1e ac d9 41 41 9f 9e 10 00 00 03 00 10 01 e8 48 00 f1 62 d9 60 01 00 05 68 eb ec b2 2c',
);

it('takes out what is written twice, and sets the reserved bits', () => {
  expect(mendAvcRecord(FIREFOX)).toEqual(RIGHT);
});

it('keeps what follows the parameter sets', () => {
  expect(mendAvcRecord(Uint8Array.of(...FIREFOX, 0xfd, 0xf8, 0xf8, 0))).toEqual(
    Uint8Array.of(...RIGHT, 0xfd, 0xf8, 0xf8, 0),
  );
});

it('leaves a right record as it is', () => {
  expect(mendAvcRecord(RIGHT)).toBe(RIGHT);
});

it('leaves what makes no sense to those who judge it', () => {
  for (let length = 0; length < FIREFOX.length; length += 1) {
    const torn = FIREFOX.subarray(0, length);
    expect(mendAvcRecord(torn)).toBe(torn);
  }
});
