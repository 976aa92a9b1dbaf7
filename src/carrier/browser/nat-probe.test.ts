import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClockPort } from '../../viewer/ports.ts';
import { FakeGather } from '../testing/fake-gather.ts';
import { failureOf, sightingOf } from './nat-gather.ts';
import {
  type NatChanged,
  type NatFailed,
  type NatOptions,
  type NatReport,
  type NatWatch,
  watchNat,
} from './nat-probe.ts';

const STUN = ['stun:a:1', 'stun:b:1'];

/** A clock that stands still until a test turns it. */
class Clock implements ClockPort {
  time = 0;
  #due: { readonly at: number; readonly wake: () => void } | undefined;

  now(): number {
    return this.time;
  }

  wallMs(): number {
    return this.time;
  }

  wakeAt(at: number, wake: () => void): void {
    this.#due = at === Number.POSITIVE_INFINITY ? undefined : { at, wake };
  }

  cancel(): void {
    this.#due = undefined;
  }

  get isArmed(): boolean {
    return this.#due !== undefined;
  }

  run(ms: number): void {
    const end = this.time + ms;
    while (this.#due !== undefined && this.#due.at <= end) {
      const { at, wake } = this.#due;
      this.#due = undefined;
      this.time = Math.max(this.time, at);
      wake();
    }
    this.time = end;
  }
}

let clock: Clock;
let side: FakeGather;
let watch: NatWatch;
const made: NatWatch[] = [];
let said: { changed: NatChanged[]; failed: NatFailed[]; probed: NatReport[] };

const open = (options: Partial<NatOptions> = {}): NatWatch => {
  watch = watchNat(
    { stunServers: STUN, clock, gather: side.gather, watchLine: side.watchLine, ...options },
    {
      natChanged: (event) => void said.changed.push(event),
      natError: (event) => void said.failed.push(event),
      probed: (report) => void said.probed.push(report),
    },
  );
  made.push(watch);
  return watch;
};

beforeEach(() => {
  clock = new Clock();
  side = new FakeGather();
  said = { changed: [], failed: [], probed: [] };
});
afterEach(() => {
  for (const one of made.splice(0)) one.stop();
});

test('a probe says kind and masked addresses', async () => {
  const probe = open().probe();
  expect(side.last.servers).toEqual(STUN);
  side.end([9]);
  const report = { kind: 'cone', mapped: ['203.0.113.x:9'], servers: { asked: 2, failed: 0 } };
  expect(await probe).toEqual(report);
  expect(watch.report).toEqual(report);
  expect(side.last.state).toBe('closed');
  expect(said).toEqual({ changed: [], failed: [], probed: [report] });
});

test('five seconds of silence: natError first, then the promise, with the kind blocked', async () => {
  const order: string[] = [];
  watch = watchNat(
    { stunServers: STUN, clock, gather: side.gather, watchLine: side.watchLine },
    { natChanged: () => undefined, natError: ({ error }) => void order.push(error.code) },
  );
  made.push(watch);
  const probe = watch.probe().then(({ kind }) => order.push(kind));
  clock.run(4999);
  expect(order).toEqual([]);
  clock.run(1);
  await probe;
  expect(order).toEqual(['nat/no-answer', 'blocked']);
});

test('every minute while a service runs, and a silent rebind is a change', async () => {
  open().setService(true);
  void watch.probe();
  side.end([9]);
  clock.run(60_000);
  side.end([9], '198.51.100.4');
  expect(said.changed).toEqual([
    {
      old: { kind: 'cone', mapped: ['203.0.113.x:9'], servers: { asked: 2, failed: 0 } },
      new: { kind: 'cone', mapped: ['198.51.100.x:9'], servers: { asked: 2, failed: 0 } },
    },
  ]);
  watch.setService(false);
  clock.run(600_000);
  expect(side.gatherings.length).toBe(2);
});

test('without servers nothing is opened and nothing ticks', async () => {
  expect(await open({ stunServers: [] }).probe()).toEqual({
    kind: 'host-only',
    mapped: [],
    servers: { asked: 0, failed: 0 },
  });
  watch.setService(true);
  side.line?.changed();
  clock.run(600_000);
  expect(side.gatherings).toEqual([]);
  expect(said.changed).toEqual([]);
});

test('a browser that refuses to make a connection has no way out', async () => {
  open({
    gather: () => {
      throw new TypeError('RTCPeerConnection is not defined');
    },
  });
  expect((await watch.probe()).kind).toBe('blocked');
  expect(said.failed[0]?.error.message).toContain('opens no UDP socket');
});

test('several who ask at once share a probe; one who asks a stopped watch is told so', async () => {
  const probes = [open().probe(), watch.probe()];
  side.end([9]);
  expect((await Promise.all(probes)).map(({ kind }) => kind)).toEqual(['cone', 'cone']);
  expect(side.gatherings.length).toBe(1);
  const late = watch.probe();
  watch.stop();
  watch.stop();
  await expect(late).rejects.toMatchObject({ code: 'state/destroyed' });
  await expect(watch.probe()).rejects.toMatchObject({ code: 'state/destroyed' });
  expect(side.last.state).toBe('closed');
  expect(side.line).toBeUndefined();
  expect(clock.isArmed).toBe(false);
});

test('a listener that stops the watch from within its event ends it', async () => {
  watch = watchNat(
    { stunServers: STUN, clock, gather: side.gather, watchLine: side.watchLine },
    { natChanged: () => watch.stop(), natError: () => undefined },
  );
  made.push(watch);
  watch.setService(true);
  void watch.probe();
  side.end([9]);
  clock.run(60_000);
  side.end([9, 10]);
  expect(side.line).toBeUndefined();
  expect(clock.isArmed).toBe(false);
});

test('candidates that say nothing about UDP through a NAT are left out', () => {
  const candidate = { type: 'srflx', protocol: 'udp', address: '192.0.2.1', port: 9, foundation: 'f' } as const;
  expect(sightingOf(candidate)).toEqual({ kind: 'mapped', address: '192.0.2.1', port: 9, base: 'f' });
  expect(sightingOf({ ...candidate, type: 'host' })).toMatchObject({ kind: 'own' });
  expect(sightingOf({ ...candidate, protocol: 'tcp' })).toBeUndefined();
  expect(sightingOf({ ...candidate, type: 'relay' })).toBeUndefined();
  expect(sightingOf({ ...candidate, address: null })).toBeUndefined();
  expect(sightingOf({ ...candidate, port: null })).toBeUndefined();
});

test('of an error the server counts and the family of the socket, which is all that browsers show of it', () => {
  const server = 'stun:a:1';
  expect(failureOf({ url: server, address: '0.0.0.x' })).toEqual({ server, family: 4 });
  expect(failureOf({ url: server, address: '[0:0:0:x:x:x:x:x]' })).toEqual({ server, family: 6 });
  expect(failureOf({ url: server, address: null })).toEqual({ server, family: undefined });
});
