// The clocks of live pushes on a whole server, whose clock is turned by hand.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshFolder } from '../testing/folders.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { startServer } from '../testing/servers.ts';
import { CLIENT_RETRY_MS, RETRY_MS, START_MS } from './live-push.ts';
import { GRACE_MS } from './rooms.ts';
import { RoomClient } from './testing/room-client.ts';

const stage = async (app: object = {}) => {
  const clock = new ManualClock();
  const file = join(freshFolder('clocks'), 'apps.json');
  writeFileSync(file, JSON.stringify([{ bizid: 8888, formats: 0, ...app }]));
  const server = await startServer({ bypass: file, rtmpPort: 'off', publishSilence: 600 }, { clock });
  return { clock, server };
};

/** News of a push since the last look, in short. */
const newsOf = (client: RoomClient): string[] =>
  client.inbox.all.flatMap((item) => (item.kind === 'push' ? [item.state] : []));

/** Whatever the server was going to say has arrived: it answers in order. */
const settle = async (client: RoomClient): Promise<void> => {
  expect(await client.ask({ kind: 'stop-record', task: 'none' })).toMatchObject({ kind: 'failed' });
};

test('the three clocks are three', () => {
  expect([START_MS, RETRY_MS, CLIENT_RETRY_MS]).toEqual([3000, 5000, 3000]);
});

test('a start without a picture fails after three seconds, and is tried again every five', async () => {
  const { clock, server } = await stage();
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { publisher } = await anna.publish();
  await anna.pushIs('starting');
  clock.advance(START_MS - 1);
  await settle(anna);
  expect(newsOf(anna)).toEqual(['starting']);
  clock.advance(1);
  await anna.pushIs('retrying');
  clock.advance(RETRY_MS - 1);
  await settle(anna);
  expect(newsOf(anna)).toEqual(['starting', 'retrying']);
  const again = anna.inbox.next((item) => item.kind === 'push' && item.state === 'starting');
  clock.advance(1);
  await again;
  publisher.sendUntil(3000);
  await anna.pushIs('running');
  expect(newsOf(anna)).toEqual(['starting', 'retrying', 'starting', 'running']);
});

test('a start that finds no room is tried again five seconds later, and runs when there is', async () => {
  const { clock, server } = await stage({ pushesMax: 1 });
  const anna = new RoomClient(server.url);
  const bert = new RoomClient(server.url);
  await anna.enter('anna');
  await bert.enter('bert');
  (await anna.publish()).publisher.sendUntil(3000);
  await anna.pushIs('running');
  (await bert.publish()).publisher.sendUntil(3000);
  await bert.pushIs('retrying');
  await anna.ask({ kind: 'leave' });
  clock.advance(RETRY_MS - 1);
  await settle(bert);
  expect(newsOf(bert)).toEqual(['starting', 'retrying']);
  clock.advance(1);
  await bert.pushIs('running');
});

test('by hand, a start that fails is answered and not tried again by the server', async () => {
  const { clock, server } = await stage({ bypass: 'manual', pushesMax: 1 });
  const anna = new RoomClient(server.url);
  const bert = new RoomClient(server.url);
  await anna.enter('anna');
  await bert.enter('bert');
  (await anna.publish()).publisher.sendUntil(3000);
  expect(await anna.startPush()).toMatchObject({ kind: 'pushed' });
  (await bert.publish()).publisher.sendUntil(3000);
  expect(await bert.startPush()).toMatchObject({ kind: 'failed', code: 'origin/overloaded' });
  await anna.ask({ kind: 'leave' });
  clock.advance(10 * RETRY_MS);
  await settle(bert);
  expect(newsOf(bert).at(-1)).toBe('stopped');
  expect(await bert.startPush()).toMatchObject({ kind: 'pushed' });
});

test('a socket that is lost is a leave after ten seconds, unless the user enters again', async () => {
  const { clock, server } = await stage();
  const anna = new RoomClient(server.url);
  const bert = new RoomClient(server.url);
  await anna.enter('anna');
  await bert.enter('bert');
  const { code, publisher } = await anna.publish();
  publisher.sendUntil(3000);
  await anna.pushIs('running');
  anna.socket.terminate();
  await anna.closed;
  const back = new RoomClient(server.url);
  expect(await back.enter('anna')).toMatchObject({
    members: [
      { user: 'anna', tracks: ['main'] },
      { user: 'bert', tracks: [] },
    ],
  });
  clock.advance(2 * GRACE_MS);
  expect(await back.startPush()).toMatchObject({ kind: 'pushed', channelId: code });
  back.socket.terminate();
  await back.closed;
  await expect
    .poll(
      () => {
        clock.advance(1000);
        return bert.inbox.all.some((item) => item.kind === 'gone');
      },
      { interval: 5 },
    )
    .toBe(true);
  await publisher.closed;
});
