import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ErrorCode } from '../errors.ts';
import type { FakeViewer } from '../player/testing/fake-world.ts';
import { FILE_HEADER, readFlv, rowOf, tagOf } from '../player/testing/flv-bytes.ts';
import type { P2PModule, StreamInfo } from './face.ts';
import { Plugin } from './module.ts';
import { FakePluginWorld } from './testing/fake-plugin-world.ts';

const appParams = { appOauthId: 'oauth', appKey: 'the-app-key', appSecretKey: 'the-app-secret', appPackage: 'package' };
const info: StreamInfo = { url: 'https://live.example/live/demo.flv?t=1' };

let world: FakePluginWorld;
let plugin: P2PModule;
let heard: string[];
let lines: unknown[];

const msgCallback = (event: string, subtype: string, detail: unknown): void => {
  if (event === 'log') lines.push(detail);
  else heard.push(subtype);
};
const dataCallback = (data: ArrayBuffer): void => void heard.push(...readFlv(data));
const flv = (...atMs: readonly number[]): ArrayBuffer => rowOf(FILE_HEADER, ...atMs.map((at) => tagOf('video', at)));

const codeOf = async (answer: Promise<unknown>): Promise<unknown> => answer.catch(({ errcode }) => errcode);
const soon = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 1 });

beforeEach(async () => {
  world = new FakePluginWorld();
  plugin = new Plugin(() => world);
  heard = [];
  lines = [];
  await plugin.init({ appParams, initParams: { disconnectAfterMs: 1000 } });
});
afterEach(() => plugin.destroy());

const viewerOf = async (): Promise<FakeViewer> => {
  const viewer = await world.player.viewerMade.take();
  await viewer.started.take();
  return viewer;
};

const fault = (viewer: FakeViewer, code: ErrorCode): void =>
  viewer.say({ kind: 'notice', notice: { kind: 'fault', code, detail: 'why', count: 1 } });

/** A service whose pull flows. */
const flowing = async (): Promise<FakeViewer> => {
  const started = plugin.startP2PService('a', info, { msgCallback, dataCallback });
  const viewer = await viewerOf();
  viewer.say({ kind: 'notice', notice: { kind: 'epoch', epoch: '1' } });
  viewer.say({ kind: 'run' });
  viewer.say({ kind: 'bytes', flv: flv(1) });
  expect(await started).toBe(0);
  return viewer;
};

describe('what a pull says', () => {
  it('is request, parsed, data and close, when the page stops the service', async () => {
    await flowing();
    plugin.stopP2PService('a');
    plugin.stopP2PService('a');
    expect(heard).toEqual(['request', 'parsed', 'header', 'video 1', 'close']);
  });

  it('is close once when the page stops the pull and then the service, which may pull again in between', async () => {
    await flowing();
    plugin.stopP2PStream('a');
    const again = plugin.startP2PStream('a', { dataCallback });
    const viewer = await viewerOf();
    viewer.say({ kind: 'bytes', flv: flv(7) });
    expect(await again).toBe(0);
    plugin.stopP2PStream('a');
    plugin.stopP2PService('a');
    expect(heard.filter((one) => one === 'close')).toHaveLength(2);
    expect(heard.filter((one) => one === 'request')).toHaveLength(2);
  });

  it('is close once although the page stops everything again from within it', async () => {
    await flowing();
    plugin.updateServiceCallbacks('a', {
      msgCallback: (_event, subtype) => {
        heard.push(subtype);
        if (heard.length > 20) return;
        plugin.stopP2PStream('a');
        plugin.stopP2PService('a');
        plugin.destroy();
      },
    });
    plugin.stopP2PStream('a');
    expect(heard.filter((one) => one === 'close')).toHaveLength(1);
  });

  it('is eof when the source ends, and nothing after it', async () => {
    const viewer = await flowing();
    viewer.say({ kind: 'ended' });
    await soon(() => expect(heard.at(-1)).toBe('eof'));
    plugin.stopP2PService('a');
    plugin.destroy();
    expect(heard.at(-1)).toBe('eof');
    expect(heard.filter((one) => ['close', 'eof', 'disconnect'].includes(one))).toEqual(['eof']);
  });

  it('is disconnect when the viewer fails for good', async () => {
    const viewer = await flowing();
    fault(viewer, 'key/wrong');
    viewer.say({ kind: 'notice', notice: { kind: 'state', state: 'failed' } });
    await soon(() => expect(heard.at(-1)).toBe('disconnect'));
  });

  it('is disconnect when no data comes for so long as the page said', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const viewer = await flowing();
    vi.advanceTimersByTime(900);
    viewer.say({ kind: 'bytes', flv: rowOf(tagOf('video', 41)) });
    await soon(() => expect(heard).toContain('video 41'));
    vi.advanceTimersByTime(500);
    expect(heard).not.toContain('disconnect');
    vi.advanceTimersByTime(500);
    expect(heard.at(-1)).toBe('disconnect');
    vi.useRealTimers();
  });

  it('comes with log lines without secrets', async () => {
    await flowing();
    expect(lines).toContain('epoch 1');
  });
});

describe('a pull that does not start', () => {
  it.each([
    ['key/service-unreachable', -2501],
    ['key/unknown-code', -2502],
  ] as const)('for %s answers %i and frees the id', async (code, answer) => {
    const started = codeOf(plugin.startP2PService('a', info, { msgCallback, dataCallback }));
    fault(await viewerOf(), code);
    expect(await started).toBe(answer);
    expect(heard).toEqual(['request', 'disconnect']);
    expect(await codeOf(plugin.startP2PStream('a', { dataCallback }))).toBe(-2403);
  });

  it.each([
    ['origin/refused', -2402],
    ['key/denied', -2501],
    ['key/wrong', -2502],
  ] as const)('for %s answers %i once the viewer has failed', async (code, answer) => {
    const started = codeOf(plugin.startP2PService('a', info, { msgCallback, dataCallback }));
    const viewer = await viewerOf();
    fault(viewer, code);
    viewer.say({ kind: 'notice', notice: { kind: 'state', state: 'failed' } });
    expect(await started).toBe(answer);
  });

  it('because the origin does not know it answers -2402, after the time a host has to turn out plain', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const started = codeOf(plugin.startP2PService('a', info, { msgCallback, dataCallback }));
    fault(await viewerOf(), 'origin/not-found');
    await soon(() => expect(lines.join()).toContain('origin/not-found'));
    vi.advanceTimersByTime(2500);
    expect(heard).toEqual(['request']);
    vi.advanceTimersByTime(500);
    vi.useRealTimers();
    expect(await started).toBe(-2402);
  });

  it('because nothing answers is given up with -2402', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const started = codeOf(plugin.startP2PService('a', info, { msgCallback, dataCallback }));
    await viewerOf();
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    expect(await started).toBe(-2402);
  });

  it('because it was stopped meanwhile answers -2402, after close', async () => {
    const started = codeOf(plugin.startP2PService('a', info, { msgCallback, dataCallback }));
    await viewerOf();
    plugin.stopServiceById('a');
    expect(await started).toBe(-2402);
    expect(heard).toEqual(['request', 'close']);
  });

  it('because it was stopped from its own first notification starts nothing', async () => {
    const stopAtOnce = (_event: string, subtype: string): void => {
      heard.push(subtype);
      if (subtype === 'request') plugin.stopServiceById('a');
    };
    expect(await codeOf(plugin.startP2PService('a', info, { msgCallback: stopAtOnce, dataCallback }))).toBe(-2402);
    expect(heard).toEqual(['request', 'close']);
    expect(world.streams).toEqual([]);
  });
});

describe('startP2PStream', () => {
  const parts = () => world.streams.map(({ url }) => url);

  it.each([
    ['callbacks', [{ dataCallback }], 'https://live.example/live/demo.flv?t=1'],
    ['info and callbacks', [{ url: 'https://b.example/x.flv' }, { dataCallback }], 'https://b.example/x.flv'],
    ['info without an address', [{ productId: 'x' }, { dataCallback }], 'https://live.example/live/demo.flv?t=1'],
    [
      'a file and its parameters',
      [{ dataCallback, flv: { filename: 'ipc.flv', params: 'action=live&channel=0' } }],
      'https://live.example/live/ipc.flv?action=live&channel=0',
    ],
    ['a file alone', [{ dataCallback, flv: { filename: 'b.flv' } }], 'https://live.example/live/b.flv'],
  ] as const)('takes %s', async (_what, given, url) => {
    await plugin.startP2PService('a', info, { msgCallback });
    const start = plugin.startP2PStream as (...all: readonly unknown[]) => Promise<0>;
    const answer = start('a', ...given);
    (await viewerOf()).say({ kind: 'bytes', flv: flv(1) });
    expect(await answer).toBe(0);
    expect(parts()).toEqual([url]);
  });

  it.each([
    ['no callbacks', []],
    ['a file that is none', [{ dataCallback, flv: { filename: '' } }]],
    ['an address that is none', [{ url: 'x' }, { dataCallback }]],
    ['callbacks that are none', [{ url: info.url }, {}]],
  ])('answers -2000 for %s', async (_what, given) => {
    await plugin.startP2PService('a', info, { msgCallback });
    const start = plugin.startP2PStream as (...all: readonly unknown[]) => Promise<0>;
    expect(await codeOf(start('a', ...given))).toBe(-2000);
  });

  it('answers -2401 while there is a pull, whoever started it, and -2403 without a service', async () => {
    await flowing();
    expect(await codeOf(plugin.startP2PStream('a', { dataCallback }))).toBe(-2401);
    expect(await codeOf(plugin.startP2PStream('b', { dataCallback }))).toBe(-2403);
  });

  it('gives the key service on', async () => {
    const codeUrl = 'https://live.example/code';
    void codeOf(plugin.startP2PService('a', { ...info, codeUrl }, { msgCallback, dataCallback }));
    await viewerOf();
    expect(world.streams[0]).toMatchObject({ codeUrl });
  });
});

describe('updateServiceCallbacks', () => {
  it('changes who hears from then on, without starting a pull', async () => {
    const viewer = await flowing();
    const other: string[] = [];
    const callbacks = { msgCallback: (_event: string, subtype: string): void => void other.push(subtype) };
    expect(plugin.updateServiceCallbacks('a', callbacks)).toBe(0);
    expect(plugin.updateServiceCallbacks('a', { dataCallback: (data) => void other.push(...readFlv(data)) })).toBe(0);
    viewer.say({ kind: 'bytes', flv: rowOf(tagOf('video', 41)) });
    await soon(() => expect(other).toContain('video 41'));
    plugin.stopP2PService('a');
    expect(other.at(-1)).toBe('close');
    expect(heard).not.toContain('close');
    await plugin.startP2PService('b', info, { msgCallback });
    expect(plugin.updateServiceCallbacks('b', { dataCallback })).toBe(0);
    expect(world.streams).toHaveLength(1);
  });

  it('answers -2000 for what is no callback and for an unknown id', async () => {
    await plugin.startP2PService('a', info, { msgCallback });
    expect(plugin.updateServiceCallbacks('a', {})).toBe(-2000);
    expect(plugin.updateServiceCallbacks('a', { msgCallback: 'x' as never })).toBe(-2000);
    expect(plugin.updateServiceCallbacks('nobody', { msgCallback })).toBe(-2000);
  });
});

it('a callback that throws is reported and stops nothing', async () => {
  const broken = (): void => {
    throw new TypeError('mine');
  };
  const started = plugin.startP2PService('a', info, { msgCallback: broken, dataCallback });
  (await viewerOf()).say({ kind: 'bytes', flv: flv(1) });
  expect(await started).toBe(0);
  expect(heard).toEqual(['header', 'video 1']);
  expect(world.reported.length).toBeGreaterThan(0);
});
