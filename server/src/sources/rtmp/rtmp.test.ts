import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { samplePath } from '../../assets.ts';
import { encodeAmf } from '../../flv/amf.ts';
import { AUDIO_TAG, readTags, SCRIPT_TAG, VIDEO_TAG } from '../../flv/tags.ts';
import { ChunkReader, MESSAGE, type Message, writeMessage } from '../../rtmp/chunks.ts';
import { PieceClient } from '../../testing/piece-client.ts';
import { startServer } from '../../testing/servers.ts';
import type { SourceEvents } from '../source.ts';
import { type PlayerOutput, RtmpPlayer } from './player.ts';
import { startRtmp, targetOf } from './source.ts';

const message = (type: number, timestampMs: number, body: Buffer, streamId = 1): Message => ({
  type,
  timestampMs,
  streamId,
  body,
});

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** ffmpeg as an RTMP server that plays the sample to one player. */
const startFfmpeg = async (): Promise<string> => {
  const url = `rtmp://127.0.0.1:${await freePort()}/live/demo`;
  const args = [
    '-v',
    'error',
    '-re',
    '-stream_loop',
    '-1',
    '-i',
    samplePath(),
    '-c',
    'copy',
    '-f',
    'flv',
    '-listen',
    '1',
    url,
  ];
  const ffmpeg = spawn('ffmpeg', args, { stdio: 'ignore' });
  onTestFinished(() => {
    ffmpeg.kill('SIGKILL');
  });
  return url;
};

test('pulls a stream from ffmpeg by RTMP and serves it', async () => {
  const server = await startServer({ upstream: (await startFfmpeg()).replace('/live/demo', '') });
  let client = new PieceClient(`${server.url}/live/demo.pieces`);
  const begun = (): Promise<boolean> =>
    Promise.race([client.piecesUntil(30).then(() => true), client.closed.then(() => false)]);
  while (!(await begun())) client = new PieceClient(`${server.url}/live/demo.pieces`);
  const { sealed } = await client.head();
  const tags = readTags(Buffer.from(sealed.head.prelude));
  expect(tags.map((tag) => tag.type)).toEqual([SCRIPT_TAG, VIDEO_TAG, AUDIO_TAG]);
  expect(server.streams()).toMatchObject([{ path: '/live/demo', state: 'live' }]);
});

test('an address becomes application and stream name', () => {
  expect(targetOf(new URL('rtmp://host:1936/app/more/name?key=1'))).toEqual({
    app: 'app/more',
    name: 'name?key=1',
    tcUrl: 'rtmp://host:1936/app/more',
  });
});

test('messages survive being cut into chunks, in any portions', () => {
  const messages = [
    message(MESSAGE.command, 0, encodeAmf('connect', 1, { app: 'live' })),
    message(MESSAGE.video, 1000, Buffer.alloc(1000, 7)),
    message(MESSAGE.audio, 0xfffffe, Buffer.alloc(1, 8)),
    message(MESSAGE.data, 5, Buffer.alloc(0)),
  ];
  const bytes = Buffer.concat(messages.map((each) => writeMessage(5, each)));
  for (const step of [1, 3, 127, 128, 129, bytes.length]) {
    const reader = new ChunkReader();
    const read: Message[] = [];
    for (let at = 0; at < bytes.length; at += step) read.push(...(reader.push(bytes.subarray(at, at + step)) ?? []));
    expect(read).toEqual(messages);
  }
});

test('short headers, extended timestamps and a changed chunk size are understood', () => {
  const reader = new ChunkReader();
  const hex = (text: string): Buffer => Buffer.from(text.replace(/ /g, ''), 'hex');
  expect(reader.push(hex('02 000000 000004 01 00000000 00000200'))).toEqual([]);
  const full = reader.push(Buffer.concat([hex('06 00000a 000003 09 01000000'), Buffer.alloc(3, 1)]));
  expect(full).toEqual([message(9, 10, Buffer.alloc(3, 1))]);
  expect(reader.push(Buffer.concat([hex('46 000014 000002 09'), Buffer.alloc(2, 2)]))).toEqual([
    message(9, 30, Buffer.alloc(2, 2)),
  ]);
  expect(reader.push(Buffer.concat([hex('86 000005'), Buffer.alloc(2, 3)]))).toEqual([
    message(9, 35, Buffer.alloc(2, 3)),
  ]);
  expect(reader.push(Buffer.concat([hex('c6'), Buffer.alloc(2, 4)]))).toEqual([message(9, 40, Buffer.alloc(2, 4))]);
  const late = Buffer.concat([
    hex('06 ffffff 000258 09 01000000 01000001'),
    Buffer.alloc(512, 5),
    hex('c6 01000001'),
    Buffer.alloc(88, 5),
  ]);
  expect(reader.push(late)).toEqual([message(9, 0x1000001, Buffer.alloc(600, 5))]);
  expect(reader.push(Buffer.concat([hex('00 10 000001 000001 08 01000000'), Buffer.alloc(1)]))).toEqual([
    message(8, 1, Buffer.alloc(1)),
  ]);
  expect(reader.push(Buffer.concat([hex('01 1001 000001 000001 08 01000000'), Buffer.alloc(1)]))).toEqual([
    message(8, 1, Buffer.alloc(1)),
  ]);
});

test('chunks that make no sense are broken, never read past, never kept without bound', () => {
  const broken = (...bytes: number[]): void => expect(new ChunkReader().push(Buffer.from(bytes))).toBeUndefined();
  broken(0xc6);
  broken(0x06, 0, 0, 0, 0xff, 0xff, 0xff, 9, 0, 0, 0, 0);
  broken(0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  let state = 1;
  const dice = (): number => {
    state = (state * 48271) % 0x7fffffff;
    return state & 0xff;
  };
  for (let n = 0; n < 300; n++) {
    const reader = new ChunkReader();
    const noise = Buffer.from(Array.from({ length: 400 }, dice));
    for (let at = 0; at < noise.length; at += 37) if (reader.push(noise.subarray(at, at + 37)) === undefined) break;
  }
});

/** A player that has been greeted and has connected. */
const playing = () => {
  const player = new RtmpPlayer({ app: 'live', name: 'a', tcUrl: 'rtmp://h/live' });
  const outputs: PlayerOutput[] = [];
  const drain = (): void => {
    for (let output = player.poll(); output !== undefined; output = player.poll()) outputs.push(output);
  };
  const push = (bytes: Buffer): void => {
    player.push(bytes);
    drain();
  };
  const hear = (type: number, body: Buffer, timestampMs = 0): void =>
    push(writeMessage(4, message(type, timestampMs, body)));
  const greeting = Buffer.alloc(1 + 1536 * 2, 3);
  push(greeting.subarray(0, 100));
  push(greeting.subarray(100));
  hear(MESSAGE.command, encodeAmf('_result', 1, {}, { code: 'NetConnection.Connect.Success' }));
  hear(MESSAGE.command, encodeAmf('_result', 2, null, 1));
  return { outputs, hear, push };
};

const sent = (outputs: readonly PlayerOutput[]): Message[] => {
  const reader = new ChunkReader();
  const bytes = outputs.flatMap((output) => (output.kind === 'send' ? [output.bytes] : []));
  return reader.push(Buffer.concat(bytes.slice(2))) ?? [];
};

test('a player greets, connects, plays, and makes tags of what it hears', () => {
  const { outputs, hear } = playing();
  const commands = sent(outputs).filter(({ type }) => type === MESSAGE.command);
  expect(commands.map(({ body }) => body.toString('latin1', 3, 3 + body.readUInt16BE(1)))).toEqual([
    'connect',
    'createStream',
    'play',
  ]);
  hear(MESSAGE.data, encodeAmf('@setDataFrame', 'onMetaData', { width: 640 }));
  hear(MESSAGE.data, encodeAmf('|RtmpSampleAccess', true, true));
  hear(MESSAGE.video, Buffer.from([0x17, 0, 0, 0, 0]), 40);
  hear(MESSAGE.audio, Buffer.alloc(0), 41);
  const flv = Buffer.concat(outputs.flatMap((output) => (output.kind === 'flv' ? [output.bytes] : [])));
  expect(readTags(flv).map(({ type, dtsMs }) => [type, dtsMs])).toEqual([
    [SCRIPT_TAG, 0],
    [VIDEO_TAG, 40],
  ]);
});

test('a ping is answered, bytes are acknowledged', () => {
  const { outputs, hear } = playing();
  hear(MESSAGE.windowSize, Buffer.from([0, 0, 0x10, 0]));
  hear(MESSAGE.userControl, Buffer.from([0, 6, 1, 2, 3, 4]));
  hear(MESSAGE.video, Buffer.alloc(5000, 0x27));
  const answers = sent(outputs);
  expect(answers.find(({ type, body }) => type === MESSAGE.userControl && body[1] === 7)?.body).toEqual(
    Buffer.from([0, 7, 1, 2, 3, 4]),
  );
  expect(answers.some(({ type }) => type === MESSAGE.acknowledgement)).toBe(true);
});

test.each([
  ['NetStream.Play.StreamNotFound', { kind: 'failed', code: 'origin/not-found' }],
  ['NetStream.Play.UnpublishNotify', { kind: 'ended' }],
])('%s ends it', (code, output) => {
  const { outputs, hear } = playing();
  hear(MESSAGE.command, encodeAmf('onStatus', 0, null, { level: 'x', code }));
  expect(outputs.at(-1)).toMatchObject(output);
  const { length } = outputs;
  hear(MESSAGE.video, Buffer.alloc(5, 0x27));
  expect(outputs.length).toBe(length);
});

test('what is no RTMP, and what breaks off, is said so', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    if (sockets.length === 1) socket.write(Buffer.alloc(2000, 0x48));
    else socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const url = new URL(`rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/live/a`);
  const outcome = (): Promise<string> =>
    new Promise((resolve) => {
      const events: SourceEvents = {
        bytes: () => undefined,
        ended: () => resolve('ended'),
        failed: (code) => resolve(code),
      };
      startRtmp(url, events);
    });
  expect(await outcome()).toBe('source/bad-answer');
  expect(await outcome()).toBe('source/unreachable');
});
