import { expect, onTestFinished, test } from 'vitest';
import { startHttp, startServer } from '../../server/src/testing/servers.ts';
import { Child } from '../harness/child.ts';
import { addedDelays, startPacedSource } from './added-delay.ts';
import { measureCost } from './egress-cost.ts';
import { sliceSignRate } from './slicing.ts';

test('every frame of the source is compared with the same frame of the origin', async () => {
  const source = await startPacedSource();
  onTestFinished(() => source.close());
  const server = await startServer({ upstream: source.url });
  const delays = await addedDelays(`${source.url}/live/a.flv`, `${server.url}/live/a.flv`, 1);
  expect(delays.length).toBeGreaterThan(30);
  expect(Math.max(...delays)).toBeGreaterThan(0);
});

test('the cost is that of the named process, for the bytes that readers got', async () => {
  const readers = new Child('origin/readers');
  onTestFinished(() => readers.close());
  const { url } = await startHttp((_request, response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(10_000)), 50);
    response.on('close', () => clearInterval(timer));
  });
  const cost = await measureCost({ name: 'test', url, pid: process.pid }, readers, { readers: 3, seconds: 1 });
  expect(cost.gbit).toBeGreaterThan(0);
  expect(cost.cpuSec).toBeGreaterThanOrEqual(0);
});

test('slicing makes pieces', async () => {
  expect(await sliceSignRate(0.05)).toBeGreaterThan(0);
});
