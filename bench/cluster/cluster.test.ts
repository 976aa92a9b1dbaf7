import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../server/src/testing/servers.ts';
import { TrackerClient } from '../../server/src/testing/tracker-client.ts';
import { Front } from './front.ts';
import { countsOf, sumOfAll } from './metrics.ts';
import { crossingLinks } from './viewers.ts';

const viewer = (name: string, place: number, ...neighbours: string[]) => ({
  name,
  place,
  neighbours,
  missedDeadlines: 0,
});

test('a link across processes counts once, one within a process or to a stranger does not', () => {
  const reports = [viewer('a', 0, 'b', 'c', 'gone'), viewer('b', 0, 'a'), viewer('c', 1, 'a', 'd'), viewer('d', 1)];
  expect(crossingLinks(reports)).toBe(1);
  expect(crossingLinks([...reports, viewer('e', 2, 'a', 'd')])).toBe(3);
});

test('what a server says of viewers and bytes is read, and summed over several', async () => {
  const [one, two] = [await startServer(), await startServer()];
  await new TrackerClient(one.url).join();
  await new TrackerClient(one.url).join();
  await new TrackerClient(two.url).join();
  await (await fetch(`${one.url}/live/demo/head`)).body?.cancel();
  expect((await countsOf(one.url)).trackerViewers).toBe(2);
  expect((await countsOf(one.url)).originBytes).toBeGreaterThan(0);
  expect((await sumOfAll([one.url, two.url])).trackerViewers).toBe(3);
});

test('a front leads to the process it prefers, and to the next one where that is gone', async () => {
  const start = async (name: string) => {
    const server = createServer((_, response) => response.end(name));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const stop = (): void => {
      server.close();
      server.closeAllConnections();
    };
    onTestFinished(stop);
    return { port: (server.address() as AddressInfo).port, stop };
  };
  const [first, second] = [await start('first'), await start('second')];
  const front = await Front.start([first.port, second.port]);
  onTestFinished(() => front.close());
  const ask = async (): Promise<string> => (await fetch(front.url, { headers: { connection: 'close' } })).text();
  expect(await ask()).toBe('first');
  first.stop();
  expect(await ask()).toBe('second');
});
