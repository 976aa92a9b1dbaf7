import { expect, it } from 'vitest';
import { cyclesOf, reachableFrom } from './graph.ts';

const graph = (edges: Record<string, string[]>): Map<string, string[]> => new Map(Object.entries(edges));

it('finds every group of files that reach each other', () => {
  const edges = graph({ a: ['b'], b: ['c'], c: ['a', 'd'], d: ['e'], e: ['d'], f: ['a'] });
  expect(cyclesOf(edges).sort()).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
});

it('counts a file that imports itself and leaves diamonds alone', () => {
  expect(cyclesOf(graph({ a: ['a'] }))).toEqual([['a']]);
  expect(cyclesOf(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toEqual([]);
});

it('reaches through chains and cycles', () => {
  expect([...reachableFrom(['a'], graph({ a: ['b'], b: ['c'], c: ['a'], x: ['a'] }))]).toEqual(['a', 'b', 'c']);
});
