import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import type { LogFields } from '../log.ts';
import { startServer } from '../testing/servers.ts';
import { stunAnswers } from './binding.ts';
import { type StunParts, StunServer } from './coturn.ts';

const isMissing = spawnSync('turnserver', ['--version']).error !== undefined;
const withCoturn = (name: string, body: () => Promise<void>): void =>
  isMissing ? test.skip('STUN server: coturn is not installed', body) : test(name, body);

/** A UDP port that is free, and still taken as long as `keep` says so. */
const udpPort = async (keep: 'keep' | 'free' = 'free'): Promise<number> => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  const { port } = socket.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      socket.close(resolve);
    });
  if (keep === 'free') await close();
  else onTestFinished(close);
  return port;
};

const start = async (
  parts: Partial<StunParts>,
): Promise<{ server: StunServer; events: [string, LogFields | undefined][] }> => {
  const events: [string, LogFields | undefined][] = [];
  const log = {
    write: (_: string, event: string, fields?: LogFields) => void events.push([event, fields]),
    close: async () => undefined,
  };
  const server = await StunServer.start({ addresses: [], clock: systemClock(), random: () => 0, log, ...parts });
  onTestFinished(() => server.close());
  return { server, events };
};

const answers = (port: number) => stunAnswers({ ip: '127.0.0.1', port }, AbortSignal.timeout(60_000));

withCoturn('answers on every address it was asked for, and is named to viewers', async () => {
  const ports = [await udpPort(), await udpPort()];
  const server = await startServer({
    stun: ports.map((port) => ({ ip: '127.0.0.1', port })),
    sources: { '/live/a': 'embedded' },
  });
  await Promise.all(ports.map(answers));
  const description = await (await fetch(`${server.url}/.well-known/shoal.json`)).json();
  expect(description.iceServers).toEqual(ports.map((port) => ({ urls: `stun:127.0.0.1:${port}` })));
});

withCoturn('a child that is killed is replaced', async () => {
  const port = await udpPort();
  const { server, events } = await start({ addresses: [{ ip: '127.0.0.1', port }] });
  const first = server.pid;
  if (first === undefined) throw new Error('no child');
  process.kill(first, 'SIGKILL');
  await expect.poll(() => server.pid !== undefined && server.pid !== first).toBe(true);
  await answers(port);
  expect(events.map(([event]) => event)).toEqual(['stun-ready', 'stun-ended', 'stun-ready']);
});

withCoturn('ends with the server', async () => {
  const port = await udpPort();
  const { server } = await start({ addresses: [{ ip: '127.0.0.1', port }] });
  const { pid } = server;
  if (pid === undefined) throw new Error('no child');
  await server.close();
  expect(() => process.kill(pid, 0)).toThrow();
});

withCoturn('an address that is taken is said at once', async () => {
  const port = await udpPort('keep');
  await expect(start({ addresses: [{ ip: '127.0.0.1', port }] })).rejects.toMatchObject({
    code: 'server/stun-failed',
    detail: expect.stringContaining('an address cannot be used'),
  });
});

test('a machine without coturn is told what is missing', async () => {
  const addresses = [{ ip: '127.0.0.1', port: await udpPort() }];
  await expect(start({ addresses, program: '/nowhere/turnserver' })).rejects.toMatchObject({
    code: 'server/stun-failed',
    detail: 'turnserver of coturn is not installed',
  });
});
