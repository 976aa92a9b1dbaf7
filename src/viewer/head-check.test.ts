import { describe, expect, test } from 'vitest';
import { concat } from '../../wasm/testing/flv-maker.ts';
import { encodeHeadBody, HEAD_CONTEXT, type Head, sealHead } from '../wire/head.ts';
import { counting, headFields } from '../wire/testing/samples.ts';
import { checkHead, type HeadTrust } from './head-check.ts';
import { core } from './testing/core.ts';

const SEED = counting(32, 1);
const OTHER_SEED = counting(32, 2);
const key = core.publicKey(SEED);
const otherKey = core.publicKey(OTHER_SEED);

const sealed = (change: Partial<typeof headFields> = {}, seed = SEED): Uint8Array<ArrayBuffer> => {
  const body = encodeHeadBody({ ...headFields, publicKey: core.publicKey(seed), ...change });
  return sealHead(body, core.sign(seed, concat(HEAD_CONTEXT, body)));
};
const current: Head = { kind: 'head', version: 1, ...headFields, publicKey: key };
const judge = (bytes: Uint8Array, trust: Partial<HeadTrust>) =>
  checkHead(core, bytes, { pinned: [], current: undefined, from: 'origin', ...trust });

describe('a head from the origin', () => {
  test('is believed under a pinned key, or under any when none is pinned', () => {
    expect(judge(sealed(), {})).toMatchObject({ kind: 'head', revision: headFields.revision });
    expect(judge(sealed(), { pinned: [otherKey, key] })).toMatchObject({ kind: 'head' });
    expect(judge(sealed({}, OTHER_SEED), { current })).toMatchObject({ kind: 'head' });
  });

  test('is not believed under a key that is not pinned', () => {
    expect(judge(sealed(), { pinned: [otherKey] })).toMatchObject({ kind: 'fault', code: 'origin/wrong-key' });
  });

  test('is not believed unless its signature verifies', () => {
    expect(judge(sealed({ publicKey: otherKey }), {})).toMatchObject({ code: 'origin/bad-head' });
    const bent = sealed();
    bent[50] = (bent[50] ?? 0) ^ 1;
    expect(judge(bent, {})).toMatchObject({ code: 'origin/bad-head' });
    expect(judge(bent.subarray(0, 100), {})).toMatchObject({ code: 'wire/short' });
  });
});

describe('a head from a neighbour', () => {
  test('is believed under the key and for the stream that are known', () => {
    expect(judge(sealed(), { from: 1, current })).toMatchObject({ kind: 'head' });
    expect(judge(sealed(), { from: 1, current, pinned: [key] })).toMatchObject({ kind: 'head' });
  });

  test('never introduces a key or a stream', () => {
    expect(judge(sealed(), { from: 1 })).toMatchObject({ code: 'origin/wrong-key' });
    expect(judge(sealed({}, OTHER_SEED), { from: 1, current })).toMatchObject({ code: 'origin/wrong-key' });
    expect(judge(sealed({ stream: counting(32, 9) }), { from: 1, current })).toMatchObject({ code: 'origin/bad-head' });
  });
});

test('a head outlives the message it came in', () => {
  const bytes = sealed();
  const head = judge(bytes, {});
  bytes.fill(0);
  expect(head).toMatchObject({ stream: headFields.stream, prelude: headFields.prelude, publicKey: key });
});
