import { expect, test } from 'vitest';
import { NAT_KINDS, type NatKind } from '../../wire/nat.ts';
import { isLikely, type PairSide, PairTable } from './pair-table.ts';

const side = (nat: NatKind, address: string): PairSide => ({ nat, address });
const pair = (a: NatKind, b: NatKind): [PairSide, PairSide] => [side(a, 'x'), side(b, 'y')];
const chance = (table: PairTable, [a, b]: readonly [PairSide, PairSide], now = 0): number => table.chance(now, a, b);

test('without a relay two symmetric NATs, a cone and a symmetric one, and whoever is blocked do not meet', () => {
  const hopeless = NAT_KINDS.flatMap((a) =>
    NAT_KINDS.filter((b) => !isLikely(chance(new PairTable(), pair(a, b)))).map((b) => `${a} ${b}`),
  );
  expect(hopeless.sort()).toEqual(
    [
      ...NAT_KINDS.flatMap((kind) => (kind === 'blocked' ? [] : [`blocked ${kind}`, `${kind} blocked`])),
      'blocked blocked',
      'cone symmetric',
      'symmetric cone',
      'symmetric symmetric',
    ].sort(),
  );
});

test('a pair is the same from both sides', () => {
  const table = new PairTable();
  table.learn(0, pair('cone', 'symmetric'), 'reached');
  for (const a of NAT_KINDS) {
    for (const b of NAT_KINDS) expect(chance(table, pair(a, b))).toBe(chance(table, pair(b, a)));
  }
});

test('two from one address may meet whatever their NAT is', () => {
  const table = new PairTable();
  for (const a of NAT_KINDS) {
    for (const b of NAT_KINDS) expect(isLikely(table.chance(0, side(a, 'x'), side(b, 'x')))).toBe(true);
  }
});

test('links that come to be all the same make a hopeless pair worth a try', () => {
  const table = new PairTable();
  for (let dial = 0; dial < 8; dial++) table.learn(0, pair('symmetric', 'cone'), 'reached');
  expect(isLikely(chance(table, pair('cone', 'symmetric')))).toBe(true);
  expect(isLikely(chance(table, pair('symmetric', 'symmetric')))).toBe(false);
});

test('dials that fail make a pair less wanted, and never keep apart what fits', () => {
  const table = new PairTable();
  const before = chance(table, pair('cone', 'cone'));
  for (let dial = 0; dial < 100_000; dial++) table.learn(0, pair('cone', 'cone'), 'missed');
  expect(chance(table, pair('cone', 'cone'))).toBeLessThan(before);
  expect(isLikely(chance(table, pair('cone', 'cone')))).toBe(true);
});

test('what was learned fades: after a few hours the kinds decide again', () => {
  const table = new PairTable();
  for (let dial = 0; dial < 50; dial++) table.learn(0, pair('symmetric', 'symmetric'), 'reached');
  const hour = 3_600_000;
  expect(isLikely(chance(table, pair('symmetric', 'symmetric'), 0))).toBe(true);
  expect(chance(table, pair('symmetric', 'symmetric'), 3 * hour)).toBeCloseTo(0.02, 2);
});
