// Hashes, signatures and keys of the byte core against Node's own cryptography and the golden vectors.

import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import vectors from '../src/wire/piece-vectors.json';
import { ByteCore } from './abi.ts';

const core = await ByteCore.load(readFileSync(new URL('./dist/shoal.wasm', import.meta.url)));
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b6570032100', 'hex');
const nodePrivate = (seed: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([PRIVATE, seed]), format: 'der', type: 'pkcs8' });
const nodePublic = (key: Uint8Array) =>
  createPublicKey({ key: Buffer.concat([PUBLIC, key]), format: 'der', type: 'spki' });

describe('Ed25519', () => {
  test('keys and signatures are those of node:crypto, both ways', () => {
    for (let round = 0; round < 20; round++) {
      const seed = randomBytes(32);
      const message = randomBytes(round * 37);
      const key = core.publicKey(seed);
      const der = createPublicKey(nodePrivate(seed)).export({ format: 'der', type: 'spki' });
      expect(text(key)).toBe(der.subarray(-32).toString('hex'));
      const signature = core.sign(seed, message);
      expect(text(signature)).toBe(sign(null, message, nodePrivate(seed)).toString('hex'));
      expect(verify(null, message, nodePublic(key), signature)).toBe(true);
      expect(core.verify(key, message, signature)).toBe(true);
      signature[round] = (signature[round] ?? 0) ^ 1;
      expect(core.verify(key, message, signature)).toBe(false);
    }
  });

  test('another message, another key, a cut signature and no key at all are refused', () => {
    const seed = new Uint8Array(32).fill(5);
    const key = core.publicKey(seed);
    const message = Uint8Array.of(1, 2, 3);
    const signature = core.sign(seed, message);
    expect(core.verify(key, Uint8Array.of(1, 2, 4), signature)).toBe(false);
    expect(core.verify(core.publicKey(new Uint8Array(32)), message, signature)).toBe(false);
    expect(core.verify(key, message, signature.subarray(0, 63))).toBe(false);
    expect(core.verify(key.subarray(1), message, signature)).toBe(false);
  });

  test('a key of small order signs nothing', () => {
    const identity = new Uint8Array(32);
    identity[0] = 1;
    const signature = new Uint8Array(64);
    signature[0] = 1;
    expect(core.verify(identity, Uint8Array.of(1), signature)).toBe(false);
  });

  test('a signature made larger by the group order is refused', () => {
    const order = hex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
    const seed = new Uint8Array(32).fill(6);
    const signature = core.sign(seed, Uint8Array.of(1));
    let carry = 0;
    for (let at = 0; at < 32; at++) {
      carry += (signature[32 + at] ?? 0) + (order[at] ?? 0);
      signature[32 + at] = carry & 255;
      carry >>= 8;
    }
    expect(core.verify(core.publicKey(seed), Uint8Array.of(1), signature)).toBe(false);
  });
});

describe('BLAKE3 and keys', () => {
  test('digests of the published test vectors', () => {
    const input = Uint8Array.from({ length: 102_400 }, (_, at) => at % 251);
    const wanted = [
      [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
      [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
      [1024, '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
      [102_400, 'bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085'],
    ] as const;
    for (const [length, digest] of wanted) expect(text(core.blake3(input.subarray(0, length)))).toBe(digest);
  });

  test('the golden vectors hold', () => {
    const { stream, epoch, contentSecret, signingSeed, wrap } = vectors;
    expect(text(core.publicKey(hex(signingSeed)))).toBe(vectors.publicKey);
    expect(core.epochTag(hex(stream), hex(epoch))).toBe(vectors.epochTag);
    const key = core.contentKey(hex(contentSecret), hex(epoch), vectors.generation);
    expect(text(key)).toBe(vectors.contentKey);
    const wrapped = core.wrapKey(hex(wrap.codeKey), hex(wrap.nonce), hex(wrap.context), key);
    expect(text(wrapped)).toBe(wrap.wrapped);
    expect(core.unwrapKey(hex(wrap.codeKey), hex(wrap.context), wrapped)).toEqual(key);
  });

  test('golden pieces are signed as the format says', () => {
    const key = nodePublic(hex(vectors.publicKey));
    for (const { wire } of vectors.pieces) {
      const bytes = hex(wire);
      const message = Buffer.concat([
        Buffer.from('shoal piece v1'),
        hex(vectors.stream),
        hex(vectors.epoch),
        bytes.subarray(0, 28),
        core.blake3(bytes.subarray(92)),
      ]);
      expect(verify(null, message, key, bytes.subarray(28, 92))).toBe(true);
    }
  });

  test('a wrapped key opens only with the right code, context and bytes', () => {
    const wrapped = core.wrapKey(Uint8Array.of(1), new Uint8Array(24), Uint8Array.of(2), new Uint8Array(32).fill(3));
    expect(core.unwrapKey(Uint8Array.of(1), Uint8Array.of(2), wrapped)).toEqual(new Uint8Array(32).fill(3));
    expect(core.unwrapKey(Uint8Array.of(9), Uint8Array.of(2), wrapped)).toBeUndefined();
    expect(core.unwrapKey(Uint8Array.of(1), Uint8Array.of(9), wrapped)).toBeUndefined();
    expect(core.unwrapKey(Uint8Array.of(1), Uint8Array.of(2), wrapped.subarray(1))).toBeUndefined();
    wrapped[30] = (wrapped[30] ?? 0) ^ 1;
    expect(core.unwrapKey(Uint8Array.of(1), Uint8Array.of(2), wrapped)).toBeUndefined();
    expect(core.unwrapKey(new Uint8Array(0), new Uint8Array(0), wrapped)).toBeUndefined();
  });

  test('inputs of any length are hashed, and only absurd ones refused', () => {
    const large = new Uint8Array(3_000_000).fill(7);
    expect(core.blake3(large)).not.toEqual(core.blake3(large.subarray(1)));
    expect(() => core.blake3(new Uint8Array(64 * 1024 * 1024 + 1))).toThrow('wrong size');
  });
});
