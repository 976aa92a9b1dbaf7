import { expect, it } from 'vitest';
import WebSocket from 'ws';
import { trackerContract } from './contract/tracker.contract.ts';
import { MemorySockets } from './testing/memory-sockets.ts';
import { Queue } from './testing/queue.ts';
import { startRealServer } from './testing/real-sockets.ts';
import { createTrackerSocket } from './tracker-socket.ts';

trackerContract('in memory', async () => {
  const server = new MemorySockets();
  return {
    make: (events) => createTrackerSocket(server.open, () => Promise.resolve('ws://memory/tracker'), events),
    accepted: () => server.accepted(),
    close: () => Promise.resolve(),
  };
});

trackerContract('over ws', async () => {
  const server = await startRealServer();
  const address = server.origin.replace('http', 'ws');
  return {
    make: (events) =>
      createTrackerSocket(
        (at) => new WebSocket(at),
        () => Promise.resolve(address),
        events,
      ),
    accepted: () => server.acceptedSocket(),
    close: () => server.close(),
  };
});

const failing = async (find: () => Promise<string | undefined>): Promise<string> => {
  const closed = new Queue<string>();
  const events = { opened: () => undefined, said: () => undefined, closed: (code: string) => closed.put(code) };
  createTrackerSocket((address) => new WebSocket(address), find, events).open();
  return closed.take();
};

it('is unreachable when there is no tracker, when it cannot be found, and when its address is unusable', async () => {
  const unreachable = 'tracker/unreachable';
  expect(await failing(() => Promise.resolve(undefined))).toBe(unreachable);
  expect(await failing(() => Promise.reject(new TypeError('offline')))).toBe(unreachable);
  expect(await failing(() => Promise.resolve('no address'))).toBe(unreachable);
});

it('forgets an address that is found after it was closed', async () => {
  const opened: string[] = [];
  const found = new Queue<string>();
  const server = new MemorySockets();
  const port = createTrackerSocket(
    (address) => {
      opened.push(address);
      return server.open(address);
    },
    () => found.take(),
    { opened: () => undefined, said: () => undefined, closed: () => undefined },
  );
  port.open();
  port.close();
  port.open();
  found.put('ws://first/');
  found.put('ws://second/');
  await server.accepted();
  expect(opened).toEqual(['ws://second/']);
});
