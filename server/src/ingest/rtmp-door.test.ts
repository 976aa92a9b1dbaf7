import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type AmfValue, encodeAmf } from '../flv/amf.ts';
import { MESSAGE, writeMessage } from '../rtmp/chunks.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { startServer } from '../testing/servers.ts';

const dial = (rtmpUrl: string | undefined): { readonly socket: Socket; readonly closed: Promise<void> } => {
  const { port } = new URL((rtmpUrl ?? '').replace('rtmp', 'http'));
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
};

const command = (...values: readonly AmfValue[]): Buffer =>
  writeMessage(3, { type: MESSAGE.command, timestampMs: 0, streamId: 1, body: encodeAmf(...values) });

const publishing = (name: string): Buffer =>
  Buffer.concat([
    Buffer.from([3]),
    Buffer.alloc(1536 * 2),
    command('connect', 1, { app: 'live' }),
    command('createStream', 2, null),
    command('publish', 3, null, name, 'live'),
  ]);

const video = (bytes: number): Buffer =>
  writeMessage(6, { type: MESSAGE.video, timestampMs: 0, streamId: 1, body: Buffer.alloc(bytes, 0x27) });

test('what is no RTMP is cut off, and the server goes on', async () => {
  const server = await startServer({ rtmpPort: 0 });
  const { socket, closed } = dial(server.rtmpUrl);
  socket.write('GET / HTTP/1.1\r\n\r\n');
  await closed;
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test('a publisher above the limit is cut off', async () => {
  const server = await startServer({ rtmpPort: 0, publish: 'open', publishMbps: 1 });
  const { socket, closed } = dial(server.rtmpUrl);
  socket.write(publishing('a'));
  await vi.waitFor(() => expect(server.streams()).toMatchObject([{ path: '/live/a' }]));
  socket.write(video(2_000_000));
  await closed;
});

test('a publisher that says nothing after it was let in has to go, and leaves no stream behind', async () => {
  const server = await startServer({ rtmpPort: 0, publish: 'open', linger: 0, publishSilence: 1 });
  const first = dial(server.rtmpUrl);
  first.socket.write(publishing('a'));
  await vi.waitFor(() => expect(server.streams()).toMatchObject([{ path: '/live/a', epoch: undefined }]));
  await first.closed;
  await vi.waitFor(() => expect(server.streams()).toEqual([]));
});

test('who greets and then asks for nothing is cut off', async () => {
  const clock = new ManualClock();
  const server = await startServer({ rtmpPort: 0 }, { clock });
  const { socket, closed } = dial(server.rtmpUrl);
  const greeted = new Promise((resolve) => socket.once('data', resolve));
  socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536)]));
  await greeted;
  clock.advance(10_001);
  await closed;
});

test('connections beyond the limit are closed as they come', async () => {
  const server = await startServer({ rtmpPort: 0, maxViewers: 2 });
  const dialled = [1, 2, 3].map(() => dial(server.rtmpUrl));
  await Promise.any(dialled.map(({ closed }) => closed));
  expect(dialled.filter(({ socket }) => !socket.destroyed).length).toBe(2);
});

test('a name that no stream can have is refused', async () => {
  const server = await startServer({ rtmpPort: 0, publish: 'open' });
  const { socket, closed } = dial(server.rtmpUrl);
  const heard: Buffer[] = [];
  socket.on('data', (bytes) => heard.push(bytes));
  socket.write(publishing('../up'));
  await closed;
  expect(Buffer.concat(heard).toString('latin1')).toMatch(/NetStream\.Publish\.BadName/);
});
