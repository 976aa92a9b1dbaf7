import { expect, test } from 'vitest';
import { RECORD_ALL, RECORD_FLV, RECORD_HLS, RECORD_MP4, starters } from '../../../src/wire/room.ts';
import { CAPABILITIES, capabilityOf } from './capability.ts';

test("the seed's table: start of the push, start of the recording, formats, callback, ease, reliability, cost", () => {
  const all = RECORD_HLS + RECORD_FLV + RECORD_MP4;
  const rows = CAPABILITIES.map((row) => [row.bypass, row.record, row.formats, row.isReported].join(' '));
  expect(rows).toEqual([
    `auto auto ${all} true`,
    `manual auto ${all} true`,
    `auto manual ${RECORD_MP4} false`,
    `manual manual ${RECORD_MP4} false`,
  ]);
  expect(CAPABILITIES.map(({ ease, reliability, cost }) => [ease, reliability, cost])).toEqual([
    [4, 4, 1],
    [3, 3, 2],
    [2, 2, 3],
    [1, 1, 4],
  ]);
  expect(RECORD_ALL).toBe(7);
});

test('every combination has exactly one row', () => {
  for (const bypass of starters) {
    for (const record of starters) {
      expect(CAPABILITIES.filter((row) => row.bypass === bypass && row.record === record)).toEqual([
        capabilityOf(bypass, record),
      ]);
    }
  }
});
