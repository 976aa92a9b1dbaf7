// p2pModule and a camera: the real device in a process of its own, and Chromium.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { describe, expect } from 'vitest';
import type { RecorderOptions } from '../src/recorder/index.ts';
import { startChromium } from './fixtures/chromium.ts';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { eventually } from './fixtures/eventually.ts';
import { NONCE } from './fixtures/page-server.ts';
import { hears, infoOf, meetByPlugin, meetingOf } from './fixtures/plugin-device.ts';
import { ENDS, type PluginPage } from './fixtures/plugin-page.ts';
import { noteReach } from './fixtures/reach.ts';
import { it, type Stage } from './fixtures/stage.ts';

declare global {
  var microphone: MediaStreamTrack | undefined;
}

const OK = { resolved: 0 };
const FILE = '1700000000-1700000060.mp4';
const RECORDING = '1700000000-1700000060.flv';
const PLAYBACK = { filename: 'ipc.flv', params: 'action=playback&channel=0&start_time=1700000000&end_time=1700000060' };

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The commands that a camera of the test knows beside those that all know. */
const HOOK = `#!/bin/sh
read -r cmd
case "$cmd" in
  ptz_left) echo '{"apex":"no"}' ;;
  # Longer than a page waits.
  dream) sleep 9 ;;
  *) echo 'what?'; exit 1 ;;
esac
`;

const serveWithHook = async (stage: Stage): Promise<readonly string[]> => {
  await stage.serve();
  const folder = mkdtempSync(join(tmpdir(), 'shoal-hook-'));
  stage.later(async () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'hook.sh');
  writeFileSync(path, HOOK, { mode: 0o755 });
  return ['--hook', path];
};

/** The page's video, fed by the pulls of service `a` from now on. */
const show = (page: PluginPage, flv?: object): Promise<unknown> =>
  page.page.evaluate(async (given) => {
    document.querySelector('video')?.remove();
    const video = document.body.appendChild(document.createElement('video'));
    globalThis.player?.destroy();
    const player = globalThis.Shoal.createP2PPlayer({ video, autoplay: true, muted: true });
    globalThis.player = player;
    await new Promise<void>((resolve) => player.on('playerStartPull', () => resolve()));
    return globalThis.plugin.module.startP2PStream('a', {
      ...(given === undefined ? {} : { flv: given as { filename: string; params: string } }),
      dataCallback: (data) => void player.addChunk(data),
    });
  }, flv);

const paints = (page: PluginPage, count: number): Promise<unknown> =>
  eventually(`${count} pictures`, () =>
    page.page.evaluate((most) => {
      const shown = document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
      return shown >= most;
    }, count),
  );

const command = async (page: PluginPage, text: string): Promise<{ readonly type: string; readonly data: string }> => {
  const { resolved } = (await page.call('sendCommand', 'a', text)) as { readonly resolved: never };
  return resolved;
};

/** A Chromium with a microphone that beeps. */
const startListening = async (stage: Stage): Promise<Browser> => {
  const flags = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
  const browser = await startChromium({ flags });
  stage.later(() => browser.close());
  return browser;
};

/** Runs in the page: the test can reach its microphone. */
const keepMicrophone = (): void => {
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await ask(constraints);
    globalThis.microphone = stream.getAudioTracks()[0];
    return stream;
  };
};

/** The system says something about the microphone. */
const toMicrophone = (page: PluginPage, event: string): Promise<unknown> =>
  page.page.evaluate((name) => globalThis.microphone?.dispatchEvent(new Event(name)), event);

const talk = (
  page: PluginPage,
  id: string,
  options: { readonly worklet?: string } & RecorderOptions = {},
  method: 'startVoiceService' | 'startVoice' = 'startVoiceService',
): Promise<object> =>
  page.page.evaluate(([a, b, c]) => globalThis.plugin.talk(a, b, c), [id, options, method] as const);

/** Waits for so many more frames of the recorder. */
const records = async (page: PluginPage, more: number): Promise<void> => {
  const count = (): Promise<number> => page.page.evaluate(() => globalThis.plugin.heard.frames.length);
  const from = await count();
  await eventually(`${more} more frames`, async () => (await count()) >= from + more);
};

/** All that the recorder has handed out. */
const recordedBy = async (page: PluginPage): Promise<Buffer> => {
  const text = await page.page.evaluate(async () => {
    const reader = new FileReader();
    const read = new Promise<string>((resolve) => {
      reader.onload = () => resolve(String(reader.result));
    });
    reader.readAsDataURL(new Blob(globalThis.plugin.heard.frames));
    return read;
  });
  return Buffer.from(text.slice(text.indexOf(',') + 1), 'base64');
};

/** Downloads the file of the test by service `a`. */
const load = (page: PluginPage, how: { readonly file?: string; readonly holdAfter?: number }): Promise<object> =>
  page.page.evaluate(([name, more]) => globalThis.plugin.download('a', `channel=0&file_name=${name}`, more), [
    FILE,
    how,
  ] as const);

/** Hash of a file of the page's own file system. */
const digestOf = (page: PluginPage, path: string): Promise<string> =>
  page.page.evaluate(async (name) => {
    const whole = await (await (await globalThis.Shoal.opfsFile(name)).getFile()).arrayBuffer();
    const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }, path);

describe('a camera by p2pModule', () => {
  it('is there before it is asked, shows its picture, and what it recorded from where one likes', async ({ stage }) => {
    await stage.serve();
    const { device, page } = await meetByPlugin(stage);
    await page.hears('a', 'connected');
    expect(await show(page)).toBe(0);
    await paints(page, 10);
    expect(await page.pull('a')).toMatchObject({ errcode: -2401 });
    await page.call('stopP2PStream', 'a');
    expect(await page.course('a')).toEqual(['connected', 'request', 'parsed', 'close']);
    writeFileSync(join(device.folder, RECORDING), readFileSync(new URL('../server/media/sample.flv', import.meta.url)));
    expect(await show(page, PLAYBACK)).toBe(0);
    await paints(page, 10);
    const inner = (cmd: string) => command(page, `action=inner_define&channel=0&cmd=${cmd}`);
    expect(await inner('playback_pause')).toMatchObject({ type: 'success' });
    expect(await inner('playback_seek&progress=3000')).toMatchObject({ type: 'success' });
    expect(await inner('playback_resume')).toMatchObject({ type: 'success' });
    expect(
      await eventually('it goes on from there', async () => {
        const { progress } = JSON.parse((await inner('playback_progress')).data);
        return progress >= 3000 && progress;
      }),
    ).toBeLessThan(60_000);
    expect(await inner('playback_seek&time=1700000060')).toMatchObject({ type: 'success' });
    await page.hears('a', 'eof');
    expect((await page.course('a')).filter((one) => ENDS.includes(one))).toEqual(['close', 'eof']);
  });

  it('is commanded with all four outcomes, and found again by the next pull when it has restarted', async ({
    stage,
  }) => {
    const { device, page } = await meetByPlugin(stage, { device: await serveWithHook(stage) });
    const user = (cmd: string) => command(page, `action=user_define&channel=0&cmd=${cmd}`);
    const dream = user('dream');
    expect(await user('ptz_left')).toMatchObject({ type: 'success', status: 200, data: '{"apex":"no"}' });
    expect(await user('fly')).toMatchObject({ type: 'failure', data: 'what?' });
    const month = await command(page, 'action=inner_define&channel=0&cmd=get_month_record&time=202311');
    expect(JSON.parse(month.data)).toEqual({ video_list: '0' });
    expect(await dream).toMatchObject({ type: 'timeout', status: 0 });
    await device.kill();
    await page.hears('a', 'disconnect');
    expect(await user('ptz_left')).toMatchObject({ type: 'error', status: 0 });
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    await device.start(meetingOf(stage));
    expect(await page.pull('a')).toEqual(OK);
    await page.takes('a', 10);
  });

  it('hears exactly what the recorder hands out, over interruptions and another microphone', async ({ stage }) => {
    await stage.serve();
    const browser = await startListening(stage);
    const { device, info, page } = await meetByPlugin(stage, { browser, before: keepMicrophone });
    expect(await talk(page, 'a', { sampleRate: 16_000, frameSize: 1 })).toEqual(OK);
    expect(await page.start('b', info, false)).toEqual(OK);
    expect(await talk(page, 'b', {}, 'startVoice'), 'one talks at a time').toMatchObject({ errcode: -2601 });
    await records(page, 32);
    for (const event of ['mute', 'unmute', 'ended']) await toMicrophone(page, event);
    await hears(page, 'pause true', 'resume', 'stop true');
    await records(page, 32);
    await page.call('stopVoiceService', 'a');
    await hears(page, 'stop false');
    noteReach('plugin', 'method', 'stopVoiceService');
    const events = await page.page.evaluate(() => globalThis.plugin.heard.events.splice(0));
    expect(events).toEqual(['start', 'pause true', 'resume', 'stop true', 'start', 'stop false']);
    const recorded = await recordedBy(page);
    await eventually('the camera has heard it all', () => sha(readFileSync(device.voiceFile)) === sha(recorded));
    const samples = new Int16Array(recorded.buffer, recorded.byteOffset, recorded.length >> 1);
    const loudest = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    expect(loudest, 'it is no silence').toBeGreaterThan(1000);
    // Now the other one may, and with bytes of its own.
    expect(await talk(page, 'b', {}, 'startVoice')).toEqual(OK);
    await page.call('stopVoice', 'b');
    await hears(page, 'stop false');
    noteReach('plugin', 'method', 'stopVoice');
    expect(await page.page.evaluate(() => globalThis.plugin.talkData('b'))).not.toHaveProperty('errcode');
    await page.call('stopVoice', 'b');
    await hears(page, 'data stopped');
  });

  it('under a policy without blobs is talked to by a worklet of the page, and its files are written all the same', async ({
    stage,
  }) => {
    await stage.serve();
    const browser = await startListening(stage);
    // Neither worker nor worklet: the script tag complains about the former.
    stage.complaints.expect(/^console error: Creating a worker from 'blob:/);
    const query = `?csp=${encodeURIComponent(`script-src 'nonce-${NONCE}' 'self'`)}`;
    const { device, info, page } = await meetByPlugin(stage, { browser, query });
    const refused = (await talk(page, 'a')) as { readonly errcode: number; readonly errmsg: string };
    expect(refused.errcode).toBe(-2601);
    expect(refused.errmsg).toContain('script-src lacks blob:');
    await page.page.reload();
    expect(await page.init()).toEqual(OK);
    expect(await page.start('a', info, false)).toEqual(OK);
    expect(await talk(page, 'a', { worklet: 'shoal-recorder-worklet.js' })).toEqual(OK);
    await records(page, 4);
    const file = randomBytes(1_000_000);
    writeFileSync(join(device.folder, FILE), file);
    expect(await load(page, { file: 'anew.mp4', holdAfter: 600_000 })).toEqual(OK);
    await eventually('a part of it', () => page.page.evaluate(() => globalThis.plugin.heard.progress.length > 30));
    await page.call('stopLocalDownload', 'a');
    await hears(page, 'complete');
    expect(await load(page, { file: 'anew.mp4' })).toEqual(OK);
    await hears(page, 'success 206');
    expect(await digestOf(page, 'anew.mp4')).toBe(sha(file));
  });

  it('cannot be talked to without a microphone', async ({ stage }) => {
    await stage.serve();
    const { page } = await meetByPlugin(stage);
    expect(await talk(page, 'a')).toMatchObject({ errcode: -2601 });
  });

  it('loses a download half-way and goes on with it, into a file, byte for byte', async ({ stage }) => {
    await stage.serve();
    const { device, page } = await meetByPlugin(stage);
    expect(await load(page, {})).toMatchObject({ errcode: -2701 });
    await hears(page, 'headers 404', 'failure 404', 'complete');
    const file = randomBytes(6_000_000);
    writeFileSync(join(device.folder, FILE), file);
    expect(await load(page, { file: 'cameras/door.mp4', holdAfter: 2_000_000 })).toEqual(OK);
    await eventually('a part of it', () =>
      page.page.evaluate(() => (globalThis.plugin.heard.progress.at(-1) ?? 0) > 1_500_000),
    );
    await device.kill();
    await page.hears('a', 'disconnect');
    await page.page.evaluate(() => globalThis.plugin.heard.goOn());
    await hears(page, 'headers 200', 'error');
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    await device.start(meetingOf(stage));
    await eventually('the file is free', () =>
      page.page.evaluate(() => globalThis.plugin.heard.events.filter((one) => one === 'complete').length === 2),
    );
    expect(await load(page, { file: 'cameras/door.mp4' })).toEqual(OK);
    await hears(page, 'headers 206', 'success 206');
    expect(await digestOf(page, 'cameras/door.mp4')).toBe(sha(file));
    const events = await page.page.evaluate(() => globalThis.plugin.heard.events);
    expect(events.slice(3)).toEqual(['headers 200', 'error', 'complete', 'headers 206', 'success 206', 'complete']);
    expect(await load(page, { holdAfter: 0 })).toEqual(OK);
    await page.call('stopLocalDownload', 'a');
    await eventually('the end of the last one', () =>
      page.page.evaluate(() => globalThis.plugin.heard.events.slice(9).join() === 'headers 200,complete'),
    );
    noteReach('plugin', 'method', 'stopLocalDownload');
  });

  it('has left in the file what came before the page died', async ({ stage }) => {
    await stage.serve();
    const { device, info, page } = await meetByPlugin(stage);
    const file = randomBytes(4_000_000);
    writeFileSync(join(device.folder, FILE), file);
    expect(await load(page, { file: 'left.mp4', holdAfter: 2_000_000 })).toEqual(OK);
    await eventually('a part of it', () =>
      page.page.evaluate(() => (globalThis.plugin.heard.progress.at(-1) ?? 0) > 1_500_000),
    );
    await page.page.reload();
    expect(await page.init()).toEqual(OK);
    expect(await page.start('a', info, false)).toEqual(OK);
    expect(await load(page, { file: 'left.mp4' })).toEqual(OK);
    await hears(page, 'headers 206', 'success 206');
    const [first = 0] = await page.page.evaluate(() => globalThis.plugin.heard.progress);
    expect(first, 'it began where the file ended').toBeGreaterThan(1_500_000);
    expect(await digestOf(page, 'left.mp4')).toBe(sha(file));
  });

  it('that is full hands its viewers over to a stream they share; -2801 when it does not say', async ({ stage }) => {
    const server = await stage.serve({ publish: 'open' });
    const share = `${server.url.replace(/^http/, 'ws')}/publish${stage.path}-shared`;
    const { device, page } = await meetByPlugin(stage, { device: ['--viewers', '0', '--share', share] });
    await page.hears('a', 'connected');
    expect(await page.pull('a')).toEqual(OK);
    await page.takes('a', 20);
    expect(await page.course('a')).toEqual(['connected', 'request', 'parsed', 'data']);
    expect(server.streams().map(({ path }) => path)).toContain(`${stage.path}-shared`);
    await page.call('stopP2PService', 'a');
    await device.kill();
    const mute = infoOf(await device.start(meetingOf(stage), ['--rights', 'live']));
    const asked = await page.start('b', { ...mute, liveStreamDomain: server.url });
    expect(asked, 'it may not be asked').toMatchObject({ errcode: -2801 });
    expect(await page.start('b', mute)).toEqual(OK);
  });
});
