import { describe, expect, test } from 'vitest';
import { concat } from '../../wasm/testing/flv-maker.ts';
import { toBase64Url } from '../wire/bytes.ts';
import { counting, tokenFields } from '../wire/testing/samples.ts';
import { encodeTokenBody, sealToken, TOKEN_CONTEXT, type Token } from '../wire/token.ts';
import { PROTOCOL_VERSION } from '../wire/version.ts';
import { Greeting } from './greeting.ts';
import type { Fingerprints } from './ports.ts';
import { core } from './testing/core.ts';

const TRACKER_SEED = counting(32, 40);
const STRANGER_SEED = counting(32, 41);
const NOW_MS = 1_700_000_000_000;
const tokenKeys = [{ id: 5, key: toBase64Url(core.publicKey(TRACKER_SEED)) }];
const stream = counting(32, 80);
/** The same link as its two ends see it. */
const ours: Fingerprints = { own: counting(32, 1), theirs: counting(32, 2) };
const yours: Fingerprints = { own: ours.theirs, theirs: ours.own };

const tokenFor = (greeting: Greeting, change: Partial<Token> = {}, seed = TRACKER_SEED): string => {
  const body = encodeTokenBody({
    ...tokenFields,
    stream,
    keyId: 5,
    viewerKey: greeting.viewerKey,
    issuedMs: NOW_MS,
    expiresMs: NOW_MS + 900_000,
    ...change,
  });
  return toBase64Url(sealToken(body, core.sign(seed, concat(TOKEN_CONTEXT, body))));
};

const guest = new Greeting(core, counting(32, 60));
const host = new Greeting(core, counting(32, 61));
host.granted(tokenFor(host), tokenKeys);
const helloWith = (token: string, fingerprints = yours) => {
  guest.granted(token, tokenKeys);
  const hello = guest.hello(fingerprints);
  if (hello === undefined) throw new Error('no hello');
  return hello;
};
const at = { fingerprints: ours, wallMs: NOW_MS };

test('there is no hello before the tracker has granted a token', () => {
  expect(new Greeting(core, counting(32, 62)).hello(ours)).toBeUndefined();
});

test('a good hello names the viewer', () => {
  expect(host.check(helloWith(tokenFor(guest)), stream, at)).toBe('1011121314151617');
});

describe('a hello is refused', () => {
  test.each<[string, () => ReturnType<typeof helloWith>, string]>([
    [
      'of another version',
      () => ({ ...helloWith(tokenFor(guest)), version: PROTOCOL_VERSION + 1 }),
      'wire/bad-version',
    ],
    ['with a malformed token', () => ({ ...helloWith(tokenFor(guest)), token: counting(158) }), 'token/malformed'],
    ['with a token of a key nobody named', () => helloWith(tokenFor(guest, { keyId: 6 })), 'token/bad-signature'],
    ['with a token somebody else signed', () => helloWith(tokenFor(guest, {}, STRANGER_SEED)), 'token/bad-signature'],
    ['with a token of another stream', () => helloWith(tokenFor(guest, { stream: counting(32) })), 'link/bad-hello'],
    ['with a token of another viewer', () => helloWith(tokenFor(host)), 'link/bad-hello'],
    ['with an old token', () => helloWith(tokenFor(guest, { expiresMs: NOW_MS - 130_000 })), 'token/expired'],
    ['for another link', () => helloWith(tokenFor(guest), { ...yours, own: counting(32, 3) }), 'link/bad-hello'],
    ['that is our own, sent back', () => host.hello(ours) ?? helloWith(tokenFor(guest)), 'link/bad-hello'],
    ['whose proof is bent', () => ({ ...helloWith(tokenFor(guest)), proof: counting(64) }), 'link/bad-hello'],
  ])('%s', (_name, hello, code) => expect(host.check(hello(), stream, at)).toMatchObject({ kind: 'fault', code }));
});

test('clocks may differ by two minutes', () => {
  const hello = helloWith(tokenFor(guest, { expiresMs: NOW_MS }));
  expect(host.check(hello, stream, { ...at, wallMs: NOW_MS + 119_000 })).toBe('1011121314151617');
  expect(host.check(hello, stream, { ...at, wallMs: NOW_MS + 121_000 })).toMatchObject({ code: 'token/expired' });
});

test('token keys of earlier answers stay good, so that keys can change', () => {
  const viewer = new Greeting(core, counting(32, 63));
  viewer.granted(tokenFor(viewer), tokenKeys);
  viewer.granted(tokenFor(viewer), [{ id: 9, key: toBase64Url(core.publicKey(STRANGER_SEED)) }]);
  expect(viewer.check(helloWith(tokenFor(guest)), stream, at)).toBe('1011121314151617');
  const next = helloWith(tokenFor(guest, { keyId: 9 }, STRANGER_SEED));
  expect(viewer.check(next, stream, at)).toBe('1011121314151617');
});
