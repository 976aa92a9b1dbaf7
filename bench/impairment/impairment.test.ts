/**
 * The impairments are really there: on the way to a server, and on every path between viewers.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createNodePeer } from '../../src/carrier/node/datachannel-peer.ts';
import { decodeSignal, encodeSignal } from '../../src/carrier/signal-batch.ts';
import { measureHops } from '../hop/hops.ts';
import { startFront } from './front.ts';
import { NetRelay, ownAddress } from './netrelay.ts';
import { SignalPaths } from './signal-paths.ts';

const BUILD_MS = 120_000;

const startRelay = (conditions: { rttMs: number; lossPercent: number; queueMs?: number }): NetRelay => {
  const relay = NetRelay.start(conditions);
  onTestFinished(() => relay.close());
  return relay;
};

test('a request to the server takes connecting and a round trip, and its bytes are counted', async () => {
  const server = createServer((_, response) => response.end(Buffer.alloc(5000)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const front = await startFront({ rttMs: 60, portOf: () => port });
  onTestFinished(() => {
    front.close();
    server.close();
  });
  const began = performance.now();
  const [response] = await once(get({ port: front.port, path: '/live/demo.flv', agent: false }), 'response');
  response.resume();
  await once(response, 'end');
  expect(performance.now() - began).toBeGreaterThan(119);
  expect(front.sent().plain).toBeGreaterThan(5000);
  expect(front.sent().pieces).toBe(0);
});

test('packets between two sides cross the relay, slowed by the uplink of the sender', {
  timeout: BUILD_MS,
}, async () => {
  const relay = startRelay({ rttMs: 40, lossPercent: 0, queueMs: 1000 });
  const [portA, portB] = [await relay.addViewer(1, 10_000), await relay.addViewer(2, 0)];
  const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
  const real: string[] = [];
  for (const socket of sockets) {
    socket.bind(0, relay.ip);
    await once(socket, 'listening');
    real.push(`${relay.ip}:${socket.address().port}`);
    onTestFinished(() => void socket.close());
  }
  relay.addAddress(1, 1, real[0] ?? '');
  relay.addAddress(1, 2, real[1] ?? '');
  await relay.stats();
  const [a, b] = sockets;
  const began = performance.now();
  const arrived = new Promise<number>((resolve) => {
    let left = 5;
    b.on('message', (_, from) => {
      expect(from.port).toBe(portA);
      left--;
      if (left === 0) resolve(performance.now() - began);
    });
  });
  for (let packet = 0; packet < 5; packet++) a.send(Buffer.alloc(100), portB, relay.ip);
  // 500 bytes at 10,000 a second, and half a round trip.
  expect(await arrived).toBeGreaterThan(50 + 20 - 2);
  expect((await relay.stats()).packets).toBe(5);
});

test('a full uplink drops, and loss loses', { timeout: BUILD_MS }, async () => {
  const relay = startRelay({ rttMs: 0, lossPercent: 50, queueMs: 10 });
  const [, portB] = [await relay.addViewer(1, 1000), await relay.addViewer(2, 0)];
  const socket = createSocket('udp4');
  socket.bind(0, relay.ip);
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  relay.addAddress(1, 1, `${relay.ip}:${socket.address().port}`);
  relay.addAddress(1, 2, `${relay.ip}:9`);
  await relay.stats();
  for (let packet = 0; packet < 20; packet++) {
    await new Promise((sent) => socket.send(Buffer.alloc(100), portB, relay.ip, sent));
  }
  let stats = await relay.stats();
  while (stats.lost + (stats.uplinks.find(({ viewer }) => viewer === 1)?.dropped ?? 0) < 18)
    stats = await relay.stats();
  expect(stats.uplinks.find(({ viewer }) => viewer === 1)?.dropped).toBeGreaterThan(10);
  expect(stats.lost).toBeGreaterThan(0);
});

test('a link opens through the relay only, and a piece takes half the round trip', { timeout: BUILD_MS }, async () => {
  const relay = startRelay({ rttMs: 80, lossPercent: 0 });
  const paths = new SignalPaths(relay);
  await paths.join('a', 0);
  await paths.join('b', 0);
  const carry = async (from: 'a' | 'b', data: string): Promise<string> =>
    paths.rewrite({ from, to: from === 'a' ? 'b' : 'a', dial: 1 }, data);
  const { hopsMs, roundTripsMs } = await measureHops({ pieces: 3, everyMs: 0 }, { createPeer: createNodePeer, carry });
  expect(hopsMs).toHaveLength(3);
  for (const hop of hopsMs) expect(hop).toBeGreaterThan(39);
  for (const trip of roundTripsMs) expect(trip).toBeGreaterThan(79);
});

test('what a viewer is told holds no real address', { timeout: BUILD_MS }, async () => {
  const relay = startRelay({ rttMs: 0, lossPercent: 0 });
  const paths = new SignalPaths(relay);
  await paths.join('a', 0);
  const line = (ip: string, port: number): string => `candidate:1 1 udp 2122260223 ${ip} ${port} typ host`;
  const sdp = `v=0\r\na=mid:0\r\na=${line('10.1.2.3', 5)}\r\na=end-of-candidates\r\na=sctp-port:5000\r\n`;
  const real = [line('10.1.2.3', 6), line('fd00::7', 7)];
  const candidates = real.map((candidate) => ({ candidate, sdpMid: '0', sdpMLineIndex: 0 }));
  const route = { from: 'a', to: 'b', dial: 9 };
  const first = paths.rewrite(route, encodeSignal({ description: { type: 'offer', sdp }, candidates }));
  const told = decodeSignal(first);
  expect(told?.description?.sdp).toBe('v=0\r\na=mid:0\r\na=sctp-port:5000\r\n');
  expect(told?.candidates).toHaveLength(1);
  expect(told?.candidates[0]?.candidate).toContain(` ${ownAddress()} `);
  expect(first).not.toMatch(/10\.1\.2\.3|fd00/);
  expect(decodeSignal(paths.rewrite(route, encodeSignal({ candidates })))?.candidates).toEqual([]);
  expect(paths.rewrite(route, '')).toBe('');
});
