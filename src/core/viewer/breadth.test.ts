import { describe, expect, test } from 'vitest';
import { Breadth, FAN_OUT } from './breadth.ts';

const OFFERED = 2 * FAN_OUT;
const NEIGHBOURS = 2 * FAN_OUT;

describe('children are taken', () => {
  test('in every substream while most places are free', () =>
    expect(new Breadth().more({ offered: OFFERED, taken: OFFERED / 2, begun: 8, neighbours: NEIGHBOURS })).toBe(
      Number.POSITIVE_INFINITY,
    ));

  test('in no more substreams than are needed when places are scarce', () => {
    const breadth = new Breadth();
    expect(breadth.more({ offered: OFFERED, taken: OFFERED - 1, begun: 1, neighbours: NEIGHBOURS })).toBe(1);
    expect(breadth.more({ offered: OFFERED, taken: OFFERED - 1, begun: 2, neighbours: NEIGHBOURS })).toBe(0);
    expect(breadth.more({ offered: OFFERED, taken: OFFERED - 1, begun: 5, neighbours: NEIGHBOURS })).toBe(0);
  });

  test('in one more when a place has not been taken for a while', () => {
    const breadth = new Breadth();
    const untaken = { offered: OFFERED, taken: OFFERED - 1, begun: 5, neighbours: NEIGHBOURS };
    breadth.look(0, { ...untaken, taken: OFFERED });
    breadth.look(1_900, untaken);
    expect(breadth.more(untaken)).toBe(0);
    breadth.look(2_100, untaken);
    expect(breadth.more(untaken)).toBe(1);
    expect(breadth.more({ ...untaken, begun: 6, neighbours: NEIGHBOURS })).toBe(0);
  });

  test('and in few again once the needed ones have none', () => {
    const breadth = new Breadth();
    breadth.look(0, { offered: OFFERED, taken: OFFERED - 1, begun: 5, neighbours: NEIGHBOURS });
    breadth.look(3_000, { offered: OFFERED, taken: 0, begun: 0, neighbours: NEIGHBOURS });
    expect(breadth.more({ offered: OFFERED, taken: OFFERED - 1, begun: 2, neighbours: NEIGHBOURS })).toBe(0);
  });

  test('in more where there are few neighbours, who cannot take that many each', () =>
    expect(new Breadth().more({ offered: OFFERED, taken: OFFERED - 1, begun: 2, neighbours: 7 })).toBe(4));
});
