import { expect, test } from 'vitest';
import { type AmfValue, decodeAmf, encodeAmf } from '../flv/amf.ts';
import { FLV_HEADER, readTags, SCRIPT_TAG, VIDEO_TAG } from '../flv/tags.ts';
import { ChunkReader, MESSAGE, type Message, writeMessage } from './chunks.ts';
import { RtmpSession, type SessionOutput } from './session.ts';

const GREETING = Buffer.concat([Buffer.from([3]), Buffer.alloc(1536 * 2, 7)]);

/** A client of a session: what it says, and what it heard. */
const connect = () => {
  const session = new RtmpSession();
  const outputs: SessionOutput[] = [];
  const drain = (): void => {
    for (let output = session.poll(); output !== undefined; output = session.poll()) outputs.push(output);
  };
  const push = (bytes: Buffer): void => {
    session.push(bytes);
    drain();
  };
  const say = (type: number, body: Buffer, timestampMs = 0): void =>
    push(writeMessage(3, { type, timestampMs, streamId: 1, body }));
  const command = (...values: readonly AmfValue[]): void => say(MESSAGE.command, encodeAmf(...values));
  const heard = (): Message[] => {
    const reader = new ChunkReader();
    const bytes = outputs.flatMap((output) => (output.kind === 'send' ? [output.bytes] : []));
    return reader.push(Buffer.concat(bytes.slice(1))) ?? [];
  };
  const codes = (): unknown[] =>
    heard()
      .filter(({ type }) => type === MESSAGE.command)
      .map(({ body }) => decodeAmf(body))
      .map((values) => (values[3] as { code?: string } | null)?.code ?? values[0]);
  return { session, outputs, drain, push, say, command, heard, codes };
};

/** A client that has asked to publish or play. */
const asking = (wish: 'publish' | 'play', name = 'door?key=k', app = 'live') => {
  const client = connect();
  client.push(GREETING);
  client.command('connect', 1, { app, tcUrl: `rtmp://h/${app}` });
  client.command('releaseStream', 2, null, name);
  client.command('FCPublish', 3, null, name);
  client.command('createStream', 4, null);
  client.command(wish, 5, null, name, 'live');
  return client;
};

test('an encoder is answered as OBS and ffmpeg expect, and its tags come out as FLV', () => {
  const client = asking('publish');
  expect(client.outputs.at(-1)).toEqual({ kind: 'publish', path: '/live/door', credentials: 'key=k' });
  client.session.accept();
  client.drain();
  expect(client.codes()).toEqual([
    'NetConnection.Connect.Success',
    '_result',
    'NetStream.Publish.Start',
    '_result',
    '_result',
    'NetStream.Publish.Start',
  ]);
  client.say(MESSAGE.data, encodeAmf('@setDataFrame', 'onMetaData', { width: 640 }));
  client.say(MESSAGE.video, Buffer.from([0x17, 0, 0, 0, 0]), 40);
  client.say(MESSAGE.video, Buffer.from([0x90, 0x68, 0x76, 0x63, 0x31]), 0x1000001);
  client.command('deleteStream', 6, null, 1);
  const tags = client.outputs.flatMap((output) => (output.kind === 'tag' ? [output.bytes] : []));
  expect(readTags(Buffer.concat([FLV_HEADER, ...tags])).map(({ type, dtsMs }) => [type, dtsMs])).toEqual([
    [SCRIPT_TAG, 0],
    [VIDEO_TAG, 40],
    [VIDEO_TAG, 0x1000001],
  ]);
  expect(client.outputs.at(-1)).toEqual({ kind: 'finished' });
});

test.each([
  ['live', 'door?key=k', '/live/door', 'key=k'],
  ['live/', 'door', '/live/door', ''],
  ['live?key=k', 'door', '/live/door', 'key=k'],
  ['a/b', '/c', '/a/b/c', ''],
  ['live', '../../etc', '/live/../../etc', ''],
])('%s and %s name %s', (app, name, path, credentials) => {
  expect(asking('publish', name, app).outputs.at(-1)).toEqual({ kind: 'publish', path, credentials });
});

test('a player is told that the stream begins, and that it has ended', () => {
  const client = asking('play');
  client.session.accept();
  client.session.end();
  client.drain();
  expect(client.codes().slice(-3)).toEqual([
    'NetStream.Play.Reset',
    'NetStream.Play.Start',
    'NetStream.Play.UnpublishNotify',
  ]);
});

test('whoever is refused hears why, and is heard no more', () => {
  const client = asking('publish');
  client.session.refuse('NetStream.Publish.BadName', 'taken');
  client.say(MESSAGE.video, Buffer.from([0x17, 0, 0, 0, 0]));
  client.command('publish', 6, null, 'other', 'live');
  expect(client.codes().at(-1)).toBe('NetStream.Publish.BadName');
  expect(client.outputs.filter(({ kind }) => kind === 'publish' || kind === 'tag').length).toBe(1);
});

test('AMF3 commands, aggregates, pings and acknowledgements are understood', () => {
  const client = connect();
  client.push(GREETING);
  client.say(MESSAGE.command3, Buffer.concat([Buffer.alloc(1), encodeAmf('connect', 1, { app: 'live' })]));
  client.say(MESSAGE.windowSize, Buffer.from([0, 0, 0x10, 0]));
  client.say(MESSAGE.userControl, Buffer.from([0, 6, 1, 2, 3, 4]));
  client.command('publish', 2, null, 'door', 'live');
  client.session.accept();
  const tags = readTagsOf([1000, 1040]);
  client.say(MESSAGE.aggregate, tags, 5000);
  client.say(MESSAGE.video, Buffer.alloc(9000, 0x27), 5080);
  const out = client.outputs.flatMap((output) => (output.kind === 'tag' ? [output.bytes] : []));
  const times = readTags(Buffer.concat([FLV_HEADER, ...out])).map(({ dtsMs }) => dtsMs);
  expect(times).toEqual([5000, 5040, 5080]);
  const controls = client.heard().filter(({ type }) => type === MESSAGE.userControl);
  expect(controls.some(({ body }) => body.equals(Buffer.from([0, 7, 1, 2, 3, 4])))).toBe(true);
  expect(client.heard().some(({ type }) => type === MESSAGE.acknowledgement)).toBe(true);
});

const readTagsOf = (times: readonly number[]): Buffer =>
  Buffer.concat(
    times.map((ms) => {
      const tag = Buffer.alloc(11 + 5 + 4, 0x27);
      tag.writeUInt8(VIDEO_TAG, 0);
      tag.writeUIntBE(5, 1, 3);
      tag.writeUIntBE(ms, 4, 3);
      tag.writeUInt32BE(0, 7);
      return tag;
    }),
  );

const broken = (client: ReturnType<typeof connect>): boolean => client.outputs.at(-1)?.kind === 'broken';

test('what is no RTMP, or not in its order, or too much of it, is cut', () => {
  const http = connect();
  http.push(Buffer.from('GET / HTTP/1.1\r\n'));
  expect(broken(http)).toBe(true);

  const early = connect();
  early.push(GREETING);
  early.command('publish', 1, null, 'door', 'live');
  expect(broken(early)).toBe(true);

  const twice = asking('publish');
  twice.command('connect', 9, { app: 'live' });
  expect(broken(twice)).toBe(true);

  const chatty = asking('publish');
  for (let n = 0; n < 300; n++) chatty.command('releaseStream', n, null, 'x');
  expect(broken(chatty)).toBe(true);

  const large = connect();
  large.push(GREETING);
  large.push(Buffer.from([3, 0, 0, 0, 0x02, 0, 0, 20, 0, 0, 0, 0]));
  expect(broken(large)).toBe(true);
});

test('unfinished messages are bounded together', () => {
  const reader = new ChunkReader();
  const start = (chunkStream: number): Message[] | undefined =>
    reader.push(
      Buffer.concat([Buffer.from([chunkStream, 0, 0, 0, 0x3f, 0xff, 0xff, 9, 1, 0, 0, 0]), Buffer.alloc(128)]),
    );
  expect(start(4)).toEqual([]);
  expect(start(5)).toEqual([]);
  expect(start(6)).toBeUndefined();
  const abort = new ChunkReader();
  const begin = Buffer.concat([Buffer.from([4, 0, 0, 0, 0x3f, 0xff, 0xff, 9, 1, 0, 0, 0]), Buffer.alloc(128)]);
  for (let n = 0; n < 10; n++) {
    expect(abort.push(begin)).toEqual([]);
    expect(
      abort.push(
        writeMessage(2, { type: MESSAGE.abort, timestampMs: 0, streamId: 0, body: Buffer.from([0, 0, 0, 4]) }),
      ),
    ).toHaveLength(1);
  }
});

test('noise and damaged conversations end in a word, never in an exception, and never publish unasked', () => {
  let state = 7;
  const dice = (below: number): number => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
  const good = Buffer.concat([
    GREETING,
    writeMessage(3, {
      type: MESSAGE.command,
      timestampMs: 0,
      streamId: 0,
      body: encodeAmf('connect', 1, { app: 'live' }),
    }),
    writeMessage(3, { type: MESSAGE.command, timestampMs: 0, streamId: 0, body: encodeAmf('createStream', 2, null) }),
    writeMessage(3, {
      type: MESSAGE.command,
      timestampMs: 0,
      streamId: 1,
      body: encodeAmf('publish', 3, null, 'd', 'live'),
    }),
    ...[0, 40, 80].map((timestampMs) =>
      writeMessage(6, { type: MESSAGE.video, timestampMs, streamId: 1, body: Buffer.alloc(700, 0x27) }),
    ),
  ]);
  let tags = 0;
  for (let run = 0; run < 400; run++) {
    const bytes = run % 4 === 0 ? Buffer.from(Array.from({ length: 4000 }, () => dice(256))) : Buffer.from(good);
    if (run % 4 === 0) bytes[0] = 3;
    else for (let n = dice(6); n > 0; n--) bytes[3000 + dice(bytes.length - 3000)] = dice(256);
    const client = connect();
    for (let at = 0; at < bytes.length; ) {
      const step = 1 + dice(600);
      client.push(bytes.subarray(at, at + step));
      if (client.outputs.some(({ kind }) => kind === 'publish')) client.session.accept();
      at += step;
    }
    const published = client.outputs.some(({ kind }) => kind === 'publish');
    const made = client.outputs.filter(({ kind }) => kind === 'tag').length;
    if (!published) expect(made).toBe(0);
    tags += made;
  }
  expect(tags).toBeGreaterThan(100);
});
