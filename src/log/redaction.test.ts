import { expect, it } from 'vitest';
import { Redaction } from './redaction.ts';

const clean = (text: string, ...secrets: string[]): string => {
  const redaction = new Redaction();
  for (const secret of secrets) redaction.keep(secret);
  return redaction.apply(text);
};

const HEX = '0123456789abcdef'.repeat(4);
const BASE64 = 'AbCdEf0123456789_-AbCdEf0123456789_-AbCdEf01';

it.each([
  ['a query', 'GET https://a.example/live/x.flv?token=s3cret&t=12'],
  ['a fragment', 'https://a.example/page#access=s3cret'],
  ['a password in an address', 'turn:x https://bob:s3cret@a.example/'],
  ['a bearer token', 'authorization: Bearer s3cret-abc'],
  ['a JSON member', '{"appSecretKey": "s3cret", "n": 1}'],
  ['a JSON member with an escape', '{"key":"s3cret\\"s3cret"}'],
  ['an assignment', 'appKey=s3cret rest'],
  ['a key in hexadecimal', `got s3cret-less ${HEX}`.replace('s3cret-less ', '')],
  ['a key in base64url', `got ${BASE64}`],
  ['a device info', 'xp2p XP2Ps3cretAbCdEf==%2.4.29m'],
  ['a signed token', 'eyJhbGciOi.eyJzdWIiOi.s3cret'],
])('takes out %s', (_what, text) => {
  const shown = clean(text);
  expect(shown).toContain('[redacted]');
  for (const secret of ['s3cret', HEX, BASE64]) expect(shown).not.toContain(secret);
});

it('takes out what it was told, as it is and percent-encoded, the longer before the shorter', () => {
  expect(clean('x a b/c y a%20b%2Fc z', 'a b/c')).toBe('x [redacted] y [redacted] z');
  expect(clean('abcdefgh abcd', 'abcd', 'abcdefgh')).toBe('[redacted] [redacted]');
});

it('leaves ordinary words alone', () => {
  const text = 'state playing: epoch 0019a2b3c4d5e6f7, errcode -2402 (status 404), keyframe 12, tokens are fine';
  expect(clean(text, '', 'abc')).toBe(text);
});

it('forgets the oldest secret rather than grow without end', () => {
  const redaction = new Redaction();
  for (let number = 0; number < 1000; number++) redaction.keep(`secret-${number}-x`);
  expect(redaction.apply('secret-999-x')).toBe('[redacted]');
  expect(redaction.apply('secret-0-x')).toBe('secret-0-x');
});
