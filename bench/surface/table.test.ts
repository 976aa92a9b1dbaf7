import { describe, expect, it } from 'vitest';
import { resultCodes } from '../../src/plugin/codes.ts';
import { nativeTable } from './native-table.ts';
import { playerTable } from './player-table.ts';
import { pluginTable } from './plugin-table.ts';
import { countRows, mistakesIn, type SurfaceTable } from './table.ts';

const table: SurfaceTable = {
  surface: 's',
  tests: [],
  methods: ['a', 'b', 'later'],
  codes: [0, -1, -2],
  events: ['e'],
  pending: ['later', -2],
};

describe('counting', () => {
  it('counts what was reached of this surface and names what was not', () => {
    const reached = [
      { surface: 's', kind: 'method', name: 'a' },
      { surface: 's', kind: 'method', name: 'a' },
      { surface: 'other', kind: 'method', name: 'b' },
      { surface: 's', kind: 'event', name: 'b' },
    ] as const;
    expect(countRows([table], 'method', reached)).toEqual({
      total: 2,
      reached: 1,
      pending: 1,
      missing: ['s method b'],
    });
    expect(countRows([table], 'event', reached)).toMatchObject({ total: 1, reached: 0 });
  });

  it('counts a pending row like any other as soon as it is reached', () => {
    const reached = [{ surface: 's', kind: 'code', name: '-2' }] as const;
    expect(countRows([table], 'code', reached)).toEqual({
      total: 3,
      reached: 1,
      pending: 0,
      missing: ['s code 0', 's code -1'],
    });
  });
});

describe('the tables', () => {
  it.each([pluginTable, nativeTable, playerTable])('of $surface list each row once', (one) => {
    expect(mistakesIn(one)).toEqual([]);
  });

  it('find a mistake if there is one', () => {
    expect(mistakesIn({ ...table, events: ['a'], pending: ['nobody'] })).toHaveLength(2);
  });

  it('list as many rows as the seeds', () => {
    expect(pluginTable.codes.filter((code) => code !== 0)).toHaveLength(18);
    expect(nativeTable.codes).toHaveLength(9);
    expect(nativeTable.events).toHaveLength(7);
  });

  it('agree with the plugin about its codes, none of which waits for anything', () => {
    expect([...pluginTable.codes].sort()).toEqual([...resultCodes].sort());
    expect(pluginTable.pending).toEqual([]);
  });
});
