import { expect, test } from 'vitest';
import { ROOM_TOKEN_MAX } from '../../../src/wire/limits.ts';
import { makeRoomToken, whyNotEnter } from './room-token.ts';

const owner = { bizid: 8888, room: 'r', user: 'u' };
const NOW_MS = 1_700_000_000_000;
const token = makeRoomToken('secret', owner, NOW_MS + 60_000);
const why = (given: string, over: object = {}, nowMs = NOW_MS) =>
  whyNotEnter('secret', { ...owner, ...over }, { token: given, nowMs });

test('a token lets its user into its room until it expires', () => {
  expect(token.length).toBeLessThanOrEqual(ROOM_TOKEN_MAX);
  expect(why(token)).toBeUndefined();
  expect(why(token, {}, NOW_MS + 59_999)).toBeUndefined();
  expect(why(token, {}, NOW_MS + 60_000)).toBe('room/token-expired');
});

test.each([
  ['another app', { bizid: 8889 }],
  ['another room', { room: 's' }],
  ['another user', { user: 'v' }],
])('it is of no use to %s', (_what, over) => expect(why(token, over)).toBe('room/refused'));

test.each([
  ['none', ''],
  ['one of another secret', makeRoomToken('other', owner, NOW_MS + 60_000)],
  ['one with another expiry', token.replace(/^\d+/, (expiry) => String(Number(expiry) + 1))],
  ['one without an end', token.slice(0, -1)],
])('%s is refused', (_what, given) => expect(why(given)).toBe('room/refused'));
