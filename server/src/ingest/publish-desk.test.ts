import { expect, test } from 'vitest';
import { completeConfig } from '../config.ts';
import { makeLog, silentSink } from '../log.ts';
import type { SourceEvents } from '../sources/source.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { PublishDesk, type PublishDeskParts, type PublishRequest } from './publish-desk.ts';
import { makePublishKey } from './publish-keys.ts';
import { makePublishPermission } from './publish-permission.ts';

const setUp = (given: Partial<PublishDeskParts> = {}) => {
  const clock = new ManualClock();
  const told: string[] = [];
  const desk = new PublishDesk({
    clock,
    log: makeLog(silentSink(), false, () => 0),
    mayPublish: async () => true,
    room: () => true,
    hasOwnSource: (path) => path === '/live/own',
    second: 'refuse',
    byteRateMax: 1000,
    silenceMs: 10_000,
    ...given,
  });
  const taken: Buffer[] = [];
  const events: SourceEvents = {
    bytes: (chunk) => taken.push(Buffer.from(chunk)),
    ended: () => told.push('source ended'),
    failed: (code) => told.push(`source failed ${code}`),
  };
  desk.watch({
    began: ({ id, path }) => {
      told.push(`began ${id} ${path}`);
      desk.sourceOf(path)?.(events, '');
    },
    ended: ({ publisher, how, durationMs }) => told.push(`ended ${publisher.id} ${how} ${durationMs}`),
  });
  const request = (path: string, name = 'a'): PublishRequest => ({
    path,
    credentials: '',
    ip: '127.0.0.1',
    via: 'test',
    dismissed: (cause) => told.push(`${name} dismissed ${cause}`),
  });
  const open = async (path = '/live/a', name = 'a') => {
    const publishing = await desk.open(request(path, name));
    if (typeof publishing === 'string') throw new Error(publishing);
    return publishing;
  };
  return { clock, desk, told, taken, request, open };
};

test('a publisher begins, its bytes are the source, and its end is told once', async () => {
  const { clock, desk, told, taken, open } = setUp();
  const publishing = await open();
  publishing.bytes(Buffer.from('FLV'));
  clock.advance(2500);
  expect(desk.all()).toMatchObject([{ id: 1, path: '/live/a', via: 'test', receivedBytes: 3 }]);
  publishing.end('finished');
  publishing.end('lost');
  publishing.bytes(Buffer.from('more'));
  expect(Buffer.concat(taken).toString()).toBe('FLV');
  expect(told).toEqual(['began 1 /live/a', 'source ended', 'ended 1 finished 2500']);
  expect(desk.has('/live/a')).toBe(false);
});

test('a connection that breaks is an outage, no end', async () => {
  const { told, open } = setUp();
  (await open()).end('lost');
  expect(told).toEqual(['began 1 /live/a', 'source failed source/outage', 'ended 1 lost 0']);
});

test('names, own sources, missing room and a second publisher are refused by code', async () => {
  const { desk, request, open } = setUp({ room: (path) => path !== '/live/full' });
  await open();
  const refusals = ['/live/../x', '/live/own', '/live/full', '/live/a'].map((path) => desk.open(request(path)));
  expect(await Promise.all(refusals)).toEqual([
    'publish/bad-path',
    'publish/taken',
    'origin/overloaded',
    'publish/taken',
  ]);
});

test('by option the second takes over, and whoever has no right to takes nothing over', async () => {
  const { desk, told, request, open } = setUp({
    second: 'take-over',
    mayPublish: async ({ credentials }) => credentials === '',
  });
  await open('/live/a', 'first');
  expect(await desk.open({ ...request('/live/a'), credentials: 'wrong' })).toBe('publish/refused');
  const [second, third] = await Promise.all([open('/live/a', 'second'), open('/live/a', 'third')]);
  expect(told.filter((line) => line.includes('dismissed'))).toEqual([
    'first dismissed publish/taken-over',
    'second dismissed publish/taken-over',
  ]);
  second.end('lost');
  expect(desk.all().map(({ id }) => id)).toEqual([third.id]);
});

test('who sends nothing, too much, or what the stream cannot use has to go', async () => {
  const silent = setUp();
  const first = await silent.open();
  silent.clock.advance(9000);
  first.bytes(Buffer.alloc(1));
  silent.clock.advance(9999);
  expect(silent.desk.has('/live/a')).toBe(true);
  silent.clock.advance(2);
  expect(silent.told).toContain('a dismissed publish/silent');

  const fast = setUp();
  const second = await fast.open();
  second.bytes(Buffer.alloc(8000));
  expect(fast.desk.has('/live/a')).toBe(true);
  second.bytes(Buffer.alloc(8000));
  expect(fast.told).toContain('a dismissed publish/too-fast');
  expect(fast.clock.nextDue).toBeUndefined();

  const bad = setUp();
  const third = await bad.open();
  const source = bad.desk.sourceOf('/live/a');
  third.bytes(Buffer.from('no FLV'));
  source?.({ bytes: () => undefined, ended: () => undefined, failed: () => undefined }, '').stop();
  expect(bad.desk.has('/live/a')).toBe(true);
  bad.desk.dismiss('/live/a', 'publish/stopped');
  expect(bad.told.slice(-3)).toEqual([
    'source failed source/outage',
    'ended 1 publish/stopped 0',
    'a dismissed publish/stopped',
  ]);
});

test('an address may try so often, and others are not held up by it', async () => {
  const { clock, desk, request } = setUp({ mayPublish: async () => false });
  const attempts = (ip: string, count: number) =>
    Promise.all(Array.from({ length: count }, () => desk.open({ ...request('/live/a'), ip })));
  const refusals = await attempts('192.0.2.1', 150);
  expect(refusals.filter((code) => code === 'publish/refused').length).toBe(100);
  expect(refusals.filter((code) => code === 'origin/overloaded').length).toBe(50);
  expect(await attempts('192.0.2.2', 1)).toEqual(['publish/refused']);
  clock.advance(1000);
  expect((await attempts('192.0.2.1', 10)).filter((code) => code === 'publish/refused').length).toBe(5);
});

test('an observer that throws harms nobody', async () => {
  const { desk, told, open } = setUp();
  const stop = desk.watch({
    began: () => {
      throw new Error('observer');
    },
    ended: () => undefined,
  });
  (await open()).end('finished');
  stop();
  (await open()).end('finished');
  expect(told.filter((line) => line.startsWith('ended'))).toEqual(['ended 1 finished 0', 'ended 2 finished 0']);
});

test.each([
  ['off', { key: 'fixed-key-a' }, false],
  ['open', {}, true],
  ['keys', {}, false],
  ['keys', { key: 'fixed-key-a' }, true],
  ['keys', { key: 'fixed-key-b' }, false],
  ['keys', { key: 'any-stream-key' }, true],
  ['hook', { key: 'x', asked: 'yes' }, true],
  ['hook', { key: 'x', asked: 'no' }, false],
] as const)('%s with %j: %s', async (publish, query, wanted) => {
  const clock = new ManualClock();
  const publishKeys = { '/live/a': 'fixed-key-a', '/live/b': 'fixed-key-b', '*': 'any-stream-key' };
  const config = completeConfig({ publish, hook: 'http://127.0.0.1/hook', publishKeys });
  const may = makePublishPermission(
    config,
    'secret',
    clock,
    async ({ action, credentials }) => action === 'publish' && credentials.includes('asked=yes'),
  );
  const request = {
    path: '/live/a',
    credentials: new URLSearchParams(query).toString(),
    ip: '',
    via: '',
    dismissed: () => undefined,
  };
  expect(await may(request)).toBe(wanted);
});

test('a key that was made is good for its stream, its secret and its time only', async () => {
  const clock = new ManualClock();
  const may = makePublishPermission(completeConfig({}), 'secret', clock, async () => false);
  const asked = (path: string, key: string) =>
    may({ path, credentials: `key=${key}`, ip: '', via: '', dismissed: () => undefined });
  const key = makePublishKey('secret', '/live/a', clock.wall() + 60_000);
  expect(await asked('/live/a', key)).toBe(true);
  expect(await asked('/live/b', key)).toBe(false);
  expect(await asked('/live/a', makePublishKey('other', '/live/a', clock.wall() + 60_000))).toBe(false);
  expect(await asked('/live/a', key.replace(/^./, 'z'))).toBe(false);
  clock.advance(60_001);
  expect(await asked('/live/a', key)).toBe(false);
});
