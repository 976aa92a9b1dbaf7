import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ShoalError } from '../errors.ts';
import { createLog } from '../log/log.ts';
import type { PageAnswer } from './pipe-messages.ts';
import { ProxiedStreams } from './proxied-streams.ts';
import { routeOf } from './routes.ts';
import type { VirtualStream, VirtualStreamEvents } from './virtual-stream.ts';

/** A stream that only counts its readers. */
class FakeStream {
  readonly events: VirtualStreamEvents;
  readonly ports: MessagePort[] = [];
  state: 'open' | 'closed' = 'open';

  constructor(events: VirtualStreamEvents) {
    this.events = events;
  }

  read(port: MessagePort): void {
    this.ports.push(port);
  }

  close(): void {
    this.state = 'closed';
  }
}

const sourceOf = (path: string) => {
  const route = routeOf(path, '');
  if (route.kind !== 'proxied') throw new TypeError(path);
  return route.source;
};

const portOf = () => {
  const said: PageAnswer[] = [];
  const port = { postMessage: (answer: PageAnswer) => said.push(answer) } as unknown as MessagePort;
  return { said, port };
};

const makeStreams = () => {
  const opened: FakeStream[] = [];
  const log = createLog();
  const streams = new ProxiedStreams(async (_source, events) => {
    const stream = new FakeStream(events);
    opened.push(stream);
    return stream as unknown as VirtualStream;
  }, log.writer('test'));
  return { log, opened, streams };
};

const settle = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(0);
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('opens one stream for all requests of a resource, and lets them read once there is a picture', async () => {
  const { opened, streams } = makeStreams();
  const source = sourceOf('x/cdn.example/a.flv');
  streams.answer(source, portOf().port, 'one');
  await settle();
  streams.answer(source, portOf().port, 'one');
  expect(opened).toHaveLength(1);
  expect(opened[0]?.ports).toHaveLength(0);
  opened[0]?.events.ready();
  expect(opened[0]?.ports).toHaveLength(2);
  streams.answer(source, portOf().port, 'one');
  expect(opened[0]?.ports).toHaveLength(3);
  expect(streams.find('a')).toBe(opened[0]);
  expect(streams.find('cdn.example/a.flv')).toBe(opened[0]);
  expect(streams.find('b')).toBeUndefined();
});

it('sends to the original address whoever waited for what failed, and opens anew for the next', async () => {
  const { opened, streams } = makeStreams();
  const source = sourceOf('x/cdn.example/a.flv');
  const { port, said } = portOf();
  streams.answer(source, port, 'one');
  await settle();
  opened[0]?.events.failed(new ShoalError('service/not-found'));
  expect(said).toEqual([{ kind: 'redirect', to: 'http://cdn.example/a.flv' }]);
  streams.answer(source, portOf().port, 'one');
  await settle();
  expect(opened).toHaveLength(2);
});

it('closes a stream some time after its last reader, unless one comes back', async () => {
  const { opened, streams } = makeStreams();
  const source = sourceOf('x/cdn.example/a.flv');
  streams.answer(source, portOf().port, 'one');
  await settle();
  opened[0]?.events.ready();
  opened[0]?.events.idle();
  await vi.advanceTimersByTimeAsync(4000);
  streams.answer(source, portOf().port, 'one');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(opened[0]?.state).toBe('open');
  opened[0]?.events.idle();
  await vi.advanceTimersByTimeAsync(5000);
  expect(opened[0]?.state).toBe('closed');
  expect(streams.all()).toEqual([]);
});

it('opens sixteen at once and sends the next to its original address, saying why', async () => {
  const { log, opened, streams } = makeStreams();
  for (let at = 0; at < 16; at++) streams.answer(sourceOf(`x/cdn.example/${at}.flv`), portOf().port, 'one');
  await settle();
  const { port, said } = portOf();
  streams.answer(sourceOf('x/cdn.example/more.flv'), port, 'one');
  await settle();
  expect(opened).toHaveLength(16);
  expect(said).toEqual([{ kind: 'redirect', to: 'http://cdn.example/more.flv' }]);
  expect(log.text()).toContain('more than 16 streams');
});

it('closes a stream that comes after everything was closed', async () => {
  const { opened, streams } = makeStreams();
  const { port, said } = portOf();
  streams.answer(sourceOf('x/cdn.example/a.flv'), port, 'one');
  streams.close();
  await settle();
  expect(opened[0]?.state).toBe('closed');
  expect(said).toEqual([{ kind: 'redirect', to: 'http://cdn.example/a.flv' }]);
});
