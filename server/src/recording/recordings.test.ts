// Recordings on a whole server: each format against what was sent, picture by picture.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RoomClient } from '../bypass/testing/room-client.ts';
import { systemClock } from '../clock.ts';
import { startServer } from '../testing/servers.ts';
import { durationOf, framesOf, kindOf, sentUntil } from './testing/frames.ts';
import { publishAndPush, recordingStage } from './testing/recording-stage.ts';

const SENT_MS = 9000;

test('an automatic recording has every picture and every sound of the push, in each format', async () => {
  const { server, recorded, customer } = await recordingStage();
  const anna = new RoomClient(server.url);
  expect(await anna.enter('anna')).toMatchObject({ record: 'auto', formats: 7 });
  const { code, publisher } = await publishAndPush(anna);
  publisher.sendUntil(SENT_MS);
  publisher.finish();
  const sent = await framesOf(sentUntil(SENT_MS));
  expect(sent.pictures.length).toBeGreaterThan(200);
  for (const [format, kind] of [
    ['flv', 'flv'],
    ['mp4', 'mov'],
    ['hls', 'hls'],
  ] as const) {
    const event = await recorded(format);
    const { video_url: url, duration } = event;
    expect(event).toMatchObject({ stream_id: code, channel_id: code, file_format: format, media_start_time: 0 });
    expect(event.end_time - event.start_time).toBeGreaterThanOrEqual(8);
    expect(await framesOf(url)).toEqual(sent);
    expect(await kindOf(url)).toContain(kind);
    expect(Math.abs((await durationOf(url)) - SENT_MS / 1000)).toBeLessThan(0.2);
    expect(duration).toBe(SENT_MS / 1000);
  }
  const told = customer.inbox.all.filter(({ event }) => event.event_type === 100);
  expect(told.length).toBe(3);
});

test('recording by hand: MP4 without a callback, as the table says, and nothing else', async () => {
  const { server, api, customer } = await recordingStage({ app: { bypass: 'manual', record: 'manual' } });
  const anna = new RoomClient(server.url);
  expect(await anna.enter('anna')).toMatchObject({ bypass: 'manual', record: 'manual', formats: 4 });
  expect(await anna.ask({ kind: 'start-record', track: 'main', formats: 4 })).toMatchObject({
    code: 'room/no-track',
  });
  const { code, publisher } = await anna.publish();
  publisher.sendUntil(2500);
  expect(await anna.startPush()).toMatchObject({ kind: 'pushed' });
  expect(await anna.ask({ kind: 'start-record', track: 'main', formats: 6 })).toMatchObject({
    kind: 'failed',
    code: 'record/not-offered',
  });
  const started = await anna.ask({ kind: 'start-record', track: 'main', formats: 4 });
  if (started.kind !== 'record-started') throw new Error(JSON.stringify(started));
  publisher.sendUntil(6000);
  // What was sent has been cut when a viewer of the stream has it all.
  await expect.poll(() => server.streams()[0]?.pieces).toBeGreaterThan(20);
  expect(await anna.ask({ kind: 'stop-record', task: '0'.repeat(32) })).toMatchObject({
    code: 'record/no-such-task',
  });
  const stopped = await anna.ask({ kind: 'stop-record', task: started.task });
  if (stopped.kind !== 'record-stopped') throw new Error(JSON.stringify(stopped));
  expect(stopped.files.map(({ format }) => format)).toEqual(['mp4']);
  const [file] = stopped.files;
  const { pictures, complaints } = await framesOf(file?.url ?? '');
  expect(complaints).toBe('');
  expect(pictures.length).toBeGreaterThan(10);
  const sent = await framesOf(sentUntil(6000));
  const from = sent.pictures.indexOf(pictures[0] ?? '');
  expect(pictures).toEqual(sent.pictures.slice(from, from + pictures.length));
  const { recordings } = (await (await fetch(`${api}/recordings?stream=${code}`)).json()) as { recordings: object[] };
  expect(recordings).toMatchObject([{ task: started.task, how: 'manual', state: 'finished', files: stopped.files }]);
  expect(customer.inbox.all.map(({ event }) => event.event_type)).toEqual([1]);
});

test('of one stream only so many recordings run on demand, and they end with their publisher', async () => {
  const { server, api } = await recordingStage({ app: { formats: 0, manualFormats: 2 } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  await publishAndPush(anna);
  const start = () => anna.ask({ kind: 'start-record', track: 'main', formats: 2 });
  for (let n = 0; n < 4; n++) expect(await start()).toMatchObject({ kind: 'record-started' });
  expect(await start()).toMatchObject({ kind: 'failed', code: 'origin/overloaded' });
  await anna.ask({ kind: 'close', track: 'main' });
  const states = async () => {
    const { recordings } = (await (await fetch(`${api}/recordings`)).json()) as { recordings: { state: string }[] };
    return recordings.map(({ state }) => state);
  };
  await expect.poll(states).toEqual(['finished', 'finished', 'finished', 'finished']);
});

test('a manual push chooses what is recorded of it, and nothing is recorded when it wants nothing', async () => {
  const { server, api, customer } = await recordingStage({ app: { bypass: 'manual' } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { publisher } = await anna.publish();
  publisher.sendUntil(2000);
  expect(await anna.startPush('main', 0)).toMatchObject({ kind: 'pushed' });
  await anna.ask({ kind: 'stop-push', channels: [] });
  expect(await anna.startPush('main', 2)).toMatchObject({ kind: 'pushed' });
  publisher.sendUntil(4000);
  publisher.finish();
  await customer.inbox.first(({ event }) => event.event_type === 100);
  const { recordings } = (await (await fetch(`${api}/recordings`)).json()) as { recordings: { formats: number }[] };
  expect(recordings.map(({ formats }) => formats)).toEqual([2]);
});

test('a part that is long enough ends at a keyframe, and the recording goes on in another file without a gap', async () => {
  const { server, customer } = await recordingStage({ app: { formats: 2 }, options: { recordMinutes: 1 } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { publisher } = await publishAndPush(anna);
  for (let ms = 10_000; ms <= 70_000; ms += 10_000) publisher.sendUntil(ms);
  publisher.finish();
  const files = () => customer.inbox.all.flatMap(({ event }) => (event.event_type === 100 ? [event] : []));
  await customer.inbox.first(() => files().length === 2);
  const [first, second] = files();
  const pictures = [
    ...(await framesOf(first?.video_url ?? '')).pictures,
    ...(await framesOf(second?.video_url ?? '')).pictures,
  ];
  expect(first?.duration).toBe(60);
  expect(pictures).toEqual((await framesOf(sentUntil(70_000))).pictures);
});

test('what is too old goes, files and all', async () => {
  const { server, api, dataDir, config, recorded } = await recordingStage({ app: { formats: 2, retentionDays: 1 } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { publisher } = await publishAndPush(anna);
  publisher.finish();
  const { task_id: task } = await recorded('flv');
  const dir = join(dataDir, 'recordings', '8888', task);
  expect(existsSync(dir)).toBe(true);
  expect((await fetch(`${api}/recordings/${task}`)).status).toBe(200);
  await server.close();
  const usual = systemClock();
  const later = { ...usual, wall: () => usual.wall() + 86_400_000 + 60_000 };
  const next = await startServer(config, { clock: later });
  await expect.poll(() => existsSync(dir)).toBe(false);
  expect((await fetch(`${next.url}/bypass/8888/recordings/${task}`)).status).toBe(404);
});
