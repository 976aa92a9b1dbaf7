import { expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import { networkOf } from '../nat/addresses.ts';
import { PairTable } from '../nat/pair-table.ts';
import { Member } from './member.ts';
import { Networks, spread } from './networks.ts';
import { Room } from './room.ts';

const memberOf = (connection: number, address: string): Member => {
  const viewer = connection.toString(16).padStart(16, '0');
  const member = new Member(connection, { address, viewer }, 0);
  member.state = 'joined';
  member.membership = { path: '/live/a', viewerKey: '', uploads: true };
  return member;
};

/** Two thousand names of one attacker in two networks, among a hundred viewers of a hundred networks. */
const besieged = (): { readonly room: Room; readonly honest: readonly Member[] } => {
  const room = new Room('/live/a');
  const honest = Array.from({ length: 100 }, (_, at) => memberOf(at, `10.${at}.0.1`));
  for (const member of honest) room.add(member);
  for (let at = 0; at < 2000; at++) room.add(memberOf(1000 + at, `203.0.${at % 2}.${at % 50}`));
  return { room, honest };
};

test.each([
  ['192.0.2.7', '192.0.2'],
  ['2001:db8:1:2::7', '2001:db8:1'],
  ['::1', '0:0:0'],
  ['', ''],
])('%s is of the network %s', (address, network) => expect(networkOf(address)).toBe(network));

test('names without number behind a few addresses are met no more often than those networks would be', () => {
  const { room, honest } = besieged();
  const names = new Set(honest.map((member) => member.viewer));
  const random = new Random(7);
  const pairs = new PairTable();
  let met = 0;
  let known = 0;
  for (const to of honest) {
    const others = room.introduce(10_000, to, { count: 8, random, pairs });
    expect(others).toHaveLength(8);
    met += others.length;
    known += others.filter((other) => names.has(other)).length;
  }
  expect(known / met).toBeGreaterThan(0.75);
});

test('an office whose viewers share one address meets itself all the same', () => {
  const office = Array.from({ length: 40 }, (_, at) => memberOf(at, '192.0.2.1'));
  const room = new Room('/live/a');
  for (const member of office) room.add(member);
  const [first] = office;
  if (first === undefined) throw new Error('nobody');
  expect(room.introduce(10_000, first, { count: 8, random: new Random(1), pairs: new PairTable() })).toHaveLength(8);
});

test('few of one network stand in front, and the others after them', () => {
  const crowd = [0, 1, 2, 3].map((at) => memberOf(at, '192.0.2.1'));
  const other = memberOf(9, '198.51.100.1');
  expect(spread([...crowd, other], 4)).toEqual([crowd[0], crowd[1], other, crowd[2]]);
});

test('who has gone is not picked any more', () => {
  const networks = new Networks();
  const members = [memberOf(1, '192.0.2.1'), memberOf(2, '192.0.2.2'), memberOf(3, '198.51.100.1')];
  for (const member of members) networks.add(member);
  const [first, second, third] = members;
  if (first === undefined || second === undefined || third === undefined) throw new Error('nobody');
  networks.delete(first);
  networks.delete(third);
  networks.delete(third);
  const random = new Random(3);
  for (let n = 0; n < 20; n++) expect(networks.pick(random)).toBe(second);
  networks.delete(second);
  expect(networks.pick(random)).toBeUndefined();
});
