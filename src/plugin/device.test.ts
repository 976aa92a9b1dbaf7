import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readSharedPlace } from '../../server/agent/shared-stream.ts';
import { samplePath } from '../../server/src/assets.ts';
import { systemClock } from '../../server/src/clock.ts';
import { startFile } from '../../server/src/sources/file.ts';
import { Device } from '../device/device.ts';
import { FILE_HEADER, rowOf, tagOf } from '../player/testing/flv-bytes.ts';
import type { StreamInfo } from './face.ts';
import { codeOf, DoorStage, FILE, HOUR_MS, soon, URL_OF_DEVICE } from './testing/door-stage.ts';

let door: DoorStage;
beforeEach(async () => {
  door = await DoorStage.open();
});
afterEach(() => door.close());

describe('a service of a device', () => {
  it('connects before anything is asked, and its pull says request, parsed, data and close', async () => {
    const qualities: string[] = [];
    const clock = systemClock();
    const { info } = await door.device({
      liveOf: (_channel, quality) => {
        qualities.push(quality);
        return { name: quality, start: (events) => startFile(samplePath(), clock, events) };
      },
    });
    await door.start(info);
    await soon(() => expect(door.heard).toEqual(['connected']));
    expect(await door.plugin.startP2PStream('a', { dataCallback: door.dataCallback })).toBe(0);
    expect(await codeOf(door.plugin.startP2PStream('a', { dataCallback: door.dataCallback }))).toBe(-2401);
    await soon(() => expect(door.bytes).toBeGreaterThan(50_000));
    door.plugin.stopP2PStream('a');
    expect(door.heard).toEqual(['connected', 'request', 'parsed', 'data', 'close']);
    const params = 'action=live&channel=0&quality=standard';
    expect(
      await door.plugin.startP2PStream('a', { flv: { filename: 'ipc.flv', params }, dataCallback: door.dataCallback }),
    ).toBe(0);
    door.plugin.stopP2PService('a');
    expect(door.heard.slice(5)).toEqual(['request', 'parsed', 'data', 'close']);
    expect([...new Set(qualities)]).toEqual(['high', 'standard']);
    expect(await codeOf(door.plugin.startP2PStream('a', { dataCallback: door.dataCallback }))).toBe(-2403);
  });

  it('is refused a picture that is not there with -2402, and with dataCallback the id is free again', async () => {
    const { info } = await door.device();
    const nowhere = { ...info, url: URL_OF_DEVICE.replace('channel=0', 'channel=7') };
    expect(
      await codeOf(
        door.plugin.startP2PService('a', nowhere, { msgCallback: door.msgCallback, dataCallback: door.dataCallback }),
      ),
    ).toBe(-2402);
    expect(door.heard.filter((one) => one !== 'connected')).toEqual(['request', 'parsed', 'disconnect']);
    expect(
      await door.plugin.startP2PService('a', info, { msgCallback: door.msgCallback, dataCallback: door.dataCallback }),
    ).toBe(0);
  });

  it('ends a pull with disconnect when the device is gone, and the next pull finds its successor', async () => {
    const { agent, info } = await door.device();
    await door.start(info);
    expect(await door.plugin.startP2PStream('a', { dataCallback: door.dataCallback })).toBe(0);
    agent.close();
    await soon(() => expect(door.heard.at(-1)).toBe('disconnect'));
    expect(door.heard.filter((one) => one === 'disconnect')).toHaveLength(1);
    await door.device();
    expect(await door.plugin.startP2PStream('a', { dataCallback: door.dataCallback })).toBe(0);
    expect(door.heard.slice(-4)).toEqual(['request', 'connected', 'parsed', 'data']);
  });

  it('says disconnect when its device cannot be reached, though nothing was pulled', async () => {
    const { agent, info } = await door.device();
    agent.close();
    await door.start(info);
    await soon(() => expect(door.heard).toEqual(['disconnect']));
    expect((await door.plugin.sendCommand('a', 'action=user_define&channel=0&cmd=x')).type).toBe('error');
  });

  it('is refused an info that is changed, expired, too old, or of another device', async () => {
    const { agent, info } = await door.device();
    const at = (xp2pInfo: string, more: Partial<StreamInfo> = {}) =>
      codeOf(door.plugin.startP2PService('a', { ...info, xp2pInfo, ...more }, { msgCallback: door.msgCallback }));
    expect(await at('XP2PAbCdEf0123==%2.4.0')).toBe(-2001);
    expect(await at(agent.issue(-HOUR_MS))).toBe(-2001);
    expect(await at((info.xp2pInfo ?? '').replace(/%.*/, '%2.2.9'))).toBe(-2005);
    expect(await at(info.xp2pInfo ?? '', { deviceName: 'garage' })).toBe(-2000);
  });

  it('may ask for clear data at home only', async () => {
    const { info } = await door.device();
    const clear = { ...info, url: `${URL_OF_DEVICE}&_crypto=off` };
    door.world.home = 'elsewhere';
    await door.start(clear);
    expect(await codeOf(door.plugin.startP2PStream('a', { dataCallback: door.dataCallback }))).toBe(-2501);
    const callbacks = { onReceiveChunk: () => undefined, onComplete: (): void => undefined };
    const urlParams = `channel=0&file_name=${FILE}`;
    expect(await codeOf(door.plugin.startLocalDownload('a', { urlParams, offCrypto: true }, callbacks))).toBe(-2501);
    door.plugin.stopP2PService('a');
    door.world.home = 'at home';
    await door.start(clear);
    expect(await door.plugin.startP2PStream('a', { dataCallback: door.dataCallback })).toBe(0);
  });

  it('is not answered by whoever cannot prove to be the device: -2502', async () => {
    const { info } = await door.device();
    door.world.connectDevice = (options) => new Device(options, { ...door.stage.world, verify: async () => false });
    await door.start(info);
    expect(await codeOf(door.plugin.startP2PStream('a', { dataCallback: door.dataCallback }))).toBe(-2502);
  });
});

describe('a recording', () => {
  it('is played, paused, sought and asked for its progress, and ends with eof', async () => {
    writeFileSync(join(door.stage.folder, '1700000000-1700000060.flv'), readFileSync(samplePath()));
    const { info } = await door.device();
    await door.start(info);
    const params = 'action=playback&channel=0&start_time=1700000000&end_time=1700000060';
    expect(
      await door.plugin.startP2PStream('a', { flv: { filename: 'ipc.flv', params }, dataCallback: door.dataCallback }),
    ).toBe(0);
    const ask = (cmd: string) => door.plugin.sendCommand('a', `action=inner_define&channel=0&cmd=${cmd}`);
    expect(await ask('playback_pause')).toMatchObject({ type: 'success', status: 200 });
    const paused = door.bytes;
    expect(JSON.parse((await ask('playback_seek&progress=4000')).data)).toEqual({ status: 0 });
    expect(await ask('playback_resume')).toMatchObject({ type: 'success' });
    await soon(() => expect(door.bytes).toBeGreaterThan(paused));
    expect(JSON.parse((await ask('playback_progress')).data).progress).toBeGreaterThanOrEqual(3000);
    expect(await ask('playback_seek&time=1700000060')).toMatchObject({ type: 'success' });
    await soon(() => expect(door.heard.at(-1)).toBe('eof'));
  });
});

describe('a command', () => {
  it('has four outcomes', async () => {
    const hook = async (cmd: string) =>
      cmd === 'slow' ? new Promise<never>(() => undefined) : { status: cmd === 'ptz_left' ? 200 : 500, data: cmd };
    const { agent, info } = await door.device({ hook });
    await door.start(info);
    const ask = (cmd: string) => door.plugin.sendCommand('a', `action=user_define&channel=0&cmd=${cmd}`);
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
    await soon(() => expect(door.heard.at(-1)).toBe('disconnect'));
    expect(await ask('ptz_left')).toMatchObject({ type: 'error', status: 0, errcode: -2402 });
  });
});

describe('a device that is full', () => {
  const PATH = '/live/door';
  const full = async () => {
    await door.close();
    door = await DoorStage.open({ publish: 'open' });
    const address = `${door.stage.server.url.replace('http', 'ws')}/publish${PATH}`;
    const { channel, place } = readSharedPlace(address) ?? {};
    if (channel === undefined || place === undefined) throw new Error(address);
    return door.device({ viewersMax: 0, shared: new Map([[channel, place]]) });
  };
  const flv = rowOf(FILE_HEADER, tagOf('video', 1));

  it.each([
    ['by itself', {}],
    ['when it is asked before', { liveStreamDomain: 'http://shared.example' }],
  ])('hands its viewers over to its shared stream %s', async (_how, more) => {
    const { agent, info } = await full();
    const starting = door.plugin.startP2PService(
      'a',
      { ...info, ...more },
      { msgCallback: door.msgCallback, dataCallback: door.dataCallback },
    );
    const viewer = await door.world.player.viewerMade.take();
    await viewer.started.take();
    const host = 'liveStreamDomain' in more ? 'http://shared.example' : door.stage.server.url;
    expect(door.world.streams[0]?.url).toBe(`${host}${PATH}.flv`);
    expect(agent.sharing).toBe('pushing');
    viewer.say({ kind: 'notice', notice: { kind: 'epoch', epoch: '1' } });
    viewer.say({ kind: 'run' });
    viewer.say({ kind: 'bytes', flv });
    expect(await starting).toBe(0);
    expect(door.heard).toEqual(['request', 'connected', 'parsed', 'data']);
    door.plugin.stopP2PService('a');
    expect(door.heard.at(-1)).toBe('close');
    await soon(() => expect(agent.sharing).toBe('idle'));
  });

  it('-2801 when its state cannot be asked', async () => {
    const { info } = await door.device({}, ['live']);
    const moved = { ...info, liveStreamDomain: 'live.example' };
    expect(
      await codeOf(
        door.plugin.startP2PService('a', moved, { msgCallback: door.msgCallback, dataCallback: door.dataCallback }),
      ),
    ).toBe(-2801);
  });
});
