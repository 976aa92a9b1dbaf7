import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentParts } from '../../server/agent/device-agent.ts';
import { readSharedPlace } from '../../server/agent/shared-stream.ts';
import { DeviceStage } from '../../server/agent/testing/stage.ts';
import { voiceToFile } from '../../server/agent/voice-sink.ts';
import { samplePath } from '../../server/src/assets.ts';
import { systemClock } from '../../server/src/clock.ts';
import { startFile } from '../../server/src/sources/file.ts';
import { Device } from '../device/device.ts';
import { memorySink } from '../device/download-sink.ts';
import { FILE_HEADER, rowOf, tagOf } from '../player/testing/flv-bytes.ts';
import type { DeviceRight } from '../wire/device-info.ts';
import type { P2PModule, StreamInfo } from './face.ts';
import { Plugin } from './module.ts';
import { FakePluginWorld } from './testing/fake-plugin-world.ts';
import { ScriptedRecorder } from './testing/scripted-recorder.ts';

const HOUR_MS = 3_600_000;
const appParams = { appOauthId: 'oauth', appKey: 'the-app-key', appSecretKey: 'the-app-secret', appPackage: 'package' };
const URL_OF_DEVICE = 'http://XP2P_INFO.xnet/ipc.p2p.com/ipc.flv?action=live&channel=0&quality=high';
const SOON = { timeout: 15_000, interval: 5 };
const FILE = '1700000000-1700000060.mp4';

let stage: DeviceStage;
let world: FakePluginWorld;
let plugin: P2PModule;
let heard: string[];
let bytes: number;

beforeEach(async () => {
  stage = await DeviceStage.open();
  world = new FakePluginWorld();
  world.connectDevice = (options) => new Device(options, stage.world);
  plugin = new Plugin(() => world);
  heard = [];
  bytes = 0;
  await plugin.init({ appParams });
});
afterEach(async () => {
  plugin.destroy();
  await stage.close();
});

const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
const codeOf = async (answer: Promise<unknown>): Promise<unknown> => answer.catch(({ errcode }) => errcode);
const soon = <T>(check: () => T): Promise<T> => vi.waitFor(check, SOON);

const msgCallback = (event: string, subtype: string): void => {
  if (event === 'notify') heard.push(subtype);
};
const dataCallback = (data: ArrayBuffer): void => {
  if (heard.at(-1) !== 'data') heard.push('data');
  bytes += data.byteLength;
};

/** A device, and what a page says to reach it. */
const door = async (change: Partial<AgentParts> = {}, rights?: readonly DeviceRight[]) => {
  const agent = await stage.device(change);
  await agent.ready;
  const info: StreamInfo = {
    url: URL_OF_DEVICE,
    productId: 'cam',
    deviceName: 'door',
    xp2pInfo: agent.issue(HOUR_MS, rights),
  };
  return { agent, info };
};

const started = async (info: StreamInfo): Promise<void> => {
  expect(await plugin.startP2PService('a', info, { msgCallback })).toBe(0);
};

describe('a service of a device', () => {
  it('connects before anything is asked, and its pull says request, parsed, data and close', async () => {
    const qualities: string[] = [];
    const clock = systemClock();
    const { info } = await door({
      liveOf: (_channel, quality) => {
        qualities.push(quality);
        return { name: quality, start: (events) => startFile(samplePath(), clock, events) };
      },
    });
    await started(info);
    await soon(() => expect(heard).toEqual(['connected']));
    expect(await plugin.startP2PStream('a', { dataCallback })).toBe(0);
    expect(await codeOf(plugin.startP2PStream('a', { dataCallback }))).toBe(-2401);
    await soon(() => expect(bytes).toBeGreaterThan(50_000));
    plugin.stopP2PStream('a');
    expect(heard).toEqual(['connected', 'request', 'parsed', 'data', 'close']);
    const params = 'action=live&channel=0&quality=standard';
    expect(await plugin.startP2PStream('a', { flv: { filename: 'ipc.flv', params }, dataCallback })).toBe(0);
    plugin.stopP2PService('a');
    expect(heard.slice(5)).toEqual(['request', 'parsed', 'data', 'close']);
    expect([...new Set(qualities)]).toEqual(['high', 'standard']);
    expect(await codeOf(plugin.startP2PStream('a', { dataCallback }))).toBe(-2403);
  });

  it('is refused a picture that is not there with -2402, and with dataCallback the id is free again', async () => {
    const { info } = await door();
    const nowhere = { ...info, url: URL_OF_DEVICE.replace('channel=0', 'channel=7') };
    expect(await codeOf(plugin.startP2PService('a', nowhere, { msgCallback, dataCallback }))).toBe(-2402);
    expect(heard.filter((one) => one !== 'connected')).toEqual(['request', 'parsed', 'disconnect']);
    expect(await plugin.startP2PService('a', info, { msgCallback, dataCallback })).toBe(0);
  });

  it('ends a pull with disconnect when the device is gone, and the next pull finds its successor', async () => {
    const { agent, info } = await door();
    await started(info);
    expect(await plugin.startP2PStream('a', { dataCallback })).toBe(0);
    agent.close();
    await soon(() => expect(heard.at(-1)).toBe('disconnect'));
    expect(heard.filter((one) => one === 'disconnect')).toHaveLength(1);
    await door();
    expect(await plugin.startP2PStream('a', { dataCallback })).toBe(0);
    expect(heard.slice(-4)).toEqual(['request', 'connected', 'parsed', 'data']);
  });

  it('says disconnect when its device cannot be reached, though nothing was pulled', async () => {
    const { agent, info } = await door();
    agent.close();
    await started(info);
    await soon(() => expect(heard).toEqual(['disconnect']));
    expect((await plugin.sendCommand('a', 'action=user_define&channel=0&cmd=x')).type).toBe('error');
  });

  it('is refused an info that is changed, expired, too old, or of another device', async () => {
    const { agent, info } = await door();
    const at = (xp2pInfo: string, more: Partial<StreamInfo> = {}) =>
      codeOf(plugin.startP2PService('a', { ...info, xp2pInfo, ...more }, { msgCallback }));
    expect(await at('XP2PAbCdEf0123==%2.4.0')).toBe(-2001);
    expect(await at(agent.issue(-HOUR_MS))).toBe(-2001);
    expect(await at((info.xp2pInfo ?? '').replace(/%.*/, '%2.2.9'))).toBe(-2005);
    expect(await at(info.xp2pInfo ?? '', { deviceName: 'garage' })).toBe(-2000);
  });

  it('may ask for clear data at home only', async () => {
    const { info } = await door();
    const clear = { ...info, url: `${URL_OF_DEVICE}&_crypto=off` };
    world.home = 'elsewhere';
    await started(clear);
    expect(await codeOf(plugin.startP2PStream('a', { dataCallback }))).toBe(-2501);
    const callbacks = { onReceiveChunk: () => undefined, onComplete: (): void => undefined };
    const urlParams = `channel=0&file_name=${FILE}`;
    expect(await codeOf(plugin.startLocalDownload('a', { urlParams, offCrypto: true }, callbacks))).toBe(-2501);
    plugin.stopP2PService('a');
    world.home = 'at home';
    await started(clear);
    expect(await plugin.startP2PStream('a', { dataCallback })).toBe(0);
  });

  it('is not answered by whoever cannot prove to be the device: -2502', async () => {
    const { info } = await door();
    world.connectDevice = (options) => new Device(options, { ...stage.world, verify: async () => false });
    await started(info);
    expect(await codeOf(plugin.startP2PStream('a', { dataCallback }))).toBe(-2502);
  });
});

describe('a recording', () => {
  it('is played, paused, sought and asked for its progress, and ends with eof', async () => {
    writeFileSync(join(stage.folder, '1700000000-1700000060.flv'), readFileSync(samplePath()));
    const { info } = await door();
    await started(info);
    const params = 'action=playback&channel=0&start_time=1700000000&end_time=1700000060';
    expect(await plugin.startP2PStream('a', { flv: { filename: 'ipc.flv', params }, dataCallback })).toBe(0);
    const ask = (cmd: string) => plugin.sendCommand('a', `action=inner_define&channel=0&cmd=${cmd}`);
    expect(await ask('playback_pause')).toMatchObject({ type: 'success', status: 200 });
    const paused = bytes;
    expect(JSON.parse((await ask('playback_seek&progress=4000')).data)).toEqual({ status: 0 });
    expect(await ask('playback_resume')).toMatchObject({ type: 'success' });
    await soon(() => expect(bytes).toBeGreaterThan(paused));
    expect(JSON.parse((await ask('playback_progress')).data).progress).toBeGreaterThanOrEqual(3000);
    expect(await ask('playback_seek&time=1700000060')).toMatchObject({ type: 'success' });
    await soon(() => expect(heard.at(-1)).toBe('eof'));
  });
});

describe('a command', () => {
  it('has four outcomes', async () => {
    const hook = async (cmd: string) =>
      cmd === 'slow' ? new Promise<never>(() => undefined) : { status: cmd === 'ptz_left' ? 200 : 500, data: cmd };
    const { agent, info } = await door({ hook });
    await started(info);
    const ask = (cmd: string) => plugin.sendCommand('a', `action=user_define&channel=0&cmd=${cmd}`);
    expect(await ask('ptz_left')).toEqual({ type: 'success', status: 200, data: 'ptz_left' });
    expect(await ask('fly')).toEqual({ type: 'failure', status: 500, data: 'fly' });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const slow = ask('slow');
      await vi.advanceTimersByTimeAsync(7_500);
      expect(await slow).toMatchObject({ type: 'timeout', status: 0, data: '', errcode: -2402 });
    } finally {
      vi.useRealTimers();
    }
    agent.close();
    await soon(() => expect(heard.at(-1)).toBe('disconnect'));
    expect(await ask('ptz_left')).toMatchObject({ type: 'error', status: 0, errcode: -2402 });
  });
});

describe('a talk', () => {
  const voice = async (change: Partial<AgentParts> = {}) => {
    const path = join(stage.folder, 'voice.pcm');
    const { agent, info } = await door({ voice: voiceToFile(path), ...change });
    await started(info);
    return { agent, info, path, recorder: new ScriptedRecorder() };
  };
  const said: string[] = [];
  const callbacks = {
    onStart: () => void said.push('start'),
    onPause: ({ inInterruption }: { readonly inInterruption: boolean }) => void said.push(`pause ${inInterruption}`),
    onResume: () => void said.push('resume'),
    onStop: ({ willRestart }: { readonly willRestart: boolean }) => void said.push(`stop ${willRestart}`),
  };
  beforeEach(() => {
    said.length = 0;
  });

  it('brings every frame of the recorder to the device, over its pauses and restarts', async () => {
    const { path, recorder } = await voice();
    expect(await plugin.startVoiceService('a', recorder, { sampleRate: 8000 }, callbacks)).toBe(0);
    expect(await codeOf(plugin.startVoice('a', recorder))).toBe(-2401);
    expect(recorder.started).toMatchObject({ sampleRate: 8000, format: 'PCM' });
    const frames = Array.from({ length: 40 }, () => randomBytes(640));
    for (const frame of frames.slice(0, 20)) recorder.record(frame);
    recorder.pause();
    recorder.resume();
    recorder.interrupt();
    recorder.release();
    recorder.end();
    for (const frame of frames.slice(20)) recorder.record(frame);
    plugin.stopVoiceService('a');
    await soon(() => expect(said.at(-1)).toBe('stop false'));
    await soon(() => expect(sha(readFileSync(path))).toBe(sha(Buffer.concat(frames))));
    const pauses = ['pause false', 'resume', 'pause true', 'resume'];
    expect(said).toEqual(['start', ...pauses, 'stop true', 'start', 'stop false']);
    expect(await plugin.startVoice('a', recorder)).toBe(0);
  });

  it('is -2601 when somebody else talks, when there is no speaker, and when the recorder fails', async () => {
    const { info, recorder } = await voice();
    expect(await plugin.startVoiceService('a', recorder, {}, callbacks)).toBe(0);
    expect(await plugin.startP2PService('b', info, { msgCallback })).toBe(0);
    expect(await codeOf(plugin.startVoiceService('b', new ScriptedRecorder()))).toBe(-2601);
    plugin.stopVoiceService('a');
    await soon(() => expect(said.at(-1)).toBe('stop false'));
    const broken = new ScriptedRecorder('broken');
    expect(await codeOf(plugin.startVoiceService('a', broken))).toBe(-2601);
    expect(await plugin.startVoiceService('b', recorder)).toBe(0);
  });

  it('ends when the device is gone, and the recorder with it', async () => {
    const { agent, recorder } = await voice();
    expect(await plugin.startVoiceService('a', recorder, {}, callbacks)).toBe(0);
    agent.close();
    await soon(() => expect(said.at(-1)).toBe('stop false'));
    expect(recorder.state).toBe('idle');
  });

  it('takes bytes of the page’s own making as well', async () => {
    const { path } = await voice();
    const events: string[] = [];
    const writer = await plugin.startVoiceData(
      'a',
      { urlParams: 'channel=0' },
      {
        onSuccess: (response) => void events.push(`success ${response?.status}`),
        onStop: () => void events.push('stop'),
        onComplete: () => void events.push('complete'),
      },
    );
    const flv = randomBytes(30_000);
    writer.addChunk(new Uint8Array(flv).buffer);
    plugin.stopVoice('a');
    await soon(() => expect(events).toEqual(['success 200', 'stop', 'complete']));
    await soon(() => expect(sha(readFileSync(path))).toBe(sha(flv)));
  });
});

describe('a download', () => {
  const events: string[] = [];
  const callbacks = {
    onHeadersReceived: (response?: { readonly status?: number }) => void events.push(`headers ${response?.status}`),
    onSuccess: () => void events.push('success'),
    onFailure: () => void events.push('failure'),
    onError: () => void events.push('error'),
    onComplete: () => void events.push('complete'),
  };
  const urlParams = `channel=0&file_name=${FILE}`;
  beforeEach(() => {
    events.length = 0;
  });

  it('that was stopped goes on where its sink ends, byte for byte', async () => {
    const file = randomBytes(3_000_000);
    writeFileSync(join(stage.folder, FILE), file);
    const { info } = await door();
    await started(info);
    const sink = memorySink();
    const progress: number[] = [];
    const onProgress = ({
      received,
      total,
    }: {
      readonly received: number;
      readonly total: number | undefined;
    }): void => {
      expect(total).toBe(file.length);
      progress.push(received);
      if (received > 1_000_000 && events.length < 2) plugin.stopLocalDownload('a');
    };
    expect(await plugin.startLocalDownload('a', { urlParams, sink }, { ...callbacks, onProgress })).toBe(0);
    expect(await codeOf(plugin.startLocalDownload('a', { urlParams, sink }, callbacks))).toBe(-2401);
    await soon(() => expect(events).toEqual(['headers 200', 'complete']));
    expect(sink.size).toBeLessThan(file.length);
    expect(await plugin.startLocalDownload('a', { urlParams, sink }, { ...callbacks, onProgress })).toBe(0);
    await soon(() => expect(events.slice(2)).toEqual(['headers 206', 'success', 'complete']));
    expect(progress.at(-1)).toBe(file.length);
    expect(sha(new Uint8Array(await sink.blob().arrayBuffer()))).toBe(sha(file));
  });

  it('waits for whoever takes its chunks', async () => {
    writeFileSync(join(stage.folder, FILE), randomBytes(500_000));
    const { info } = await door();
    await started(info);
    let waiting = 0;
    const onReceiveChunk = async (): Promise<void> => {
      expect(++waiting).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      waiting -= 1;
    };
    expect(await plugin.startLocalDownload('a', { urlParams }, { ...callbacks, onReceiveChunk })).toBe(0);
    await soon(() => expect(events.slice(1)).toEqual(['success', 'complete']));
  });

  it('of what is not there is -2701 after failure and complete; a lost one says error and complete', async () => {
    const { agent, info } = await door();
    await started(info);
    const onReceiveChunk = (): void => undefined;
    expect(await codeOf(plugin.startLocalDownload('a', { urlParams }, { ...callbacks, onReceiveChunk }))).toBe(-2701);
    expect(events).toEqual(['headers 404', 'failure', 'complete']);
    events.length = 0;
    writeFileSync(join(stage.folder, FILE), randomBytes(20_000_000));
    const cut = { ...callbacks, onReceiveChunk: () => agent.close() };
    expect(await plugin.startLocalDownload('a', { urlParams }, cut)).toBe(0);
    await soon(() => expect(events).toEqual(['headers 200', 'error', 'complete']));
  });

  it('ends its service if the page wants it so, and refuses an offset that its sink does not have', async () => {
    writeFileSync(join(stage.folder, FILE), randomBytes(10_000));
    const { info } = await door();
    await started(info);
    const sink = memorySink();
    const at = (params: string) =>
      plugin.startLocalDownload('a', { urlParams: params, sink, closesService: true }, callbacks);
    expect(await codeOf(at(`${urlParams}&offset=5`))).toBe(-2000);
    expect(await at(`${urlParams}&offset=0`)).toBe(0);
    await soon(() => expect(events.at(-1)).toBe('complete'));
    expect(await codeOf(plugin.sendCommand('a', 'action=user_define&cmd=x'))).toBe(-2403);
  });
});

describe('a device that is full', () => {
  const PATH = '/live/door';
  const full = async () => {
    await stage.close();
    stage = await DeviceStage.open({ publish: 'open' });
    const address = `${stage.server.url.replace('http', 'ws')}/publish${PATH}`;
    const { channel, place } = readSharedPlace(address) ?? {};
    if (channel === undefined || place === undefined) throw new Error(address);
    return door({ viewersMax: 0, shared: new Map([[channel, place]]) });
  };
  const flv = rowOf(FILE_HEADER, tagOf('video', 1));

  it.each([
    ['by itself', {}],
    ['when it is asked before', { liveStreamDomain: 'http://shared.example' }],
  ])('hands its viewers over to its shared stream %s', async (_how, more) => {
    const { agent, info } = await full();
    const starting = plugin.startP2PService('a', { ...info, ...more }, { msgCallback, dataCallback });
    const viewer = await world.player.viewerMade.take();
    await viewer.started.take();
    const host = 'liveStreamDomain' in more ? 'http://shared.example' : stage.server.url;
    expect(world.streams[0]?.url).toBe(`${host}${PATH}.flv`);
    expect(agent.sharing).toBe('pushing');
    viewer.say({ kind: 'notice', notice: { kind: 'epoch', epoch: '1' } });
    viewer.say({ kind: 'run' });
    viewer.say({ kind: 'bytes', flv });
    expect(await starting).toBe(0);
    expect(heard).toEqual(['request', 'connected', 'parsed', 'data']);
    plugin.stopP2PService('a');
    expect(heard.at(-1)).toBe('close');
    await soon(() => expect(agent.sharing).toBe('idle'));
  });

  it('-2801 when its state cannot be asked', async () => {
    const { info } = await door({}, ['live']);
    const moved = { ...info, liveStreamDomain: 'live.example' };
    expect(await codeOf(plugin.startP2PService('a', moved, { msgCallback, dataCallback }))).toBe(-2801);
  });
});
