import { expect, test } from 'vitest';
import { RoomClient } from '../bypass/testing/room-client.ts';
import { systemClock } from '../clock.ts';
import { startServer } from '../testing/servers.ts';
import { kindOf } from './testing/frames.ts';
import { publishAndPush, recordingStage } from './testing/recording-stage.ts';

test('a screenshot on demand is a picture of the stream, and the customer is told with its size', async () => {
  const { server, pictured, api } = await recordingStage({ app: { formats: 0 } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  expect(await anna.ask({ kind: 'take-screenshot', track: 'main' })).toMatchObject({ code: 'room/no-track' });
  const { code } = await publishAndPush(anna);
  const taken = await anna.ask({ kind: 'take-screenshot', track: 'main' });
  if (taken.kind !== 'screenshot') throw new Error(JSON.stringify(taken));
  const answer = await fetch(taken.url);
  expect(answer.headers.get('content-type')).toBe('image/jpeg');
  const jpeg = Buffer.from(await answer.arrayBuffer());
  expect(await kindOf(jpeg)).toContain('mjpeg');
  const event = await pictured();
  expect(event).toMatchObject({
    stream_id: code,
    pic_full_url: taken.url,
    pic_url: new URL(taken.url).pathname,
    width: 640,
    height: 360,
    file_size: jpeg.length,
    create_time: expect.any(Number),
  });
  const list = (await (await fetch(`${api}/screenshots?stream=${code}`)).json()) as { screenshots: object[] };
  expect(list.screenshots).toMatchObject([{ url: taken.url, code, bytes: jpeg.length }]);
});

test('by interval, as long as the push runs', async () => {
  const { server, customer } = await recordingStage({ app: { formats: 0, screenshotSeconds: 1 } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { publisher } = await publishAndPush(anna);
  await customer.inbox.first(() => customer.inbox.all.filter(({ event }) => event.event_type === 200).length >= 2);
  publisher.finish();
  const { event } = await customer.inbox.first(({ event: { event_type } }) => event_type === 0);
  expect(event.event_type).toBe(0);
});

test('without ffmpeg there are none, and it is said why', async () => {
  const { server, api } = await recordingStage({ app: { formats: 0 }, options: { ffmpeg: 'off' } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { code } = await publishAndPush(anna);
  expect(await anna.ask({ kind: 'take-screenshot', track: 'main' })).toMatchObject({ code: 'record/no-ffmpeg' });
  const answer = await fetch(`${api}/screenshots`, { method: 'POST', body: JSON.stringify({ stream: code }) });
  expect(answer.status).toBe(501);
});

test('pictures are kept as long as recordings', async () => {
  const stage = await recordingStage({ app: { formats: 0, retentionDays: 1 } });
  const anna = new RoomClient(stage.server.url);
  await anna.enter('anna');
  await publishAndPush(anna);
  const taken = await anna.ask({ kind: 'take-screenshot', track: 'main' });
  if (taken.kind !== 'screenshot') throw new Error(JSON.stringify(taken));
  expect((await fetch(taken.url)).status).toBe(200);
  await stage.server.close();
  const usual = systemClock();
  const clock = { ...usual, wall: () => usual.wall() + 86_400_000 + 60_000 };
  const next = await startServer(stage.config, { clock });
  const path = new URL(taken.url).pathname;
  await expect.poll(async () => (await fetch(`${next.url}${path}`)).status).toBe(404);
});
