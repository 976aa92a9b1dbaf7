// Disks that are full: by measure, and for real, on a disk of a few megabytes where this machine lets us make one.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { RoomClient } from '../bypass/testing/room-client.ts';
import { framesOf, sentUntil } from './testing/frames.ts';
import { publishAndPush, recordingStage } from './testing/recording-stage.ts';

const TEST_MS = 90_000;
const DISK_BYTES = 6 * 1024 * 1024;

/** A disk of its own; undefined where this machine does not let us. */
const smallDisk = (): string | undefined => {
  const dir = mkdtempSync(join(tmpdir(), 'shoal-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'shoal-test', dir]);
  if (status !== 0) return undefined;
  afterAll(() => {
    spawnSync('umount', ['-l', dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
};

interface Sheet {
  readonly state: string;
  readonly trouble: string | undefined;
  readonly files: readonly { readonly url: string }[];
}

const sheetsOf = async (api: string): Promise<readonly Sheet[]> =>
  ((await (await fetch(`${api}/recordings`)).json()) as { readonly recordings: readonly Sheet[] }).recordings;

const polled = <T>(state: () => T | Promise<T>) => expect.poll(state, { interval: 20 });

test('below its margin nothing is recorded: by hand it is refused, by itself it waits', async () => {
  // More than any disk has.
  const recordFreeMegabytes = 100_000_000;
  const { server, api } = await recordingStage({ options: { recordFreeMegabytes } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { publisher } = await publishAndPush(anna);
  expect(await anna.ask({ kind: 'start-record', track: 'main', formats: 4 })).toMatchObject({
    code: 'record/disk-full',
  });
  expect(await anna.ask({ kind: 'take-screenshot', track: 'main' })).toMatchObject({ code: 'record/disk-full' });
  expect(await sheetsOf(api)).toMatchObject([{ state: 'blocked', files: [] }]);
  publisher.finish();
  await polled(async () => (await sheetsOf(api))[0]?.state).toBe('finished');
});

const disk = smallDisk();
/** A machine that mounts nothing for us reads at the end which test did not run, and why. */
const onSmallDisk = (name: string, body: () => Promise<void>) =>
  disk === undefined ? test.skip('recordings: a small disk cannot be mounted', body) : test(name, body, TEST_MS);

onSmallDisk(
  'a disk that fills up keeps what it has, the push goes on, and so does the recording when there is room',
  async () => {
    const dataDir = join(disk ?? '', 'data');
    mkdirSync(dataDir);
    const { server, api, recorded, customer } = await recordingStage({ app: { formats: 2 }, options: { dataDir } });
    const anna = new RoomClient(server.url);
    await anna.enter('anna');
    const { code, publisher } = await publishAndPush(anna);
    // Somebody else takes most of the room.
    const { bavail, bsize } = statfsSync(dataDir);
    writeFileSync(join(disk ?? '', 'other'), Buffer.alloc(bavail * bsize - 1_500_000));
    let ms = 1000;
    const sendMore = () => {
      ms += 2000;
      publisher.sendUntil(ms);
    };
    await polled(async () => {
      sendMore();
      return (await sheetsOf(api))[0]?.state;
    }).toBe('blocked');
    const first = await recorded('flv');
    expect(first.file_size).toBeGreaterThan(500_000);
    expect((await fetch(`${server.url}/live/${code}.flv`, { method: 'HEAD' })).status).toBe(200);

    rmSync(join(disk ?? '', 'other'));
    const running = customer.inbox.next(({ event }) => event.event_type === 100);
    await polled(async () => (await sheetsOf(api))[0]?.state).toBe('recording');
    // From the next keyframe on.
    for (let n = 0; n < 4; n++) sendMore();
    publisher.finish();
    await running;
    await polled(async () => (await sheetsOf(api))[0]?.state).toBe('finished');
    const [sheet] = await sheetsOf(api);
    expect(sheet?.files.length).toBe(2);
    const sent = (await framesOf(sentUntil(ms))).pictures;
    const [before, after] = await Promise.all((sheet?.files ?? []).map(({ url }) => framesOf(url)));
    expect(before?.complaints).toBe('');
    expect(before?.pictures.length).toBeGreaterThan(25);
    expect(before?.pictures).toEqual(sent.slice(0, before?.pictures.length));
    expect(after?.complaints).toBe('');
    expect(after?.pictures.length).toBeGreaterThan(50);
    expect(after?.pictures).toEqual(sent.slice(-(after?.pictures.length ?? 0)));
    expect(readdirSync(dataDir)).toContain('recordings');
  },
);
