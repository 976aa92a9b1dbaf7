import { expect, test } from 'vitest';
import { readRange } from './ranged-file.ts';

test.each([
  [undefined, 'none'],
  ['', 'none'],
  ['bytes=0-9', { start: 0, end: 9 }],
  ['bytes=90-', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['bytes=99-1000', { start: 99, end: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=9-0', 'none'],
  ['bytes=0-1,5-6', 'none'],
  ['bytes=a-b', 'none'],
  ['lines=0-1', 'none'],
  ['bytes=-', 'none'],
  ['bytes=9999999999999999-', 'none'],
] as const)('of 100 bytes, %s', (header, range) => expect(readRange(header, 100)).toEqual(range));

test('of an empty file nothing can be had', () => expect(readRange('bytes=0-', 0)).toBe('unsatisfiable'));
