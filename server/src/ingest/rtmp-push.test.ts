import { expect, test, vi } from 'vitest';
import { readTags, SCRIPT_TAG } from '../flv/tags.ts';
import { probe, pushSample } from '../testing/encoders.ts';
import { PieceClient } from '../testing/piece-client.ts';
import { startServer } from '../testing/servers.ts';

const codecs = async (address: string): Promise<string[]> =>
  (await probe(address)).streams.map(({ codec_name }) => codec_name).sort();

const live = async (server: Awaited<ReturnType<typeof startServer>>, path: string): Promise<void> => {
  await vi.waitFor(() => expect(server.streams()).toMatchObject([{ path, state: 'live', epoch: expect.any(String) }]));
};

test('what ffmpeg pushes is live without a viewer, and leaves as pieces, FLV and RTMP', async () => {
  const server = await startServer({ publish: 'open', rtmpPort: 0, linger: 0 });
  const encoder = pushSample(`${server.rtmpUrl}/live/door`);
  await live(server, '/live/door');
  expect(server.publishers()).toMatchObject([{ path: '/live/door', via: 'rtmp', ip: '127.0.0.1' }]);
  expect(server.streams()).toMatchObject([{ viewers: 0 }]);
  const client = new PieceClient(`${server.url}/live/door.pieces`);
  await client.piecesUntil(20);
  const { sealed } = await client.head();
  const kinds = readTags(Buffer.from(sealed.head.prelude)).map(({ kind, type }) => (type === SCRIPT_TAG ? 's' : kind));
  expect(kinds.sort()).toEqual(['config', 'config', 's']);
  expect(await codecs(`${server.url}/live/door.flv`)).toEqual(['aac', 'h264']);
  expect(await codecs(`${server.rtmpUrl}/live/door`)).toEqual(['aac', 'h264']);
  const ended = client.nextFrame('ended');
  encoder.quit();
  expect((await ended).reason).toBe('source-ended');
  await client.close();
  await vi.waitFor(() => expect(server.streams()).toEqual([]));
});

test('a publisher without a right key is refused by name, one with it publishes', async () => {
  const server = await startServer({ rtmpPort: 0, publishKeys: { '/live/door': 'sesame-open' } });
  const refused = await pushSample(`${server.rtmpUrl}/live/door?key=sesame-shut`).ended;
  expect(refused.code).not.toBe(0);
  expect(server.streams()).toEqual([]);
  const encoder = pushSample(`${server.rtmpUrl}/live/door?key=sesame-open`);
  await live(server, '/live/door');
  expect(server.stopPublisher('/live/door')).toBe(true);
  expect((await encoder.ended).code).not.toBe(0);
  expect([server.publishers(), server.stopPublisher('/live/door')]).toEqual([[], false]);
});

test('the second publisher is refused and the first goes on; by option it takes over', async () => {
  const refusing = await startServer({ publish: 'open', rtmpPort: 0 });
  pushSample(`${refusing.rtmpUrl}/live/door`);
  await live(refusing, '/live/door');
  const epoch = refusing.streams()[0]?.epoch;
  expect((await pushSample(`${refusing.rtmpUrl}/live/door`).ended).code).not.toBe(0);
  expect(refusing.streams()).toMatchObject([{ state: 'live', epoch }]);

  const yielding = await startServer({ publish: 'open', rtmpPort: 0, secondPublisher: 'take-over' });
  const first = pushSample(`${yielding.rtmpUrl}/live/door`);
  await live(yielding, '/live/door');
  const before = yielding.streams()[0]?.epoch;
  pushSample(`${yielding.rtmpUrl}/live/door`);
  expect((await first.ended).code).not.toBe(0);
  await vi.waitFor(() => expect(yielding.streams()[0]?.epoch).not.toBe(before));
});
