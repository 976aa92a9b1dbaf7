// Pages and devices behind real NATs: every pairing of routers, with and without TURN; a cable that is pulled and a network
// that changes. Devices and most callers run in Node, callers with the WebRTC of browsers.

import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WebrtcStackName } from '../server/agent/index.ts';
import { connectCamera, paintsMore, show } from './fixtures/device-page.ts';
import { eventually } from './fixtures/eventually.ts';
import { CallerAtHome, type CallOutcome } from './netlab/caller.ts';
import { Guest } from './netlab/guest.ts';
import { Internet } from './netlab/internet.ts';
import type { RouterKind } from './netlab/nat-rules.ts';
import { type Home, NetLab } from './netlab/net-lab.ts';
import { whyNoLab } from './netlab/possible.ts';
import { inNamespace, says, stopped } from './netlab/residents.ts';
import { TurnPlace } from './netlab/turn-place.ts';

const why = whyNoLab();
/** Where there can be no lab, all of them are called by the one reason: so it stands where skipped tests are counted. */
const behindNats = (name: string, body: () => Promise<void>): void =>
  why === undefined ? test(name, body) : test.skip(`devices behind NATs: ${why}`, body);

const KINDS = ['full', 'cone', 'symmetric', 'blocked'] as const;
type Kind = Extract<RouterKind, (typeof KINDS)[number]>;

/** One device at home, with an info for each meeting place. */
interface Resident {
  readonly home: Home;
  readonly child: ChildProcess;
  readonly infos: { readonly plain: string; readonly turn: string };
}

let lab: NetLab | undefined;
let internet: Internet;
let turn: TurnPlace;
const devices = new Map<Kind, Resident>();
const callers = new Map<Kind, CallerAtHome>();

const deviceIn = async (name: string, home: Home, stack: WebrtcStackName = 'datachannel'): Promise<Resident> => {
  const meetings = [internet.url, turn.url].map((url) => `${url.replace(/^http/, 'ws')}/devices`);
  const args = ['--import', 'tsx', 'e2e/netlab/device-host.ts', name, stack, ...meetings];
  const child = inNamespace(home.host, process.execPath, args);
  const [plain = '', withTurn = ''] = JSON.parse(await says(child, /^infos (.+)$/m)) as string[];
  return { home, child, infos: { plain, turn: withTurn } };
};

beforeAll(async () => {
  if (why !== undefined) return;
  lab = new NetLab();
  const homes = KINDS.map((kind) => [kind, lab?.home(kind), lab?.home(kind)] as const);
  [internet, turn] = await Promise.all([Internet.start(lab), TurnPlace.start(lab)]);
  for (const [kind, home, other] of homes) {
    if (home === undefined || other === undefined) continue;
    callers.set(kind, new CallerAtHome(other));
    devices.set(kind, await deviceIn(kind, home));
  }
});

afterAll(async () => {
  for (const caller of callers.values()) await caller.depart();
  for (const { child } of devices.values()) await stopped(child);
  await turn?.close();
  await internet?.close();
  lab?.close();
});

const call = async (from: Kind, to: Kind, place: 'plain' | 'turn'): Promise<CallOutcome> => {
  const outcome = await callers.get(from)?.call(devices.get(to)?.infos[place] ?? '');
  if (outcome === undefined) throw new Error(`${from} ${to}`);
  return outcome;
};

/** All pairings at once: the ones that fail take their ten seconds together. */
const tableOf = async (place: 'plain' | 'turn'): Promise<Readonly<Record<string, string>>> => {
  const pairs = KINDS.flatMap((from) => KINDS.map((to) => [from, to] as const));
  const entries = pairs.map(async ([from, to]) => {
    const { code, detail } = await call(from, to, place);
    return [`${from} calls ${to}`, code === 'success' ? 'meets it' : `${code}: ${detail}`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
};

/** Calls that come about without TURN: somebody must be reachable by those who were not written to before. */
const MEET: ReadonlySet<string> = new Set([
  ...['full calls full', 'full calls cone', 'full calls symmetric', 'cone calls full', 'cone calls cone'],
  'symmetric calls full',
]);
const NO_PATH = 'device/unreachable: no network path between the two was found';

behindNats('every pairing of routers, with and without TURN, meets or says where the call ended', async () => {
  const [plain, withTurn] = await Promise.all([tableOf('plain'), tableOf('turn')]);
  for (const [pair, outcome] of Object.entries(plain)) {
    expect([pair, outcome]).toEqual([pair, MEET.has(pair) ? 'meets it' : `${NO_PATH}; a TURN server would help`]);
  }
  for (const [pair, outcome] of Object.entries(withTurn)) {
    // A device's own TURN goes over UDP, which is what this router does not let out.
    const isBlocked = pair.endsWith('calls blocked');
    expect([pair, outcome]).toEqual([pair, isBlocked ? `${NO_PATH}, by TURN neither` : 'meets it']);
  }
});

behindNats(
  'a cable that is pulled is noticed, and the picture goes on when it is back or the address is another',
  async () => {
    const caller = callers.get('cone');
    const device = devices.get('full');
    if (caller === undefined || device === undefined) throw new Error('nobody is at home');
    const id = caller.watch(device.infos.plain);
    const goesOn = async (what: string): Promise<void> => {
      const from = caller.bytes(id);
      await eventually(what, () => caller.bytes(id) > from + 200_000);
    };
    await goesOn('the picture comes');
    caller.home.unplug();
    await eventually('the caller notices', () => caller.states(id).at(-1) === 'away');
    caller.home.plug();
    await goesOn('the picture goes on after the cable');
    caller.home.move();
    await goesOn('the picture goes on from another address');
    expect(caller.states(id).at(-1)).toBe('open');
  },
);

behindNats('a page that no device can reach sees one by TURN, and again after its cable was pulled', async () => {
  const device = devices.get('cone');
  const caller = callers.get('symmetric');
  if (caller === undefined || device === undefined) throw new Error('nobody is at home');
  const guest = await Guest.arrive(caller.home, { trusts: internet.url });
  try {
    await guest.visit(internet.page);
    await connectCamera(guest.page, device.infos.turn);
    await show(guest.page, 'live');
    await paintsMore(guest.page, 10);
    caller.home.unplug();
    await eventually('the page notices', () => guest.page.evaluate(() => globalThis.camera.state === 'away'));
    caller.home.plug();
    await paintsMore(guest.page, 25);
  } finally {
    await guest.depart();
  }
});

behindNats('where no UDP is let out at either end, a page sees a device that relays over TCP', async () => {
  const home = lab?.home('blocked');
  const caller = callers.get('blocked');
  if (home === undefined || caller === undefined) throw new Error('nobody is at home');
  const device = await deviceIn('tcp', home, 'wrtc');
  const guest = await Guest.arrive(caller.home, { trusts: internet.url });
  try {
    await guest.visit(internet.page);
    // The lighter library takes what Chromium sends over TCP for malformed: the page is told in time.
    const other = guest.page.evaluate(
      (info) =>
        globalThis.Shoal.connectDevice({ info }).opened.then(
          () => 'open',
          (error: Error) => error.message,
        ),
      devices.get('full')?.infos.turn ?? '',
    );
    await connectCamera(guest.page, device.infos.turn);
    await show(guest.page, 'live');
    await paintsMore(guest.page, 10);
    expect(await other).toContain('by TURN neither');
  } finally {
    await guest.depart();
    await stopped(device.child);
  }
});
