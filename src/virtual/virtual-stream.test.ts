import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ShoalError } from '../errors.ts';
import type { FlvSourceEvents } from './flv-source.ts';
import type { PageAnswer, ReaderSaid } from './pipe-messages.ts';
import { header, row, tag } from './testing/little-flv.ts';
import { VirtualStream } from './virtual-stream.ts';

const START = row(header(), tag('video-config', 0), tag('key', 0));

/** A stream over a source that does what the test says; notes what is told, in order. */
const makeStream = () => {
  const told: string[] = [];
  const source = { state: 'open', sharing: 'on', flows: [{ p2pBytes: 1, cdnBytes: 2, uploadedBytes: 3 }] };
  let events: FlvSourceEvents | undefined;
  const stream = new VirtualStream(
    {
      url: 'https://a.example/a.flv',
      sharing: 'on',
      startWithinMs: 1000,
      open: (_url, sharing, given) => {
        events = given;
        source.sharing = sharing;
        return {
          flow: async () => {
            const flow = source.flows.shift();
            if (flow === undefined) throw new ShoalError('worker/died');
            return flow;
          },
          setSharing: (wanted) => {
            source.sharing = wanted;
          },
          stop: () => {
            source.state = 'stopped';
          },
        };
      },
    },
    {
      ready: () => told.push('ready'),
      failed: ({ code }) => told.push(`failed ${code}`),
      stuckToOrigin: (forMs) => told.push(`stuck ${forMs}`),
      error: ({ code }) => told.push(`error ${code}`),
      ended: () => told.push('ended'),
      idle: () => told.push('idle'),
    },
  );
  if (events === undefined) throw new TypeError('no source was opened');
  return { events, source, stream, told };
};

const portOf = () => {
  const said: string[] = [];
  const port = {
    onmessage: null as ((event: MessageEvent<ReaderSaid>) => void) | null,
    postMessage: (answer: PageAnswer) => said.push(answer.kind),
    close: () => said.push('closed'),
  };
  return { port, said, hear: (data: ReaderSaid) => port.onmessage?.({ data } as MessageEvent<ReaderSaid>) };
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('is ready with the first key picture, once', () => {
  const { events, told } = makeStream();
  events.bytes(START.slice());
  events.bytes(row(tag('key', 40)));
  vi.advanceTimersByTime(5000);
  expect(told).toEqual(['ready']);
});

it('fails when no picture comes in time, with what kept it away and not with what did not matter', () => {
  const { events, source, told } = makeStream();
  events.error(new ShoalError('origin/not-found'));
  events.error(new ShoalError('tracker/unreachable'));
  vi.advanceTimersByTime(1000);
  expect(told).toEqual(['error origin/not-found', 'error tracker/unreachable', 'failed origin/not-found']);
  expect(source.state).toBe('stopped');
});

it.each(['unshared', 'lost'] as const)('fails when its source is %s before there is a picture', (how) => {
  const { events, told } = makeStream();
  events[how](new ShoalError('service/not-found'));
  events.bytes(START.slice());
  expect(told).toEqual(['failed service/not-found']);
});

it('says each time that the origin alone delivers, and goes on', () => {
  const { events, stream, told } = makeStream();
  events.bytes(START.slice());
  events.fellBack(60_000);
  events.fellBack(120_000);
  events.unshared(new ShoalError('worker/died'));
  expect(told).toEqual(['ready', 'stuck 60000', 'stuck 120000', 'stuck undefined']);
  expect(stream.state).toBe('plain');
});

it('ends every response when its source is over or lost', () => {
  for (const how of ['ended', 'lost'] as const) {
    const { events, stream, told } = makeStream();
    const { port, said } = portOf();
    events.bytes(START.slice());
    stream.read(port, 'one');
    if (how === 'ended') events.ended();
    else events.lost(new ShoalError('origin/refused'));
    expect(said).toEqual(['stream', 'end', 'closed']);
    expect(told).toEqual(how === 'ended' ? ['ready', 'ended'] : ['ready', 'error origin/refused', 'ended']);
    const late = portOf();
    stream.read(late.port, 'one');
    expect(late.said).toEqual(['stream', 'end', 'closed']);
  }
});

it('drops readers of a Service Worker that is no more, and says when nobody reads', () => {
  const { events, stream, told } = makeStream();
  events.bytes(START.slice());
  const [old, young] = [portOf(), portOf()];
  stream.read(old.port, 'one');
  stream.read(young.port, 'two');
  stream.keepOnly('two');
  expect(stream.readers).toBe(1);
  expect(old.said.at(-1)).toBe('closed');
  young.hear({ kind: 'cancel' });
  expect(told).toEqual(['ready', 'idle']);
});

it('counts on where a worker was replaced or does not answer', async () => {
  const { source, stream } = makeStream();
  expect(await stream.flow()).toEqual({ p2pBytes: 1, cdnBytes: 2, uploadedBytes: 3 });
  source.flows.push({ p2pBytes: 5, cdnBytes: 9, uploadedBytes: 3 }, { p2pBytes: 0, cdnBytes: 4, uploadedBytes: 0 });
  expect(await stream.flow()).toEqual({ p2pBytes: 5, cdnBytes: 9, uploadedBytes: 3 });
  expect(await stream.flow()).toEqual({ p2pBytes: 5, cdnBytes: 13, uploadedBytes: 3 });
  expect(await stream.flow()).toEqual({ p2pBytes: 5, cdnBytes: 13, uploadedBytes: 3 });
});
