import { beforeEach, expect, test } from 'vitest';
import type { Sighting } from './classify.ts';
import {
  HINTS_APART_MS,
  type NatInput,
  type NatOutput,
  NatWatch,
  PROBE_EVERY_MS,
  SETTLE_MS,
  SILENT_MS,
} from './nat-watch.ts';

const SERVERS = ['stun:a:1', 'stun:b:1'];
const OWN: Sighting = { kind: 'own', address: 'f00d.local', port: 5000, base: 'h' };

let now: number;
let watch: NatWatch;
let run: number;
let said: string[];

const open = (servers: readonly string[] = SERVERS, seed = 1): void => {
  now = 1000;
  run = 0;
  said = [];
  watch = new NatWatch({ servers, seed });
};

beforeEach(() => open());

const note = (output: NatOutput): void => {
  switch (output.kind) {
    case 'gather':
      run = output.run;
      return void said.push('gather');
    case 'drop':
      return void said.push('drop');
    case 'found':
      return void said.push(output.finding.kind);
    case 'changed':
      return void said.push(`${output.old.kind} -> ${output.found.kind}`);
    case 'failed':
      return void said.push('failed');
  }
};

/** Hands in one fact and returns what is said to it. */
const tell = (input: NatInput): string[] => {
  said = [];
  watch.handle(now, input);
  for (let output = watch.poll(); output !== undefined; output = watch.poll()) note(output);
  return said;
};

/** Lets time pass up to the next wake-up, and wakes. */
const wake = (): string[] => {
  expect(watch.nextWakeup()).toBeLessThan(Number.POSITIVE_INFINITY);
  now = watch.nextWakeup();
  return tell({ kind: 'wake' });
};

/** Ends the gathering under way: one socket, seen under these ports. */
const gathered = (ports: readonly number[], address = '203.0.113.7'): string[] => {
  tell({ kind: 'sighted', run, sighting: OWN });
  for (const port of ports) tell({ kind: 'sighted', run, sighting: { kind: 'mapped', address, port, base: 's' } });
  return tell({ kind: 'gathered', run });
};

/** A first probe that is over. */
const probed = (ports: readonly number[] = [9]): void => {
  tell({ kind: 'probe' });
  gathered(ports);
};

test('does nothing before it is asked', () => {
  expect(watch.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
  expect(tell({ kind: 'network-changed' })).toEqual([]);
  expect(tell({ kind: 'network-hint' })).toEqual([]);
  expect(watch.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
});

test('the first finding is no change', () => {
  expect(tell({ kind: 'probe' })).toEqual(['gather']);
  expect(gathered([9])).toEqual(['drop', 'cone']);
  expect(watch.finding?.kind).toBe('cone');
  expect(watch.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
});

test('without servers it answers at once, opens nothing, and a network that changes says nothing', () => {
  open([]);
  expect(tell({ kind: 'probe' })).toEqual(['host-only']);
  expect(tell({ kind: 'service', runs: true })).toEqual([]);
  expect(tell({ kind: 'network-changed' })).toEqual([]);
  expect(watch.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
});

test('all servers silent for five seconds: failed, and not a moment earlier', () => {
  tell({ kind: 'probe' });
  tell({ kind: 'sighted', run, sighting: OWN });
  now += SILENT_MS - 1;
  expect(tell({ kind: 'wake' })).toEqual([]);
  now += 1;
  expect(tell({ kind: 'wake' })).toEqual(['drop', 'blocked', 'failed']);
});

test('a browser that opens no socket fails as soon as it says so', () => {
  tell({ kind: 'probe' });
  expect(tell({ kind: 'gathered', run })).toEqual(['drop', 'blocked', 'failed']);
});

test('while a service runs it probes within every minute', () => {
  probed();
  tell({ kind: 'service', runs: true });
  for (let minute = 0; minute < 5; minute++) {
    const since = now;
    expect(wake()).toEqual(['gather']);
    expect(now - since).toBeLessThanOrEqual(PROBE_EVERY_MS);
    expect(now - since).toBeGreaterThan(PROBE_EVERY_MS - 5001);
    expect(gathered([9 + minute])).toEqual(['drop', 'cone']);
  }
  tell({ kind: 'service', runs: false });
  expect(watch.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
});

test('a crowd that came together does not probe together', () => {
  const dues = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    open(SERVERS, seed);
    probed();
    tell({ kind: 'service', runs: true });
    dues.add(watch.nextWakeup());
  }
  expect(dues.size).toBeGreaterThan(15);
});

test('another port for another socket is no change; another address and another kind are', () => {
  probed([9]);
  tell({ kind: 'service', runs: true });
  wake();
  expect(gathered([77])).toEqual(['drop', 'cone']);
  wake();
  expect(gathered([77], '203.0.113.8')).toEqual(['drop', 'cone', 'cone -> cone']);
  wake();
  expect(gathered([78, 79], '203.0.113.8')).toEqual(['drop', 'symmetric', 'cone -> symmetric']);
  wake();
  expect(gathered([80, 81], '203.0.113.8')).toEqual(['drop', 'symmetric']);
});

test('a carrier that maps one line to several addresses does not change as long as one stays', () => {
  probed([9]);
  tell({ kind: 'probe' });
  tell({ kind: 'sighted', run, sighting: { kind: 'mapped', address: '203.0.113.9', port: 9, base: 's' } });
  expect(gathered([10])).toEqual(['drop', 'symmetric', 'cone -> symmetric']);
  tell({ kind: 'probe' });
  tell({ kind: 'sighted', run, sighting: { kind: 'mapped', address: '203.0.113.10', port: 9, base: 's' } });
  expect(gathered([10])).toEqual(['drop', 'symmetric']);
});

test('a network that changes is probed when it has come to rest, and what was gathered of the old one is let go', () => {
  tell({ kind: 'probe' });
  expect(tell({ kind: 'network-changed' })).toEqual(['drop']);
  const stale = run;
  now += SETTLE_MS - 1;
  expect(tell({ kind: 'network-changed' })).toEqual([]);
  now += SETTLE_MS - 1;
  expect(tell({ kind: 'wake' })).toEqual([]);
  expect(wake()).toEqual(['gather']);
  expect(tell({ kind: 'gathered', run: stale })).toEqual([]);
  expect(gathered([9])).toEqual(['drop', 'cone']);
});

test('guesses at the speed of a line lead to one probe in a while', () => {
  probed();
  const at = now;
  for (let hint = 0; hint < 50; hint++) tell({ kind: 'network-hint' });
  expect(wake()).toEqual(['gather']);
  expect(now - at).toBe(HINTS_APART_MS);
  expect(tell({ kind: 'network-hint' })).toEqual([]);
  expect(gathered([9])).toEqual(['drop', 'cone']);
  now += 10 * HINTS_APART_MS;
  const later = now;
  tell({ kind: 'network-hint' });
  expect(wake()).toEqual(['gather']);
  expect(now - later).toBe(SETTLE_MS);
});

test('a line that stays blocked is said once, and to everybody who asks', () => {
  probed();
  tell({ kind: 'service', runs: true });
  const silence = (): string[] => {
    expect(wake()).toEqual(['gather']);
    return wake();
  };
  expect(silence()).toEqual(['drop', 'blocked', 'failed']);
  expect(silence()).toEqual(['drop', 'blocked']);
  tell({ kind: 'probe' });
  expect(wake()).toEqual(['drop', 'blocked', 'failed']);
  expect(wake()).toEqual(['gather']);
  expect(gathered([9])).toEqual(['drop', 'cone', 'blocked -> cone']);
});

test('a line that is blocked from the start and then opens has changed', () => {
  tell({ kind: 'probe' });
  expect(wake()).toEqual(['drop', 'blocked', 'failed']);
  tell({ kind: 'probe' });
  expect(gathered([9, 10])).toEqual(['drop', 'symmetric', 'blocked -> symmetric']);
});

test('one dead server keeps nobody waiting, and does not hide the kind for good', () => {
  const servers = [...SERVERS, 'stun:c:1'];
  open(servers);
  tell({ kind: 'probe' });
  tell({ kind: 'sighted', run, sighting: OWN });
  tell({ kind: 'sighted', run, sighting: { kind: 'mapped', address: '203.0.113.7', port: 9, base: 's' } });
  expect(wake()).toEqual(['unknown']);
  expect(watch.state).toBe('lingering');
  tell({ kind: 'server-failed', run, failure: { server: 'stun:c:1', family: 4 } });
  expect(tell({ kind: 'gathered', run })).toEqual(['drop', 'cone']);
  expect(watch.state).toBe('resting');
  // From then on the kind is not doubted again and again, as long as the line is the same.
  tell({ kind: 'probe' });
  tell({ kind: 'sighted', run, sighting: { kind: 'mapped', address: '203.0.113.7', port: 10, base: 's' } });
  expect(wake()).toEqual(['cone']);
  tell({ kind: 'probe' });
  tell({ kind: 'sighted', run, sighting: { kind: 'mapped', address: '198.51.100.1', port: 10, base: 's' } });
  expect(wake()).toEqual(['unknown', 'cone -> unknown']);
});

test('a browser that never ends its gathering is left after a while', () => {
  tell({ kind: 'probe' });
  tell({ kind: 'sighted', run, sighting: { kind: 'mapped', address: '203.0.113.7', port: 9, base: 's' } });
  expect(wake()).toEqual(['unknown']);
  expect(wake()).toEqual(['drop', 'unknown']);
  expect(watch.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
});

test('a kind that is hidden for a while has not changed, and a change behind it is seen', () => {
  probed([9]);
  const one = (): void => {
    tell({ kind: 'probe' });
    tell({ kind: 'server-failed', run, failure: { server: 'stun:b:1', family: 4 } });
  };
  one();
  expect(gathered([10])).toEqual(['drop', 'unknown']);
  tell({ kind: 'probe' });
  expect(gathered([11])).toEqual(['drop', 'cone']);
  one();
  expect(gathered([12])).toEqual(['drop', 'unknown']);
  tell({ kind: 'probe' });
  expect(gathered([13, 14])).toEqual(['drop', 'symmetric', 'unknown -> symmetric']);
});

test('who asks while a probe is under way is answered by it', () => {
  tell({ kind: 'probe' });
  expect(tell({ kind: 'probe' })).toEqual([]);
  expect(gathered([9])).toEqual(['drop', 'cone']);
});

test('stopped it lets go of everything and hears nothing', () => {
  tell({ kind: 'probe' });
  tell({ kind: 'service', runs: true });
  expect(tell({ kind: 'stop' })).toEqual(['drop']);
  expect(watch.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
  for (const kind of ['probe', 'network-changed', 'wake', 'stop'] as const) expect(tell({ kind })).toEqual([]);
});
