import { expect, it } from 'vitest';
import type { NatListener, NatReport, NatWatch } from '../carrier/browser/nat-probe.ts';
import { SharedNat } from './shared-nat.ts';

const report = (kind: NatReport['kind']): NatReport => ({ kind, mapped: [], servers: { asked: 1, failed: 0 } });

/** A watch in the test's hands. */
const makeShared = () => {
  const calls: string[] = [];
  let told: NatListener | undefined;
  let known: NatReport | undefined;
  const watch: NatWatch = {
    get report() {
      return known;
    },
    probe: async () => {
      calls.push('probe');
      known = report('cone');
      told?.probed?.(known);
      return known;
    },
    setService: (runs) => void calls.push(`service ${runs}`),
    stop: () => void calls.push('stop'),
  };
  const heard: string[] = [];
  const listener = (name: string): NatListener => ({
    natChanged: () => void heard.push(`${name} changed`),
    natError: () => void heard.push(`${name} error`),
    probed: ({ kind }) => void heard.push(`${name} ${kind}`),
  });
  const start = (_options: unknown, listens: NatListener): NatWatch => {
    told = listens;
    return watch;
  };
  const shared = new SharedNat(start, { stunServers: ['stun:a.example'] }, listener('module'));
  return { shared, calls, heard, listener, tell: () => told };
};

it('asks the servers once for all, and tells every stream what is known', async () => {
  const { shared, calls, heard, listener } = makeShared();
  await shared.probe();
  const stream = shared.watchNat({ stunServers: [] }, listener('stream'));
  expect((await stream.probe()).kind).toBe('cone');
  expect(stream.report?.kind).toBe('cone');
  stream.setService(true);
  expect(calls).toEqual(['probe']);
  expect(heard).toEqual(['module cone', 'stream cone']);
});

it('tells streams of changes until they stop, which stops nothing of the others', async () => {
  const { shared, calls, heard, listener, tell } = makeShared();
  const one = shared.watchNat({ stunServers: [] }, listener('one'));
  shared.watchNat({ stunServers: [] }, listener('two'));
  one.stop();
  tell()?.natChanged({ old: report('cone'), new: report('symmetric') });
  expect(heard).toEqual(['module changed', 'two changed']);
  expect(calls).toEqual([]);
  shared.stop();
  expect(calls).toEqual(['stop']);
});
