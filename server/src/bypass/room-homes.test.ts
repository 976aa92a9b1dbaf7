// One room, one process: a cluster of two servers on one store.

import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { MemoryHub, MemoryStore } from '../cluster/memory-store.ts';
import { makeLog } from '../log.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { startServer } from '../testing/servers.ts';
import { RoomHomes, type RoomName } from './room-homes.ts';
import { RoomClient } from './testing/room-client.ts';

test('a room is at one process: who comes to another is told, and comes in when the room is empty', async () => {
  const hub = new MemoryHub(systemClock());
  const start = () => startServer({ bypass: 'embedded', rtmpPort: 'off' }, { store: new MemoryStore(hub) });
  const [one, other] = [await start(), await start()];
  expect(await new RoomClient(one.url).enter('anna')).toMatchObject({ kind: 'entered' });
  expect(await new RoomClient(one.url).enter('ben')).toMatchObject({ kind: 'entered' });
  const late = new RoomClient(other.url);
  expect(await late.enter('carl')).toMatchObject({ kind: 'failed', code: 'room/elsewhere' });
  expect(await late.enter('carl', { room: 'another' })).toMatchObject({ kind: 'entered' });
  await one.close();
  await one.close();
  expect(await new RoomClient(other.url).enter('anna')).toMatchObject({ kind: 'entered' });
});

/** Homes of two processes whose clock is turned by hand. */
const homesOf = () => {
  const clock = new ManualClock();
  const hub = new MemoryHub(clock);
  const make = (node: string) => {
    const rooms = new Set<RoomName>();
    const log = makeLog({ line: () => undefined, close: async () => undefined }, false, () => 0);
    const homes = new RoomHomes({ store: new MemoryStore(hub), clock, log, node, occupied: () => rooms });
    return { homes, rooms };
  };
  return { clock, hub, one: make('one'), other: make('other') };
};

const room = { bizid: 1, room: 'r' };

test('a room with users stays where it is, and is free soon after the last one has left', async () => {
  const { clock, one, other } = homesOf();
  expect(await one.homes.claim(room)).toBe(true);
  one.rooms.add(room);
  for (let turn = 0; turn < 10; turn++) {
    clock.advance(5000);
    await Promise.resolve();
  }
  expect(await other.homes.claim(room)).toBe(false);
  one.rooms.clear();
  clock.advance(5000);
  await Promise.resolve();
  expect(await other.homes.claim(room)).toBe(true);
});

test('the rooms of a process that is gone are free after a while, and nobody waits for a store that is away', async () => {
  const { clock, hub, one, other } = homesOf();
  one.rooms.add(room);
  expect(await one.homes.claim(room)).toBe(true);
  hub.turn('lost');
  expect(await other.homes.claim(room)).toBe(true);
  hub.turn('ready');
  expect(await other.homes.claim(room)).toBe(false);
  await one.homes.close();
  expect(await other.homes.claim(room)).toBe(true);
  clock.advance(0);
});
