// What a page publishes has Opus sound: FLV keeps it, MP4 and HLS get AAC.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RoomClient } from '../bypass/testing/room-client.ts';
import { packetOf } from '../flv/packets.ts';
import { AUDIO_TAG, readTags, VIDEO_TAG } from '../flv/tags.ts';
import { opusSample } from '../testing/opus-flv.ts';
import { framesOf, kindOf } from './testing/frames.ts';
import { recordingStage } from './testing/recording-stage.ts';

test('a recording of Opus: all of it as FLV, with AAC as MP4 and HLS', async () => {
  const { server, recorded, dataDir, api } = await recordingStage();
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { prelude, frames } = await opusSample();
  const { publisher } = await anna.publish('main', prelude);
  // As a page sends it: AAC is made of what comes as it comes.
  const began = performance.now();
  let at = 0;
  const timer = setInterval(() => {
    for (; at < frames.length && (frames[at]?.dtsMs ?? 0) <= performance.now() - began + 300; at++) {
      publisher.send(frames[at]?.bytes ?? Buffer.alloc(0));
    }
  }, 20);
  onTestFinished(() => clearInterval(timer));
  await anna.pushIs('running');
  const folder = join(dataDir, 'recordings', '8888');
  const sizeOf = (ending: string): number => {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending));
    return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  };
  // The AAC form ends with the stream: what is not made then is not recorded.
  await expect.poll(() => at === frames.length && existsSync(folder) && sizeOf('.mp4')).toBeGreaterThan(600_000);
  publisher.finish();
  const flv = await recorded('flv');
  const tags = readTags(readFileSync(join(dataDir, 'recordings', '8888', flv.task_id, '1.flv')));
  const sounds = tags.flatMap((tag) => {
    const packet = packetOf(tag);
    return packet?.of === 'sound' && packet.kind === 'frame' ? [packet.codec] : [];
  });
  // A recording begins with a picture.
  const first = frames.findIndex(({ bytes }) => bytes[0] === VIDEO_TAG);
  const sent = frames.slice(first).filter(({ bytes }) => bytes[0] === AUDIO_TAG).length;
  expect(sounds).toEqual(Array.from({ length: sent }, () => 'opus'));
  const whole = Buffer.concat([prelude, ...frames.map(({ bytes }) => bytes)]);
  const { pictures } = await framesOf(whole);
  type Recorded = { state: string; files: { format: string; url: string }[] };
  const sheet = async () => (await (await fetch(`${api}/recordings/${flv.task_id}`)).json()) as Recorded;
  await expect.poll(async () => (await sheet()).state).toBe('finished');
  const { files } = await sheet();
  for (const format of ['mp4', 'hls']) {
    // On a machine that is busy, the first pictures may come before any sound is made, and are a part of their own.
    const url = files.filter((file) => file.format === format).at(-1)?.url ?? '';
    expect((await kindOf(url)).split(/[\s,]+/)).toEqual(expect.arrayContaining(['h264', 'aac']));
    const made = await framesOf(url);
    expect(made.complaints).toBe('');
    expect(made.pictures.length).toBeGreaterThan(40);
    // It begins at a keyframe that was there when its sound began to be made.
    const from = pictures.indexOf(made.pictures[0] ?? '');
    expect(made.pictures).toEqual(pictures.slice(from, from + made.pictures.length));
  }
});

test('without ffmpeg MP4 and HLS say why they are missing, and FLV is recorded', async () => {
  const { server, recorded, api } = await recordingStage({ options: { ffmpeg: 'off' } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { prelude, frames } = await opusSample();
  const { publisher } = await anna.publish('main', prelude);
  for (const { bytes } of frames) publisher.send(bytes);
  await anna.pushIs('running');
  type Sheets = { recordings: { trouble?: string }[] };
  const trouble = async () => ((await (await fetch(`${api}/recordings`)).json()) as Sheets).recordings[0]?.trouble;
  await expect.poll(trouble).toContain('output/no-ffmpeg');
  publisher.finish();
  expect((await recorded('flv')).file_size).toBeGreaterThan(500_000);
});
