import { expect, it } from 'vitest';
import { errorCodes } from '../errors.ts';
import { ERROR_CAUSES, ErrorCode, EventCode, nameOf } from './codes.ts';

it('has the numbers of the native header', () => {
  expect(Object.values(EventCode)).toEqual([10010000, 10010001, 10010002, 10010003, 10010004, 10010005, 10010006]);
  expect(Object.values(ErrorCode)).toEqual([
    10001000, 10001001, 10001002, 10001012, 10011000, 10011001, 10011002, 10011003, 10011004,
  ]);
});

it('gives each of our codes one number at most, and each number a cause', () => {
  const all = Object.values(ERROR_CAUSES).flatMap(({ codes }) => codes);
  expect(new Set(all).size).toBe(all.length);
  for (const code of all) expect(errorCodes).toContain(code);
  expect(Object.keys(ERROR_CAUSES)).toEqual(Object.keys(ErrorCode));
  expect(nameOf('origin/refused')).toBe('AUTH_FAILED');
  expect(nameOf('link/failed')).toBeUndefined();
});
