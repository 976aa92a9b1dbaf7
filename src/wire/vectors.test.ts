/**
 * The bytes on the wire are pinned: whoever changes them sees it here first.
 */
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex } from './bytes.ts';
import { decodeHead, HEAD_CONTEXT } from './head.ts';
import { decodeLinkMessage, HELLO_CONTEXT_TEXT } from './link.ts';
import { makeVectors, vectorsText } from './testing/vectors.ts';
import { decodeToken, TOKEN_CONTEXT } from './token.ts';
import vectors from './vectors.json' with { type: 'json' };

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => fromHex(hex) ?? new Uint8Array(0);
const verifies = (publicKey: Uint8Array, signature: Uint8Array, ...parts: readonly Uint8Array[]): boolean => {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  return verify(null, Buffer.concat(parts), createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
};

test('what the encoders make is what the file says, section by section', () => {
  const made = makeVectors();
  expect(Object.keys(made)).toEqual(Object.keys(vectors));
  for (const [section, value] of Object.entries(vectors)) expect(made[section], section).toEqual(value);
});

test('the file is as `npm run docs -- --write` leaves it', () => {
  expect(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')).toBe(vectorsText());
});

test('the head is signed by the origin key in it', () => {
  const read = decodeHead(bytesOf(vectors.head.hex));
  if ('kind' in read) throw new Error(read.detail);
  expect(verifies(read.head.publicKey, read.signature, HEAD_CONTEXT, read.signed)).toBe(true);
  expect(verifies(read.head.publicKey, read.signature, TOKEN_CONTEXT, read.signed)).toBe(false);
});

test('the hello is signed by the viewer key of a token that the tracker signed', () => {
  const hello = decodeLinkMessage(bytesOf(vectors.hello.hex));
  if (hello.kind !== 'hello') throw new Error(hello.kind);
  const read = decodeToken(hello.token);
  if ('kind' in read) throw new Error(read.detail);
  expect(verifies(bytesOf(vectors.token.trackerKey), read.signature, TOKEN_CONTEXT, read.signed)).toBe(true);
  const fingerprints = [bytesOf(vectors.hello.ownFingerprint), bytesOf(vectors.hello.theirFingerprint)];
  const context = Buffer.from(HELLO_CONTEXT_TEXT, 'ascii');
  expect(verifies(read.token.viewerKey, hello.proof, context, hello.token, ...fingerprints)).toBe(true);
  expect(verifies(read.token.viewerKey, hello.proof, context, hello.token, ...fingerprints.reverse())).toBe(false);
});
