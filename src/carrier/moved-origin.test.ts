/**
 * An address that sends everybody elsewhere, as an access layer does that hands out nodes: requests follow, sockets find
 * their way too.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startServer } from '../../server/src/testing/servers.ts';
import { ByteCore } from '../../wasm/abi.ts';
import { createFindMoved } from './moved-origin.ts';
import { createNodeViewer } from './node/node-viewer.ts';
import { trackerOfStream } from './tracker-socket.ts';

const core = await ByteCore.load(await readFile('wasm/dist/shoal.wasm'));

/** Sends requests and upgrades to where `place` says; remembers what was asked. */
const startFront = async (place: () => string) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split('?')[0]}`);
    response.writeHead(302, { location: `${place()}${request.url}`, 'access-control-allow-origin': '*' }).end();
  });
  server.on('upgrade', (request, socket) => {
    asked.push(`socket ${request.url?.split('?')[0]}`);
    socket.end(`HTTP/1.1 302 Found\r\nLocation: ${place()}${request.url}\r\nContent-Length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
};

it('a viewer sent to a node by 302 plays from its sockets, meets its tracker, and follows to another node', async () => {
  const seed = new Uint8Array(32).fill(5);
  const nodes = [await startServer({}, { signingSeed: seed }), await startServer({}, { signingSeed: seed })];
  let place = nodes[0]?.url ?? '';
  const front = await startFront(() => place);
  const viewer = createNodeViewer({ url: `${front.url}/live/demo.flv`, core });
  onTestFinished(() => viewer.stop());
  viewer.start();
  await vi.waitFor(() => expect(viewer.delivered.bytes).toBeGreaterThan(50_000));
  await vi.waitFor(() => expect(nodes[0]?.rooms()).toMatchObject([{ viewers: 1 }]));
  expect(nodes[0]?.egress().perForm['pieces-ws']).toBeGreaterThan(50_000);
  expect(nodes[0]?.egress().perForm['pieces-http']).toBeLessThan(1000);
  expect(front.asked).toContain('socket /live/demo.pieces');
  expect(front.asked).toContain('HEAD /live/demo.pieces');

  place = nodes[1]?.url ?? '';
  const before = viewer.delivered.bytes;
  await nodes[0]?.close();
  await vi.waitFor(() => expect(viewer.delivered.bytes).toBeGreaterThan(before + 100_000));
  expect(viewer.stats().state).toBe('playing');
  await vi.waitFor(() => expect(nodes[1]?.rooms()).toMatchObject([{ viewers: 1 }]));
});

it('an address that answers itself, and one that does not answer, have not moved', async () => {
  const server = await startServer();
  const moved = createFindMoved(fetch);
  expect(await moved(`${server.url}/live/demo.pieces?mask=0`)).toBeUndefined();
  const front = await startFront(() => server.url);
  expect(await moved(`${front.url}/live/demo.pieces?mask=7`)).toBe(`${server.url}/live/demo.pieces?mask=7`);
  await server.close();
  expect(await moved(`${server.url}/live/demo.pieces`)).toBeUndefined();
});

it('a tracker address names the stream once, as its path is written', () => {
  expect(trackerOfStream('ws://a/tracker', '/live/a')).toBe('ws://a/tracker?stream=/live/a');
  expect(trackerOfStream('wss://a/tracker?x=1', '/live/a')).toBe('wss://a/tracker?x=1&stream=/live/a');
  expect(trackerOfStream('wss://a/tracker?stream=/b', '/live/a')).toBe('wss://a/tracker?stream=/b');
});
