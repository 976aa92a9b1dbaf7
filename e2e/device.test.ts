// A page and a camera, without anybody in between: the real device in a process of its own, and Chromium.

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { connectCamera, paintsMore, show } from './fixtures/device-page.ts';
import { DeviceProcess } from './fixtures/device-process.ts';
import { eventually } from './fixtures/eventually.ts';
import { it, type Stage } from './fixtures/stage.ts';

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const meetingOf = (stage: Stage): string => `${stage.server.url.replace(/^http/, 'ws')}/devices`;

/** A server, a device at it, and a page that has connected to the device. */
const meet = async (stage: Stage, more: readonly string[] = []) => {
  await stage.serve();
  const device = new DeviceProcess();
  stage.later(() => device.close());
  const info = await device.start(meetingOf(stage), more);
  const { page } = await stage.open('page');
  await connectCamera(page, info);
  return { device, info, page };
};

describe('a page', () => {
  it('shows what a camera sees, and what it recorded', async ({ stage }) => {
    const { device, page } = await meet(stage);
    await show(page, 'live');
    await paintsMore(page, 25);
    writeFileSync(
      join(device.folder, '1700000000-1700000060.flv'),
      readFileSync(new URL('../server/media/sample.flv', import.meta.url)),
    );
    await show(page, 'playback');
    await paintsMore(page, 25);
    const progress = await page.evaluate(() => globalThis.camera.inner('playback_progress'));
    expect(progress.type).toBe('success');
    expect(JSON.parse(progress.data).progress).toBeGreaterThan(0);
  });

  it('downloads in two goes what a camera holds, byte for byte', async ({ stage }) => {
    const { device, page } = await meet(stage);
    const file = randomBytes(5_000_000);
    writeFileSync(join(device.folder, '1700000000-1700000060.mp4'), file);
    const digest = await page.evaluate(async () => {
      const name = '1700000000-1700000060.mp4';
      const parts: Uint8Array[] = [];
      const take = async (offset: number, most: number): Promise<number> => {
        const stream = await globalThis.camera.download(name, { offset });
        const reader = stream.body.getReader();
        let bytes = 0;
        for (let read = await reader.read(); !read.done; read = await reader.read()) {
          parts.push(read.value);
          bytes += read.value.length;
          if (bytes >= most) break;
        }
        stream.stop();
        return offset + bytes;
      };
      await take(await take(0, 2_000_000), Number.POSITIVE_INFINITY);
      const whole = await new Blob(parts as BlobPart[]).arrayBuffer();
      const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
      return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    });
    expect(digest).toBe(sha(file));
  });

  it('talks to a camera, and commands it', async ({ stage }) => {
    const { device, page } = await meet(stage);
    const pcm = randomBytes(64_000);
    await page.evaluate(
      async (given) => {
        const talk = await globalThis.camera.talk();
        for (let at = 0; at < given.length; at += 640) await talk.write(Uint8Array.from(given.slice(at, at + 640)));
        await talk.end();
      },
      [...pcm],
    );
    await eventually('the camera has heard it all', () => sha(readFileSync(device.voiceFile)) === sha(pcm));
    const states = await page.evaluate(() =>
      globalThis.camera.inner('get_device_st', { type: 'live', quality: 'high' }),
    );
    expect([states.type, states.data]).toEqual(['success', '[{"status":0,"appConnectNum":1}]']);
    expect((await page.evaluate(() => globalThis.camera.command('fly'))).type).toBe('failure');
  });

  it('is told at once when the camera is gone, and its picture moves again when the camera is back', async ({
    stage,
  }) => {
    const { device, page } = await meet(stage);
    await show(page, 'live');
    await paintsMore(page, 10);
    await device.kill();
    await eventually('the page knows', () => page.evaluate(() => globalThis.camera.state === 'away'));
    expect((await page.evaluate(() => globalThis.camera.command('x'))).type).toBe('error');
    await device.start(meetingOf(stage));
    await paintsMore(page, 25);
    expect(await page.evaluate(() => globalThis.cameraStates.at(-1))).toBe('open');
  });

  it('is refused with an info that has been changed, and does not have to wait for it', async ({ stage }) => {
    const { info, page } = await meet(stage);
    const changed = `${info.slice(0, 60)}${info[60] === 'A' ? 'B' : 'A'}${info.slice(61)}`;
    const code = await page.evaluate(
      (given) =>
        globalThis.Shoal.connectDevice({ info: given }).opened.then(
          () => 'opened',
          (error: { readonly code: string }) => error.code,
        ),
      changed,
    );
    expect(code).toBe('device/bad-info');
  });
});
