// Recordings on a whole server: each format against what was sent, picture by picture.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RoomClient } from '../bypass/testing/room-client.ts';
import { startCustomer } from '../callbacks/testing/events.ts';
import type { ServerConfig } from '../options.ts';
import { startServer } from '../testing/servers.ts';
import { durationOf, framesOf, kindOf, sentUntil } from './testing/frames.ts';

/** A server with one app that records, and its customer. */
const stage = async (app: object = {}, options: Partial<ServerConfig> = {}) => {
  const customer = await startCustomer();
  const dataDir = mkdtempSync(join(tmpdir(), 'shoal-recording-'));
  const file = join(dataDir, 'apps.json');
  const callback = { url: customer.url, key: 'key' };
  writeFileSync(file, JSON.stringify([{ bizid: 8888, callback, ...app }]));
  const server = await startServer({
    bypass: file,
    publish: 'off',
    rtmpPort: 'off',
    dataDir,
    recordFreeMegabytes: 0,
    ...options,
  });
  const recorded = async (format: string) =>
    (await customer.inbox.first(({ event }) => event.event_type === 100 && event.file_format === format)).event;
  return { customer, server, dataDir, recorded };
};

/** Records what is sent until a media time, begun while its first seconds are there already. */
const SENT_MS = 9000;

const publishAll = async (anna: RoomClient) => {
  const { code, publisher } = await anna.publish();
  publisher.sendUntil(1000);
  await anna.pushIs('running');
  return { code, publisher };
};

test('an automatic recording has every picture and every sound of the push, in each format', async () => {
  const { server, recorded, customer } = await stage();
  const anna = new RoomClient(server.url);
  expect(await anna.enter('anna')).toMatchObject({ record: 'auto', formats: 7 });
  const { code, publisher } = await publishAll(anna);
  // Each format begins at the newest keyframe it finds; the first is there from the beginning.
  publisher.sendUntil(SENT_MS);
  publisher.finish();
  const sent = await framesOf(sentUntil(SENT_MS));
  for (const [format, kind] of [
    ['flv', 'flv'],
    ['mp4', 'mov'],
    ['hls', 'hls'],
  ] as const) {
    const event = await recorded(format);
    expect(event).toMatchObject({ stream_id: code, file_size: expect.any(Number), task_id: expect.any(String) });
    if (event.event_type !== 100) throw new Error('no recording');
    const { video_url: url, duration } = event;
    const { pictures, sounds, complaints } = await framesOf(url);
    expect(await kindOf(url)).toContain(kind);
    expect(complaints).toBe(sent.complaints);
    expect(pictures.length).toBeGreaterThan(0);
    expect(pictures).toEqual(sent.pictures.slice(-pictures.length));
    expect(sounds).toEqual(sent.sounds.slice(-sounds.length));
    expect(pictures.length).toBe(sent.pictures.length);
    expect(await durationOf(url)).toBeGreaterThan(SENT_MS / 1000 - 0.2);
    expect(await durationOf(url)).toBeLessThan(SENT_MS / 1000 + 0.2);
    expect(duration).toBe(Math.round(SENT_MS / 1000));
  }
  const told = customer.inbox.all.filter(({ event }) => event.event_type === 100);
  expect(told.length).toBe(3);
});
