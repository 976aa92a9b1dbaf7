// A server that is killed while it records: what it leaves plays, and its next start finishes it.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { RoomClient } from '../bypass/testing/room-client.ts';
import { hang, startCustomer } from '../callbacks/testing/events.ts';
import { freshFolder } from '../testing/folders.ts';
import { type Frames, framesOf, sentUntil } from './testing/frames.ts';

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));
const SENT_MS = 20_000;

/** The command in a process of its own; resolves with its address. */
const startProcess = async (
  args: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly url: string }> => {
  const line = ['--import', 'tsx', CLI, '-p', '0', '--host', '127.0.0.1', '--rtmp-port', 'off', ...args];
  const child = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [, found] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.on('close', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { child, url };
};

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('close', () => resolve()));

/** Pictures and sounds of a file are those that were sent, as far as it goes. */
const expectBeginning = ({ pictures, sounds }: Frames, sent: Frames, leastPictures: number): void => {
  expect(pictures.length).toBeGreaterThan(leastPictures);
  expect(pictures).toEqual(sent.pictures.slice(0, pictures.length));
  expect(sounds).toEqual(sent.sounds.slice(0, sounds.length));
};

test('kill -9 in the middle of a recording', async () => {
  const customer = await startCustomer();
  const dataDir = freshFolder('crash');
  const file = join(dataDir, 'apps.json');
  writeFileSync(file, JSON.stringify([{ bizid: 8888, callback: { url: customer.url, key: 'key' } }]));
  const args = ['--bypass', file, '--data-dir', dataDir, '--record-free-mb', '0', '--log-dir', dataDir];
  const first = await startProcess(args);
  const anna = new RoomClient(first.url);
  await anna.enter('anna');
  const { publisher } = await anna.publish();
  publisher.sendUntil(1000);
  await anna.pushIs('running');
  // The news of the push is still under way when the server dies.
  customer.manner = hang;
  for (let ms = 2000; ms <= SENT_MS; ms += 2000) publisher.sendUntil(ms);

  const folder = join(dataDir, 'recordings', '8888');
  await expect.poll(() => existsSync(folder) && readdirSync(folder).length).toBe(1);
  const dir = join(folder, readdirSync(folder)[0] ?? '');
  const find = (pattern: RegExp) =>
    readdirSync(dir, { recursive: true, encoding: 'utf8' }).find((name) => pattern.test(name)) ?? 'none';
  const path = (pattern: RegExp) => join(dir, find(pattern));
  const holds = (pattern: RegExp, bytes: number) => existsSync(path(pattern)) && statSync(path(pattern)).size > bytes;
  const whole = Buffer.byteLength(sentUntil(SENT_MS));
  await expect
    .poll(
      () =>
        holds(/\.flv$/, whole * 0.8) &&
        holds(/^\d+\.mp4$/, whole * 0.8) &&
        holds(/000004\.m4s$/, 0) &&
        readFileSync(path(/index\.m3u8$/), 'utf8').includes('000003.m4s'),
      { interval: 5 },
    )
    .toBe(true);
  const over = ended(first.child);
  first.child.kill('SIGKILL');
  await over;

  const sent = await framesOf(sentUntil(SENT_MS));
  const killedAt = { flv: path(/\.flv$/), mp4: path(/^\d+\.mp4$/), hls: path(/index\.m3u8$/) };
  // What a player shows before it waits for more: a playlist without an end is one of a stream that goes on.
  const listed = join(killedAt.hls, '..', 'listed.m3u8');
  writeFileSync(listed, `${readFileSync(killedAt.hls, 'utf8')}#EXT-X-ENDLIST\n`);
  // As they were left: the playlist lists twelve seconds at least, the files hold more.
  expectBeginning(await framesOf(killedAt.flv), sent, 300);
  expectBeginning(await framesOf(killedAt.mp4), sent, 300);
  expectBeginning(await framesOf(listed), sent, 250);

  customer.manner = ({ response }) => void response.end('{"code":0}');
  await startProcess(args);
  for (const format of ['flv', 'mp4', 'hls']) {
    const { event } = await customer.inbox.first(
      (received) => received.event.event_type === 100 && received.event.file_format === format,
    );
    if (event.event_type !== 100) throw new Error('no recording');
    const frames = await framesOf(event.video_url);
    expect(frames.complaints).toBe('');
    expectBeginning(frames, sent, 300);
    expect(Math.abs(event.duration - frames.pictures.length / 25)).toBeLessThan(1.1);
  }
  expect(readFileSync(killedAt.hls, 'utf8')).toContain('#EXT-X-ENDLIST');
  // What was recorded is reported once, and the cut of the push is told although nobody saw it.
  const kinds = customer.inbox.all.map(({ event }) => `${event.event_type}`);
  expect(kinds.filter((kind) => kind === '100').length).toBe(3);
  const { event: cut } = await customer.inbox.first(({ event }) => event.event_type === 0);
  expect(cut).toMatchObject({ errcode: 4, errmsg: 'the server was stopped without notice' });
});
