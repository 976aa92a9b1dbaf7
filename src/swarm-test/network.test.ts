import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Network } from './network.ts';

const site = createServer((asked, response) => response.writeHead(200, { 'x-seen': 'yes' }).end(`got ${asked.url}`));
site.on('upgrade', (_asked, socket) => {
  socket.on('end', () => socket.end());
  socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\nhello');
});
let network: Network;
let port: number;

beforeEach(async () => {
  network = await Network.open();
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  ({ port } = site.address() as AddressInfo);
});
afterEach(async () => {
  await network.close();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
});

const proxyPort = (): number => Number(new URL(network.proxy.server).port);

const get = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = request({ port: proxyPort(), host: '127.0.0.1', path }, (answer) => {
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => resolve(`${answer.statusCode} ${answer.headers['x-seen']} ${text}`));
      answer.on('end', () => resolve(`${answer.statusCode}`));
    });
    asked.on('error', reject);
    asked.end();
  });

/** A tunnel and what comes out of it until it ends. */
const tunnel = (to: string) => {
  const socket = connect(proxyPort(), '127.0.0.1');
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes.toString();
  });
  socket.on('error', () => socket.destroy());
  socket.write(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`);
  return { socket, ended: new Promise<string>((resolve) => socket.on('close', () => resolve(heard))) };
};

it('passes requests on', async () => {
  expect(await get(`http://127.0.0.1:${port}/a?b=c`)).toBe('200 yes got /a?b=c');
});

it('refuses what is no address', async () => {
  expect(await get('/a')).toBe('400');
});

it('tunnels in both directions until it is taken away', async () => {
  const { socket, ended } = tunnel(`127.0.0.1:${port}`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  network.up = false;
  expect(await ended).toMatch(/established[\s\S]*101 Switching/);
});

it('lets nothing through while it is away, and everything again after it', async () => {
  network.up = false;
  expect(network.up).toBe(false);
  await expect(get(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  network.up = true;
  expect(await get(`http://127.0.0.1:${port}/`)).toMatch(/^200/);
});

it('breaks a tunnel to nowhere', async () => {
  const gone = port;
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
  expect(await tunnel(`127.0.0.1:${gone}`).ended).toBe('');
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
});
