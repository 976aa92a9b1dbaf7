import { describe, expect, it } from 'vitest';
import { copiesOf, feedsOf, tableOf } from './feeding.ts';
import { lookAt } from './testing/looks.ts';

const LOOKS = [
  lookAt('anna', { viewer: 'v1', fromOrigin: 6, orphaned: 2, lagMsP95: 41.6, latencyMs: 800 }),
  lookAt('bert', { viewer: 'v2', fromOrigin: 2, piecesRejected: 3 }, { v1: 4, v9: 2 }),
  { name: 'carl', stats: undefined, stalls: 2 },
];

describe('who feeds whom', () => {
  it('is told in pairs', () => {
    expect(feedsOf(LOOKS)).toEqual([
      { parent: 'origin', child: 'anna', substreams: 6 },
      { parent: 'origin', child: 'bert', substreams: 2 },
      { parent: 'anna', child: 'bert', substreams: 4 },
      { parent: 'outside', child: 'bert', substreams: 2 },
    ]);
  });

  it('is told in a table', () => {
    expect(`\n${tableOf(LOOKS)}\n`).toBe(`
fed by  origin  anna  bert  carl  outside  nobody  |           state  neighbours  delay p95  latency  stalls  rejected
anna         6     \\     .     .        .       2  |  shared/playing           0      42 ms   800 ms       0         0
bert         2     4     \\     .        2       .  |  shared/playing           2          -        -       0         3
carl         .     .     .     \\        .       .  |            gone           -          -        -       2         -
`);
  });

  it('does not take two viewers without a name for one', () => {
    const nameless = [lookAt('a', { viewer: undefined }), lookAt('b', { viewer: undefined }, { v1: 1 })];
    expect(feedsOf(nameless)).toEqual([{ parent: 'outside', child: 'b', substreams: 1 }]);
  });

  it('counts copies that leave the origin in substreams', () => {
    expect(copiesOf(LOOKS)).toBe(1);
    expect(copiesOf([])).toBeUndefined();
    expect(copiesOf([{ name: 'a', stats: undefined, stalls: 0 }])).toBeUndefined();
  });
});
