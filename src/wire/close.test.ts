import { expect, test } from 'vitest';
import { errorCodes } from '../errors.ts';
import { causeOfClose, closeCodeOf, waitOfClose } from './close.ts';

const CAUSES = [
  'origin/bad-frame',
  'origin/refused',
  'origin/not-found',
  'origin/pieces-only',
  'key/unknown-code',
  'source/unreachable',
  'origin/overloaded',
  'tracker/bad-message',
  'tracker/refused',
  'tracker/rate-limited',
] as const;

test('every cause has a close code of its own, free for applications to use', () => {
  const codes = CAUSES.map(closeCodeOf);
  expect(new Set(codes).size).toBe(CAUSES.length);
  for (const code of codes) expect(code >= 4000 && code <= 4999).toBe(true);
  expect(codes.map(causeOfClose)).toEqual(CAUSES);
  for (const cause of CAUSES) expect(errorCodes).toContain(cause);
});

test('a close code of somebody else has no cause', () => {
  for (const code of [1000, 1001, 1006, 4000, 4401, 4999]) expect(causeOfClose(code)).toBeUndefined();
});

test('the reason is a wait in milliseconds, an hour at most, and nothing else', () => {
  expect(['0', '1500', '3600000', '9999999'].map(waitOfClose)).toEqual([0, 1500, 3_600_000, 3_600_000]);
  for (const reason of ['', '-1', '1.5', '1e9', ' 5', '12345678', 'soon', '0x10', '٣'])
    expect(waitOfClose(reason)).toBe(0);
});
