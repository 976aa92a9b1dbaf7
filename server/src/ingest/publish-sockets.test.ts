// Publishing by WebSocket against a real server: who is let in, what comes out, and what is refused with which code.

import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { PUBLISH_BURST } from '../../../src/wire/limits.ts';
import { decodePublishAnswer, encodePublish, type PublishAnswer, publishAddress } from '../../../src/wire/publish.ts';
import { makeFlv } from '../../../wasm/testing/flv-maker.ts';
import type { ServerConfig } from '../options.ts';
import { Inbox } from '../testing/piece-client.ts';
import { startServer } from '../testing/servers.ts';

const flv = makeFlv({ seconds: 4, gopSeconds: 1, audio: 'opus' });
const PATH = '/live/studio';
const SESSION = 'AAAAAAAAAAAAAAAAAAAAAA';

type Heard = PublishAnswer | { readonly kind: 'closed' };

const connect = (url: string, address: string) => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${address}`);
  const inbox = new Inbox<Heard>();
  socket.on('message', (data: Buffer) => {
    const answer = decodePublishAnswer(data.toString());
    if (answer.kind !== 'fault') inbox.put(answer);
  });
  socket.on('close', () => inbox.put({ kind: 'closed' }));
  socket.on('error', () => inbox.put({ kind: 'closed' }));
  onTestFinished(() => socket.terminate());
  const opened = new Promise<void>((resolve) => socket.once('open', resolve));
  return {
    socket,
    opened,
    heard: inbox.all,
    accepted: () => inbox.first(({ kind }) => kind === 'accepted'),
    received: (bytes: number) => inbox.first((one) => one.kind === 'received' && one.bytes === bytes),
    closed: () => inbox.first(({ kind }) => kind === 'closed'),
    refusal: async () => {
      await inbox.first(({ kind }) => kind === 'closed');
      return inbox.all.flatMap((one) => (one.kind === 'refused' ? [one.code] : []));
    },
  };
};

const start = (options: Partial<ServerConfig> = {}) => startServer({ publish: 'open', ...options });

it('a page pushes FLV: it is told what has arrived, and viewers get the stream', async () => {
  const server = await start();
  const publisher = connect(server.url, publishAddress(PATH, ''));
  await publisher.accepted();
  for (let at = 0; at < flv.length; at += 10_000) publisher.socket.send(flv.subarray(at, at + 10_000));
  await publisher.received(flv.length);
  const watching = await fetch(`${server.url}${PATH}.flv`);
  const reader = watching.body?.getReader();
  const first = await reader?.read();
  expect(Buffer.from(first?.value ?? []).toString('latin1', 0, 3)).toBe('FLV');
  publisher.socket.send(encodePublish({ kind: 'finish' }));
  await publisher.closed();
  expect(publisher.heard.some(({ kind }) => kind === 'refused')).toBe(false);
  await reader?.cancel();
});

it('without a right key nobody publishes, and the reason is said', async () => {
  const server = await start({ publish: 'keys', publishKeys: { [PATH]: 'let-me-in-please' } });
  expect(await connect(server.url, publishAddress(PATH, '')).refusal()).toEqual(['publish/refused']);
  expect(await connect(server.url, publishAddress(PATH, 'guess')).refusal()).toEqual(['publish/refused']);
  expect(await connect(server.url, publishAddress('/live/other', 'let-me-in-please')).refusal()).toEqual([
    'publish/refused',
  ]);
  expect(await connect(server.url, '/publish/live/%20x').refusal()).toEqual(['publish/bad-path']);
  const good = connect(server.url, publishAddress(PATH, 'let-me-in-please'));
  await good.accepted();
});

it('a second publisher is refused, but one that comes back with its session takes its own place', async () => {
  const server = await start();
  const first = connect(server.url, `${publishAddress(PATH, '')}?session=${SESSION}`);
  await first.accepted();
  first.socket.send(flv);
  expect(await connect(server.url, publishAddress(PATH, '')).refusal()).toEqual(['publish/taken']);
  expect(await connect(server.url, `${publishAddress(PATH, '')}?session=B${SESSION.slice(1)}`).refusal()).toEqual([
    'publish/taken',
  ]);
  const again = connect(server.url, `${publishAddress(PATH, '')}?session=${SESSION}`);
  await again.accepted();
  expect(await first.refusal()).toEqual(['publish/taken-over']);
  again.socket.send(flv);
  await again.received(flv.length);
});

it('what is no live FLV, no message of ours, or too much is cut off with its code', async () => {
  const server = await start();
  const open = async (path: string) => {
    const one = connect(server.url, publishAddress(path, ''));
    await one.accepted();
    return one;
  };
  const noise = await open('/live/noise');
  noise.socket.send(Buffer.alloc(5000, 7));
  expect(await noise.refusal()).toEqual(['publish/bad-stream']);
  const talker = await open('/live/talker');
  talker.socket.send('{"kind":"hello"}');
  expect(await talker.refusal()).toEqual(['publish/bad-message']);
  const flood = await open('/live/flood');
  flood.socket.send(flv);
  const empty = Buffer.alloc(0);
  for (let n = 0; n < PUBLISH_BURST + 2000; n++) flood.socket.send(empty);
  expect(await flood.refusal()).toEqual(['publish/too-fast']);
  const giant = await open('/live/giant');
  giant.socket.send(Buffer.alloc(5 * 1024 * 1024));
  await giant.closed();
});

it('one address connects so many publishers and no more', async () => {
  const server = await start();
  const many = Array.from({ length: 32 }, (_, n) => connect(server.url, publishAddress(`/live/s${n}`, '')));
  await Promise.all(many.map((one) => one.accepted()));
  expect(await connect(server.url, publishAddress('/live/more', '')).refusal()).toEqual(['publish/too-many']);
  many[0]?.socket.close();
  await many[0]?.closed();
  for (;;) {
    const next = connect(server.url, publishAddress('/live/more', ''));
    const answered = await Promise.race([next.accepted(), next.refusal()]);
    if (!Array.isArray(answered)) break;
    expect(answered).toEqual(['publish/too-many']);
  }
});
