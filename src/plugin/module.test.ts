import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { P2PModule } from './face.ts';
import { Plugin } from './module.ts';
import { FakePluginWorld, silentDevice } from './testing/fake-plugin-world.ts';
import { ScriptedRecorder } from './testing/scripted-recorder.ts';

const appParams = { appOauthId: 'oauth', appKey: 'the-app-key', appSecretKey: 'the-app-secret', appPackage: 'package' };
const info = { url: 'https://live.example/live/demo.flv' };
const device = {
  url: 'http://XP2P_INFO.xnet/ipc.p2p.com/ipc.flv?action=live',
  productId: 'product',
  deviceName: 'camera',
  xp2pInfo: 'XP2PAbCdEf0123==%2.4.29m',
};
const callbacks = { msgCallback: () => undefined };

let world: FakePluginWorld;
let plugin: P2PModule;

beforeEach(() => {
  world = new FakePluginWorld();
  plugin = new Plugin(() => world);
});
afterEach(() => plugin.destroy());

const nothing = (): void => undefined;

/** The calls that mean a device. */
type DeviceCall = 'startVoiceService' | 'startVoiceData' | 'sendCommand' | 'startLocalDownload';

/** What a call came to: 0 or a code. */
const codeOf = async (answer: Promise<unknown>): Promise<unknown> => answer.catch(({ errcode }) => errcode);

/** Whatever a careless page may pass. */
const any = (value: unknown) => value as never;

describe('init', () => {
  it('resolves with 0, and answers a second one that comes meanwhile with the first', async () => {
    const [first, second] = [plugin.init({ appParams }), plugin.init({ appParams })];
    expect(second).toBe(first);
    expect(await first).toBe(0);
    expect(world.probes).toBe(0);
  });

  it('refuses another one with -2003 until destroy', async () => {
    await plugin.init({ appParams });
    expect(await codeOf(plugin.init({ appParams }))).toBe(-2003);
    plugin.destroy();
    expect(await codeOf(plugin.init({ appParams }))).toBe(0);
  });

  it.each([
    ['nothing', undefined],
    ['no appParams', {}],
    ['a missing key', { appParams: { ...appParams, appKey: undefined } }],
    ['a misspelt member', { appParams: { ...appParams, appsecretkey: 'x' } }],
    ['a handler that is none', { appParams, eventHandler: 'log' }],
    ['a STUN server that is none', { appParams, initParams: { stunServers: ['https://a.example'] } }],
    ['an ICE server that is none', { appParams, initParams: { iceServers: [{ urls: 'x' }] } }],
    ['sharing that is none', { appParams, initParams: { sharing: 'maybe' } }],
    ['too short a patience', { appParams, initParams: { disconnectAfterMs: 10 } }],
    ['an unknown member of initParams', { appParams, initParams: { stunServer: 'stun:a.example' } }],
  ])('answers -2000 for %s, says what is wrong, and may be called again', async (_what, argument) => {
    const refused = await plugin.init(any(argument)).catch((reason) => reason);
    expect(refused).toMatchObject({ errcode: -2000 });
    expect(refused.errmsg).toMatch(/\(.+\)/);
    expect(await plugin.init({ appParams })).toBe(0);
  });

  it('needs no secret from a page that has a provider of tokens', async () => {
    const tokenProvider = async () => 'token=x';
    expect(await plugin.init({ appParams: {}, initParams: { tokenProvider } })).toBe(0);
  });

  it('answers -2201 when another copy on the page is initialised, until that is destroyed', async () => {
    await plugin.init({ appParams });
    const otherWorld = new FakePluginWorld(world.page);
    const other = new Plugin(() => otherWorld);
    expect(await codeOf(other.init({ appParams }))).toBe(-2201);
    expect(await codeOf(plugin.startP2PService('a', info, callbacks))).toBe(0);
    plugin.destroy();
    expect(await other.init({ appParams })).toBe(0);
    other.destroy();
  });

  it('answers -2202 when no STUN server answers, tells natError, and may be called again', async () => {
    world.natKind = 'blocked';
    const heard: unknown[] = [];
    const argument = {
      appParams,
      initParams: { stunServers: ['stun:a.example'] },
      eventHandler: (event: string, detail: unknown) => void heard.push([event, detail]),
    };
    expect(await codeOf(plugin.init(argument))).toBe(-2202);
    expect(heard).toEqual([['natError', expect.objectContaining({ errcode: -2202 })]]);
    world.natKind = 'symmetric';
    expect(await plugin.init(argument)).toBe(0);
  });

  it('takes the handler from either place and tells natChanged', async () => {
    const heard: unknown[] = [];
    const eventHandler = (event: string): void => void heard.push(event);
    await plugin.init({ appParams, initParams: { stunServers: ['stun:a.example'], eventHandler } });
    world.natListener?.natChanged(any({ old: {}, new: {} }));
    expect(heard).toEqual(['natChanged']);
  });

  it('answers -2301 when the local server cannot be registered', async () => {
    world.registration = new TypeError('404');
    const argument = { appParams, initParams: { localServer: '/shoal-sw.js' } };
    expect(await plugin.init(argument).catch((reason) => reason)).toEqual({
      errcode: -2301,
      errmsg: 'The local server could not be loaded. (404)',
    });
    world.registration = undefined;
    expect(await plugin.init(argument)).toBe(0);
    expect(world.registered).toEqual(['/shoal-sw.js']);
  });

  it('overtaken by destroy answers -2002 and leaves the next one alone', async () => {
    let answer: (uuid: string) => void = () => undefined;
    world.uuid = new Promise((resolve) => {
      answer = resolve;
    });
    const first = codeOf(plugin.init({ appParams }));
    plugin.destroy();
    const second = codeOf(plugin.init({ appParams }));
    answer('u');
    expect([await first, await second]).toEqual([-2002, 0]);
    expect(await codeOf(plugin.startP2PService('a', info, callbacks))).toBe(0);
  });
});

describe('destroy in the middle of init', () => {
  it('leaves no watch on the NAT behind', async () => {
    let registered: () => void = () => undefined;
    world.registering = new Promise((resolve) => {
      registered = resolve;
    });
    const initParams = { localServer: '/shoal-sw.js', stunServers: ['stun:a.example'] };
    const first = codeOf(plugin.init({ appParams, initParams }));
    await world.uuid;
    plugin.destroy();
    registered();
    expect(await first).toBe(-2002);
    expect(world.natOptions).toBeUndefined();
  });
});

describe('getUUID', () => {
  it('is there after init, even after one that failed', async () => {
    expect(plugin.getUUID()).toBe('');
    expect(await codeOf(plugin.init(any({})))).toBe(-2000);
    expect(plugin.getUUID()).toBe('the-uuid');
  });
});

describe('before init', () => {
  it('every call answers -2002 or nothing, and none throws', async () => {
    const calls: Promise<unknown>[] = [
      plugin.resetP2P(),
      plugin.startP2PService('a', info, callbacks),
      plugin.startP2PStream('a', { dataCallback: () => undefined }),
      plugin.startVoiceService('a', any({})),
      plugin.startVoiceData('a'),
      plugin.sendCommand('a', 'action=user_define'),
      plugin.startLocalDownload('a', { urlParams: 'a=b' }, any({})),
    ];
    expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => -2002));
    expect(plugin.updateServiceCallbacks('a', callbacks)).toBe(-2000);
    for (const stop of [
      plugin.stopP2PService,
      plugin.stopP2PStream,
      plugin.stopVoiceService,
      plugin.stopLocalDownload,
    ]) {
      expect(stop('a')).toBeUndefined();
    }
    plugin.destroy();
  });
});

describe('startP2PService', () => {
  beforeEach(async () => {
    await plugin.init({ appParams });
  });

  it('without dataCallback starts no pull', async () => {
    expect(await plugin.startP2PService('a', info, callbacks)).toBe(0);
    expect(world.streams).toEqual([]);
  });

  it.each([
    ['no arguments', []],
    ['an id that is no text', [7, info, callbacks]],
    ['an empty id', ['', info, callbacks]],
    ['no url', ['a', {}, callbacks]],
    ['an address of another kind', ['a', { url: 'rtmp://a.example/live/x.flv' }, callbacks]],
    ['an address without .flv', ['a', { url: 'https://a.example/live/x' }, callbacks]],
    ['a codeUrl that is none', ['a', { ...info, codeUrl: 'code' }, callbacks]],
    ['no callbacks', ['a', info]],
    ['no msgCallback', ['a', info, { dataCallback: () => undefined }]],
    ['a dataCallback that is none', ['a', info, { ...callbacks, dataCallback: {} }]],
    ['a device without a name', ['a', { ...device, deviceName: '' }, callbacks]],
  ])('answers -2000 for %s', async (_what, given) => {
    const start = plugin.startP2PService as (...all: readonly unknown[]) => Promise<0>;
    expect(await codeOf(start(...given))).toBe(-2000);
  });

  it('answers -2401 for an id that has a service, until that is stopped', async () => {
    await plugin.startP2PService('a', info, callbacks);
    expect(await codeOf(plugin.startP2PService('a', info, callbacks))).toBe(-2401);
    expect(await codeOf(plugin.startP2PService('b', info, callbacks))).toBe(0);
    plugin.stopServiceById('a');
    expect(await codeOf(plugin.startP2PService('a', info, callbacks))).toBe(0);
  });

  it.each([
    ['webrtc', { webrtc: false }],
    ['mediaSource', { mediaSource: false }],
  ])('answers -2404 without %s', async (_what, has) => {
    world.has = has;
    expect(await codeOf(plugin.startP2PService('a', info, callbacks))).toBe(-2404);
  });

  it('takes a device without mediaSource, which has files and commands too, and none without webrtc', async () => {
    world.connectDevice = silentDevice;
    world.has = { mediaSource: false };
    expect(await codeOf(plugin.startP2PService('a', device, callbacks))).toBe(0);
    world.has = { webrtc: false };
    expect(await codeOf(plugin.startP2PService('b', device, callbacks))).toBe(-2404);
  });

  it.each([
    [-2001, 'peer'],
    [-2001, 'XP2P????%2.4.0'],
    [-2005, 'XP2PAbCdEf0123==%2.2.9'],
    [-2005, 'XP2PAbCdEf0123==%1.9.9m'],
    [-2402, 'XP2PAbCdEf0123==%2.3.0'],
    [-2402, 'XP2PAbCdEf0123%10.0.0'],
  ])('answers %i for a device whose xp2pInfo is %s', async (code, xp2pInfo) => {
    expect(await codeOf(plugin.startP2PService('a', { ...device, xp2pInfo }, callbacks))).toBe(code);
  });
});

describe('a call for a device', () => {
  beforeEach(async () => {
    await plugin.init({ appParams });
  });

  it.each([
    ['startVoiceService', ['a', {}, { format: 'PCM' }]],
    ['startVoice', ['a', {}]],
    ['startVoiceData', ['a']],
    ['sendCommand', ['a', 'action=user_define&channel=0&cmd=x']],
    [
      'startLocalDownload',
      ['a', { urlParams: 'file_name=x' }, { onReceiveChunk: () => undefined, onComplete: (): void => undefined }],
    ],
  ] as const)('%s answers -2403 without a service and -2004 on the id of a shared stream', async (name, given) => {
    const call = plugin[name] as (...all: readonly unknown[]) => Promise<unknown>;
    expect(await codeOf(call(...given))).toBe(-2403);
    await plugin.startP2PService('a', info, callbacks);
    expect(await codeOf(call(...given))).toBe(-2004);
  });

  it.each<readonly [DeviceCall, readonly unknown[]]>([
    ['startVoiceService', ['a', new ScriptedRecorder(), { format: 'mp3' }]],
    ['startVoiceService', ['a', new ScriptedRecorder(), {}, { onStop: 7 }]],
    ['startVoiceService', ['a', {}]],
    ['startVoiceService', ['a', null]],
    ['startVoiceData', ['a', { urlParams: 7 }]],
    ['sendCommand', ['a', '']],
    ['startLocalDownload', ['a', {}, { onReceiveChunk: nothing, onComplete: nothing }]],
    ['startLocalDownload', ['a', { urlParams: 'channel=0' }, { onChunkReceived: nothing, onComplete: nothing }]],
    ['startLocalDownload', ['a', { urlParams: 'file_name=x' }, { onComplete: nothing }]],
    ['startLocalDownload', ['a', { urlParams: 'file_name=x' }, { onChunkReceived: nothing }]],
    ['startLocalDownload', ['a', { urlParams: 'file_name=x', sink: {} }, { onComplete: nothing }]],
    ['startLocalDownload', [undefined, { urlParams: 'x' }, {}]],
  ])('%s answers -2000 for %j', async (name, given) => {
    world.connectDevice = silentDevice;
    await plugin.startP2PService('a', device, callbacks);
    const call = plugin[name] as (...all: readonly unknown[]) => Promise<unknown>;
    expect(await codeOf(call(...given))).toBe(-2000);
  });
});

describe('resetP2P', () => {
  it('shares one probe among several, stops every service, and may fail and succeed', async () => {
    await plugin.init({ appParams, initParams: { stunServers: ['stun:a.example'] } });
    const heard: string[] = [];
    const msgCallback = (event: string, subtype: string): void => void heard.push(`${event} ${subtype}`);
    await plugin.startP2PService('a', info, { msgCallback });
    await plugin.startP2PService('b', info, { msgCallback });
    expect(world.serves).toEqual([true, true]);
    expect(await Promise.all([plugin.resetP2P(), plugin.resetP2P()])).toEqual([0, 0]);
    expect(world.probes).toBe(2);
    expect(heard).toEqual(['notify close', 'notify close']);
    expect(await codeOf(plugin.startP2PService('a', info, callbacks))).toBe(0);
    world.natKind = 'blocked';
    expect(await codeOf(plugin.resetP2P())).toBe(-2202);
    world.natKind = 'cone';
    expect(await plugin.resetP2P()).toBe(0);
  });

  it('overtaken by destroy answers -2002', async () => {
    await plugin.init({ appParams, initParams: { stunServers: ['stun:a.example'] } });
    let answer: () => void = () => undefined;
    world.probing = new Promise((resolve) => {
      answer = resolve;
    });
    const resetting = codeOf(plugin.resetP2P());
    plugin.destroy();
    answer();
    expect(await resetting).toBe(-2002);
  });
});

describe('destroy', () => {
  it('stops every service with one close, after which calls answer -2002', async () => {
    await plugin.init({ appParams });
    const heard: string[] = [];
    await plugin.startP2PService('a', info, {
      msgCallback: (event, subtype) => void heard.push(`${event} ${subtype}`),
    });
    plugin.destroy();
    plugin.destroy();
    expect(heard).toEqual(['notify close']);
    expect(await codeOf(plugin.startP2PService('a', info, callbacks))).toBe(-2002);
  });
});

describe('the log', () => {
  it('says what failed, and none of the secrets', async () => {
    await plugin.init({ appParams });
    await codeOf(plugin.startP2PService('a', { url: 'https://the-app-secret.example/the-app-key' }, callbacks));
    await codeOf(plugin.startP2PService('the-app-secret', any(undefined), callbacks));
    expect(plugin.log.text()).toMatch(/startP2PService -2000/);
    expect(plugin.log.text()).not.toMatch(/the-app-key|the-app-secret/);
  });
});

it('has its aliases, and its enums by their documented values', () => {
  expect(plugin.getModule()).toBe(plugin);
  expect(plugin.stopServiceById).toBe(plugin.stopP2PService);
  expect([plugin.startStream, plugin.stopStream]).toEqual([plugin.startP2PStream, plugin.stopP2PStream]);
  expect([plugin.startVoice, plugin.stopVoice]).toEqual([plugin.startVoiceService, plugin.stopVoiceService]);
  expect([plugin.XP2PEventEnum.Notify, plugin.XP2PEventEnum.Log]).toEqual(['notify', 'log']);
  expect(plugin.XP2PNotify_SubType).toMatchObject({ Request: 'request', Parsed: 'parsed', Close: 'close', Eof: 'eof' });
  expect(plugin.XP2PNotify_SubType.Disconnect).toBe('disconnect');
  expect(Object.values(plugin.XP2PLocalEventEnum)).toEqual(['natChanged', 'natError']);
});
