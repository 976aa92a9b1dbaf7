import { describe, expect, test } from 'vitest';
import { TOKEN_BYTES } from './limits.ts';
import { counting, tokenFields } from './testing/samples.ts';
import { decodeToken, encodeTokenBody, sealToken } from './token.ts';

const signature = counting(64, 7);
const sealed = sealToken(encodeTokenBody(tokenFields), signature);
const withByte = (at: number, value: number): Uint8Array => {
  const bytes = sealed.slice();
  bytes[at] = value;
  return bytes;
};

test('a token is read back as it was written, with what its signature covers', () => {
  expect(sealed.length).toBe(TOKEN_BYTES);
  const read = decodeToken(sealed);
  if ('kind' in read) throw new Error(read.detail);
  expect(read.token).toEqual(tokenFields);
  expect(read.signed).toEqual(encodeTokenBody(tokenFields));
  expect(read.signature).toEqual(signature);
});

describe('refuses', () => {
  test.each<[string, Uint8Array]>([
    ['a byte too few', sealed.subarray(1)],
    ['a byte too many', Uint8Array.of(...sealed, 0)],
    ['nothing', new Uint8Array(0)],
    ['another version', withByte(0, 2)],
    ['a reserved byte in use', withByte(1, 1)],
    ['a reserved word in use', withByte(21, 1)],
  ])('%s', (_name, bytes) => expect(decodeToken(bytes)).toMatchObject({ kind: 'fault', code: 'token/malformed' }));
});
