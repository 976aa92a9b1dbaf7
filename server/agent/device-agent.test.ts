import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { REQUESTS_PER_VIEWER_MAX } from '../../src/wire/limits.ts';
import { samplePath } from '../src/assets.ts';
import { type Clock, systemClock } from '../src/clock.ts';
import { readTags, VIDEO_TAG } from '../src/flv/tags.ts';
import { bytesOf, DeviceStage } from './testing/stage.ts';
import { voiceToFile } from './voice-sink.ts';

const KEYFRAME = 1;
const HOUR_MS = 3_600_000;

let stage: DeviceStage;
beforeEach(async () => {
  stage = await DeviceStage.open();
});
afterEach(() => stage.close());

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a page that holds an info', () => {
  test('sees the live picture, from a keyframe on', async () => {
    const agent = await stage.device();
    await agent.ready;
    const page = stage.page(agent.issue(HOUR_MS));
    const exchange = await page.request('ipc.flv?action=live&channel=0&quality=high');
    expect((await exchange.answered).status).toBe(200);
    const tags = readTags(await bytesOf(exchange, 120_000));
    expect(tags[0]?.kind).not.toBe('frame');
    const picture = tags.find(({ kind, type }) => kind === 'frame' && type === VIDEO_TAG);
    expect((picture?.data[0] ?? 0) >> 4, 'the first picture is whole').toBe(KEYFRAME);
    exchange.cancel();
    await exchange.over;
  });

  test('gets several answers at once, and errors in words a page can act on', async () => {
    const agent = await stage.device();
    await agent.ready;
    const page = stage.page(agent.issue(HOUR_MS));
    const live = await page.request('ipc.flv?action=live&channel=0&quality=high');
    const wrong = await page.request('ipc.flv?action=fly');
    const channel = await page.request('ipc.flv?action=live&channel=9&quality=high');
    expect((await wrong.answered).headers['x-shoal-error']).toBe('device/bad-request');
    expect((await channel.answered).status).toBe(404);
    expect((await bytesOf(live, 50_000)).length).toBeGreaterThanOrEqual(50_000);
  });

  test('downloads a file, and the rest of it after a break, byte for byte', async () => {
    const file = randomBytes(3_000_000);
    writeFileSync(join(stage.folder, '1700000000-1700000060.mp4'), file);
    const agent = await stage.device();
    await agent.ready;
    const page = stage.page(agent.issue(HOUR_MS));
    const first = await page.request('ipc.flv?action=download&channel=0&file_name=1700000000-1700000060.mp4&offset=0');
    const head = await bytesOf(first, 1_000_000);
    first.cancel();
    const rest = await page.request(
      `ipc.flv?action=download&channel=0&file_name=1700000000-1700000060.mp4&offset=${head.length}`,
    );
    expect((await rest.answered).status).toBe(206);
    expect(sha(Buffer.concat([head, await bytesOf(rest)]))).toBe(sha(file));
    await rest.over;
  });

  test('names no file outside the folder', async () => {
    const agent = await stage.device();
    await agent.ready;
    const page = stage.page(agent.issue(HOUR_MS));
    const exchange = await page.request(
      `ipc.flv?action=download&channel=0&file_name=${encodeURIComponent('../../etc/passwd')}&offset=0`,
    );
    expect((await exchange.answered).status).toBe(404);
  });

  test('commands, and is told when a command is not known', async () => {
    const agent = await stage.device({
      hook: async (cmd) => (cmd === 'ptz_left' ? { status: 200, data: '{"apex":"no"}' } : undefined),
    });
    await agent.ready;
    const page = stage.page(agent.issue(HOUR_MS));
    const ask = async (target: string) => {
      const exchange = await page.request(target);
      const { status } = await exchange.answered;
      return [status, (await bytesOf(exchange)).toString()] as const;
    };
    expect(await ask('command?action=inner_define&channel=0&cmd=get_device_st&type=live&quality=high')).toEqual([
      200,
      '[{"status":0,"appConnectNum":1}]',
    ]);
    expect(await ask('command?action=user_define&channel=0&cmd=ptz_left')).toEqual([200, '{"apex":"no"}']);
    expect((await ask('command?action=user_define&channel=0&cmd=fly'))[0]).toBe(406);
    expect((await ask('command?action=inner_define&channel=0&cmd=fly'))[0]).toBe(406);
  });

  test('talks, one at a time, and every sample arrives', async () => {
    const heard = join(stage.folder, 'voice.pcm');
    const agent = await stage.device({ voice: voiceToFile(heard) });
    await agent.ready;
    const [page, other] = [stage.page(agent.issue(HOUR_MS)), stage.page(agent.issue(HOUR_MS))];
    const talk = await page.request('voice?channel=0', { sends: true });
    await talk.answered;
    const second = await other.request('voice?channel=0');
    expect((await second.answered).headers['x-shoal-error']).toBe('device/talking');
    const pcm = randomBytes(32_000);
    for (let at = 0; at < pcm.length; at += 320) await talk.write(pcm.subarray(at, at + 320));
    talk.end();
    await talk.over;
    await expect.poll(() => sha(readFileSync(heard))).toBe(sha(pcm));
  });

  test('sees a recording from the moment it asks for, and seeks in it while it plays', async () => {
    writeFileSync(join(stage.folder, '1700000000-1700000060.flv'), readFileSync(samplePath()));
    const agent = await stage.device();
    await agent.ready;
    const page = stage.page(agent.issue(HOUR_MS));
    const play = await page.request('ipc.flv?action=playback&channel=0&start_time=1700000000&end_time=1700000060');
    expect((await play.answered).status).toBe(200);
    const first = await bytesOf(play, 60_000);
    const steer = await page.request('command?action=inner_define&channel=0&cmd=playback_seek&progress=2000');
    expect((await steer.answered).status).toBe(200);
    const tags = readTags(Buffer.concat([first, await bytesOf(play, 200_000)])).filter(({ kind }) => kind === 'frame');
    const stamps = tags.map(({ dtsMs }) => dtsMs);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
    play.cancel();
  });
});

describe('whoever may not', () => {
  test('holds an expired info', async () => {
    const agent = await stage.device();
    await agent.ready;
    expect(() => stage.page(agent.issue(-1))).toThrow(expect.objectContaining({ code: 'device/expired-info' }));
  });

  test('has changed an info', async () => {
    const agent = await stage.device();
    await agent.ready;
    const info = agent.issue(HOUR_MS);
    const changed = `${info.slice(0, 30)}${info[30] === 'A' ? 'B' : 'A'}${info.slice(31)}`;
    await expect(stage.page(changed).opened).rejects.toMatchObject({ code: 'device/bad-info' });
  });

  test('has not been given the right', async () => {
    const agent = await stage.device();
    await agent.ready;
    const page = stage.page(agent.issue(HOUR_MS, ['live']));
    const exchange = await page.request('command?action=inner_define&channel=0&cmd=get_device_st');
    expect((await exchange.answered).headers['x-shoal-error']).toBe('device/no-right');
  });

  test('asks for more in a second than anybody needs, and is cut off', async () => {
    const agent = await stage.device({ hook: async () => ({ status: 200, data: '' }) });
    await agent.ready;
    const page = stage.page(agent.issue(HOUR_MS));
    const asked = async (): Promise<void> => {
      for (;;) {
        const exchange = await page.request('command?action=user_define&channel=0&cmd=x');
        await exchange.answered;
        await bytesOf(exchange);
      }
    };
    await expect(Promise.all(Array.from({ length: 8 }, asked))).rejects.toMatchObject({ code: 'request/lost' });
    expect((await page.closed).code).toBe('request/lost');
    await expect.poll(() => agent.callers).toBe(0);
  });

  test('talks faster than anybody can, and is cut off; the next one is heard', async () => {
    const heard: number[] = [];
    const voice = () => ({ write: async (pcm: Uint8Array) => void heard.push(pcm.length), end: () => undefined });
    // The clock of the device stands still: what comes, comes at once.
    const agent = await stage.device({ voice, clock: { ...systemClock(), now: () => 0 } });
    await agent.ready;
    const page = stage.page(agent.issue(HOUR_MS));
    const flood = await page.request('voice?channel=0', { sends: true });
    await flood.answered;
    await expect(flood.write(new Uint8Array(1_000_000)).then(() => flood.over)).rejects.toMatchObject({
      code: 'request/cancelled',
    });
    expect(heard.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(128_000);
    const next = await page.request('voice?channel=0', { sends: true });
    expect((await next.answered).status).toBe(200);
  });

  test('has as many requests open as it may, and no more', async () => {
    const agent = await stage.device();
    await agent.ready;
    const page = stage.page(agent.issue(HOUR_MS));
    const watch = () => page.request('ipc.flv?action=live&channel=0');
    const open = [];
    for (let count = 0; count < REQUESTS_PER_VIEWER_MAX; count++) open.push(await watch());
    await expect(watch()).rejects.toMatchObject({ code: 'device/busy' });
    open[0]?.cancel();
    await expect
      .poll(() =>
        watch().then(
          () => 'asked',
          () => 'busy',
        ),
      )
      .toBe('asked');
  });

  test('comes when the device is full', async () => {
    const agent = await stage.device({ callersMax: 1 });
    await agent.ready;
    await stage.page(agent.issue(HOUR_MS)).opened;
    await expect(stage.page(agent.issue(HOUR_MS)).opened).rejects.toMatchObject({ code: 'device/busy' });
  });

  test('hangs up while it is let in, and leaves its place to the next at once', async () => {
    const usual = systemClock();
    // Here nobody is let go for taking long, so that it is the goodbye that frees the place.
    const clock: Clock = { ...usual, after: (ms, call) => usual.after(ms < 10_000 ? ms : HOUR_MS, call) };
    const agent = await stage.device({ callersMax: 1, clock });
    await agent.ready;
    const first = stage.page(agent.issue(HOUR_MS));
    await expect.poll(() => agent.callers).toBe(1);
    first.close();
    await expect.poll(() => agent.callers).toBe(0);
    await stage.page(agent.issue(HOUR_MS)).opened;
  });

  test('calls a device that is not there', async () => {
    const agent = await stage.device();
    await agent.ready;
    const info = agent.issue(HOUR_MS);
    agent.close();
    await expect(stage.page(info).opened).rejects.toMatchObject({ code: 'device/not-there' });
  });

  test('registers under a name that another key holds', async () => {
    const agent = await stage.device({ seed: 1 });
    await agent.ready;
    const thief = await stage.device({ seed: 2 });
    const page = stage.page(agent.issue(HOUR_MS));
    await page.opened;
    const stranger = stage.page(thief.issue(HOUR_MS));
    await expect(stranger.opened).rejects.toMatchObject({ code: 'device/not-there' });
  });
});

test('a device that dies ends what is under way, and its successor of the same key takes over', async () => {
  const agent = await stage.device();
  await agent.ready;
  const info = agent.issue(HOUR_MS);
  const page = stage.page(info);
  const live = await page.request('ipc.flv?action=live&channel=0&quality=high');
  await live.answered;
  agent.close();
  await expect(bytesOf(live)).rejects.toMatchObject({ code: expect.stringMatching(/^request\//) });
  expect((await page.closed).code).toBe('request/lost');
  const again = await stage.device();
  await again.ready;
  const back = await stage.page(info).request('ipc.flv?action=live&channel=0&quality=high');
  expect((await back.answered).status).toBe(200);
});
