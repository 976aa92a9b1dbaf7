// What a player finds out about real NATs, and who meets whom through them: routers and hosts in network namespaces,
// STUN by the server's own coturn, one Chromium in each home.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './fixtures/eventually.ts';
import { runGently } from './netlab/commands.ts';
import { Guest } from './netlab/guest.ts';
import { Internet, STUN_NAMES, STUN_SERVERS } from './netlab/internet.ts';
import type { RouterKind } from './netlab/nat-rules.ts';
import { type Home, NetLab, namespaces } from './netlab/net-lab.ts';
import { whyNoLab } from './netlab/possible.ts';

const why = whyNoLab();
/** Where there can be no lab, all of them are called by the one reason: so it stands where skipped tests are counted. */
const behindNats = (name: string, body: () => Promise<void>): void =>
  why === undefined ? test(name, body) : test.skip(`players behind NATs: ${why}`, body);

/** Longer than a dial is given: after that it counts as missed. */
const DIAL_MS = 40_000;
/** A minute, within which a running service is probed, and time for the probe. */
const MINUTE_MS = 75_000;

let lab: NetLab | undefined;
let internet: Internet;
let homes: readonly [Home, Home];
let guests: readonly [Guest, Guest];

beforeAll(async () => {
  if (why !== undefined) return;
  lab = new NetLab();
  homes = [lab.home('cone'), lab.home('cone')];
  internet = await Internet.start(lab);
  guests = [await Guest.arrive(homes[0]), await Guest.arrive(homes[1], { showsAddresses: true })];
});

afterAll(async () => {
  for (const guest of guests ?? []) await guest.depart();
  await internet?.close();
  lab?.close();
});

/** One guest watches behind such a router; the other one is away. */
const watching = async (guest: Guest, kind: RouterKind, options: object = {}): Promise<Guest> => {
  for (const each of guests) await each.leave();
  guest.home.become(kind);
  await guest.watch(internet.page, { url: internet.stream, ...options });
  return guest;
};

for (const [kind, found] of [
  ['cone', 'cone'],
  ['full', 'cone'],
  ['symmetric', 'symmetric'],
] as const) {
  behindNats(`a router that is ${kind} is found to be ${found}, seen under its address on the internet`, async () => {
    const guest = await watching(guests[0], kind, { natAddresses: 'full' });
    const nat = await guest.probed();
    expect(nat).toMatchObject({ kind: found, servers: { asked: 2, failed: 0 } });
    expect(nat.mapped.length).toBe(found === 'cone' ? 1 : 2);
    for (const mapped of nat.mapped)
      expect(mapped).toMatch(new RegExp(`^${guest.home.address.replaceAll('.', '\\.')}:`));
    expect(await guest.said()).toMatchObject({ changed: [], failed: [] });
    await eventually('the tracker knows', async () => (await guest.metrics()).includes(`nat="${found}"} 1`));
  });
}

behindNats('no NAT at all is told from a cone where the browser shows its own address', async () => {
  const guest = await watching(guests[1], 'open', { natAddresses: 'full' });
  expect(await guest.probed()).toMatchObject({ kind: 'open', servers: { asked: 2, failed: 0 } });
});

behindNats('UDP that is blocked is said after five seconds, and the player plays on', async () => {
  const guest = await watching(guests[0], 'blocked');
  expect(await guest.probed()).toMatchObject({ kind: 'blocked', mapped: [] });
  expect((await guest.said()).failed).toMatchObject([{ code: 'nat/no-answer', report: { kind: 'blocked' } }]);
  await guest.plays();
});

behindNats('names of STUN servers are looked up by the browser', async () => {
  const stunServers = STUN_NAMES.map((name) => `stun:${name}`);
  const guest = await watching(guests[0], 'symmetric', { stunServers });
  expect(await guest.probed()).toMatchObject({ kind: 'symmetric', servers: { asked: 2, failed: 0 } });
});

behindNats('a name that nobody knows leaves the others to tell', async () => {
  const stunServers = ['stun:nobody.invalid:3478', ...STUN_SERVERS];
  const guest = await watching(guests[0], 'cone', { stunServers });
  expect(await guest.probed()).toMatchObject({ kind: 'cone', servers: { asked: 3, failed: 1 } });
});

behindNats(
  'a router that turns into another one, blocks and comes back: each said once, when the line comes back',
  async () => {
    const guest = await watching(guests[0], 'cone');
    await guest.probed();
    const { home } = guest;
    home.become('symmetric');
    await guest.comesOnline();
    await eventually('the change is said', async () => (await guest.said()).changed.length === 1);
    home.become('blocked');
    await guest.comesOnline();
    await eventually('the failure is said', async () => (await guest.said()).failed.length === 1);
    home.become('cone');
    await guest.comesOnline();
    await eventually('the return is said', async () => (await guest.said()).changed.length === 2);
    expect(await guest.said()).toMatchObject({
      changed: [
        { old: { kind: 'cone' }, new: { kind: 'symmetric' } },
        { old: { kind: 'blocked' }, new: { kind: 'cone' } },
      ],
      failed: [{ report: { kind: 'blocked' } }],
    });
  },
);

behindNats(
  'a cable that is pulled and put into another router: the browser notices, the player says what is new',
  async () => {
    const guest = await watching(guests[0], 'cone');
    await guest.probed();
    guest.home.unplug();
    await eventually('the browser is offline', () => guest.page.evaluate(() => !navigator.onLine));
    guest.home.become('symmetric');
    guest.home.plug();
    await eventually('the change is said', async () => (await guest.said()).changed.length > 0);
    expect((await guest.said()).changed).toMatchObject([{ old: { kind: 'cone' }, new: { kind: 'symmetric' } }]);
    await guest.plays();
  },
);

behindNats('another address from the provider is noticed within a minute although nothing says so', async () => {
  const guest = await watching(guests[0], 'cone', { natAddresses: 'full' });
  await guest.probed();
  const before = guest.home.address;
  guest.home.move();
  await eventually('the rebind is said', async () => (await guest.said()).changed.length > 0, MINUTE_MS);
  const [change] = (await guest.said()).changed;
  expect(change?.old.mapped[0]).toContain(`${before}:`);
  expect(change?.new.mapped[0]).toContain(`${guest.home.address}:`);
  await guest.plays();
});

/** Who meets whom without a relay. */
const PAIRS: readonly (readonly [RouterKind, RouterKind, 'meet' | 'do not meet'])[] = [
  ['cone', 'cone', 'meet'],
  ['full', 'full', 'meet'],
  ['full', 'symmetric', 'meet'],
  ['open', 'symmetric', 'meet'],
  ['cone', 'symmetric', 'do not meet'],
  ['symmetric', 'symmetric', 'do not meet'],
  ['blocked', 'cone', 'do not meet'],
];

for (const [one, other, outcome] of PAIRS) {
  behindNats(`viewers behind ${one} and ${other} ${outcome}`, async () => {
    const [b, a] = guests;
    await watching(a, one);
    await a.probed();
    await a.plays();
    b.home.become(other);
    await b.watch(internet.page, { url: internet.stream });
    await b.probed();
    await b.plays();
    const counts = async () => {
      const all = [await a.stats(), await b.stats()];
      return {
        links: all.map(({ viewer }) => viewer?.neighbours.length ?? 0),
        missed: all.reduce((sum, { viewer }) => sum + (viewer?.dials.missed ?? 0), 0),
      };
    };
    if (outcome === 'meet') {
      await eventually('they have a link', async () => (await counts()).links.every((links) => links === 1));
      await eventually('one feeds the other', async () => {
        const all = [await a.stats(), await b.stats()];
        return all.some(({ viewer }) => (viewer?.fromNeighbours ?? 0) > 0);
      });
    } else {
      await eventually('a dial comes to nothing', async () => (await counts()).missed > 0, DIAL_MS);
      expect((await counts()).links).toEqual([0, 0]);
      await Promise.all(guests.map((guest) => guest.plays()));
    }
  });
}

behindNats('what a run that was killed left behind is swept away by the next one', async () => {
  const dead = 2 ** 22 + 1;
  const left = `shoal-${dead}-1-host1`;
  runGently('ip', ['netns', 'add', left]);
  expect(namespaces()).toContain(left);
  const next = new NetLab();
  const homeless = next.home('cone');
  expect(namespaces()).not.toContain(left);
  expect(namespaces()).toContain(homeless.host);
  next.close();
  expect(namespaces()).not.toContain(homeless.host);
});
