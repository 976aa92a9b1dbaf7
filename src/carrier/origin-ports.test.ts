import { expect, it } from 'vitest';
import WebSocket from 'ws';
import type { ErrorCode } from '../errors.ts';
import type { OriginEvents, OriginOpening, OriginPort } from '../viewer/ports.ts';
import { closeCodeOf } from '../wire/close.ts';
import { encodeOriginFrame } from '../wire/origin.ts';
import { type OriginSide, type OriginWorld, originContract } from './contract/origin.contract.ts';
import { EarlyOrigin } from './early-origin.ts';
import { createOriginChoice } from './origin-choice.ts';
import { codeOfStatus, createOriginFetch } from './origin-fetch.ts';
import { createOriginSocket } from './origin-socket.ts';
import { MemorySockets, type SocketSide } from './testing/memory-sockets.ts';
import { startRealServer } from './testing/real-sockets.ts';

const OVERLOADED = closeCodeOf('origin/overloaded');
const OPENING: OriginOpening = { mask: 1, from: 'live', credentials: '', code: undefined };

const socketSide = (side: SocketSide): OriginSide => ({
  address: side.address.replace(/^ws:\/\/[^/]+/, ''),
  send: (frame) => side.send(frame),
  heard: async () => (await side.heard()) as Uint8Array,
  refuse: () => side.close(OVERLOADED, '3000'),
  cut: () => side.close(1006, ''),
});

originContract('socket in memory', async () => {
  const server = new MemorySockets();
  return {
    asks: true,
    make: (events) => createOriginSocket(server.open, { origin: 'http://memory', path: '/live/demo' }, events),
    accepted: async () => socketSide(await server.accepted()),
    close: () => Promise.resolve(),
  };
});

const realSocketWorld = async (wrap: (make: (events: OriginEvents) => OriginPort) => OriginWorld['make']) => {
  const server = await startRealServer();
  const place = { origin: server.origin, path: '/live/demo' };
  return {
    asks: true,
    make: wrap((events) => createOriginSocket((address) => new WebSocket(address), place, events)),
    accepted: async () => socketSide(await server.acceptedSocket()),
    close: () => server.close(),
  };
};

originContract('socket over ws', () => realSocketWorld((make) => make));

originContract('choice over ws', () =>
  realSocketWorld((make) => (events) => createOriginChoice({ socket: make, http: make }, events)),
);

originContract('fetch over HTTP', async () => {
  const server = await startRealServer();
  const place = { origin: server.origin, path: '/live/demo' };
  return {
    asks: false,
    make: (events) => createOriginFetch((address, init) => fetch(address, init), place, events),
    async accepted() {
      const { address, response } = await server.acceptedRequest();
      return {
        address,
        send: (frame) => void response.write(frame),
        heard: () => Promise.reject(new TypeError('HTTP answers only')),
        refuse: () => void response.writeHead(503, { 'retry-after': '3' }).end(),
        cut: () => response.destroy(),
      };
    },
    close: () => server.close(),
  };
});

it('reads HTTP statuses as what they mean for a stream', () => {
  expect([401, 403, 404, 410, 429, 503, 500, 200].map(codeOfStatus)).toEqual([
    'origin/refused',
    'origin/refused',
    'origin/not-found',
    'origin/not-found',
    'origin/overloaded',
    'origin/overloaded',
    'origin/unreachable',
    'origin/unreachable',
  ]);
});

/** Ports whose events the test makes. */
const scripted = () => {
  const opened: string[] = [];
  const told: OriginEvents[] = [];
  const kind = (name: string) => (events: OriginEvents) => {
    told.push(events);
    return { open: () => void opened.push(name), send: () => undefined, close: () => undefined };
  };
  return { opened, told, kind };
};

const silent: OriginEvents = { opened: () => undefined, frame: () => undefined, closed: () => undefined };

it('turns to HTTP after two sockets that could not be opened, and back when HTTP fails too', () => {
  const { opened, told, kind } = scripted();
  const port = createOriginChoice({ socket: kind('socket'), http: kind('http') }, silent);
  const [socket, http] = told as [OriginEvents, OriginEvents];
  const failing = (events: OriginEvents, code: ErrorCode = 'origin/unreachable') => {
    port.open(OPENING);
    events.closed(code, 0);
  };
  failing(socket);
  failing(socket, 'origin/overloaded');
  failing(socket);
  failing(http);
  failing(socket);
  expect(opened).toEqual(['socket', 'socket', 'socket', 'http', 'socket']);
});

it('stays with sockets that open and are cut later', () => {
  const { opened, told, kind } = scripted();
  const port = createOriginChoice({ socket: kind('socket'), http: kind('http') }, silent);
  for (let round = 0; round < 4; round++) {
    port.open(OPENING);
    told[0]?.opened();
    told[0]?.closed('origin/unreachable', 0);
  }
  expect(new Set(opened)).toEqual(new Set(['socket']));
});

const recorder = () => {
  const said: string[] = [];
  const events: OriginEvents = {
    opened: () => void said.push('opened'),
    frame: (bytes) => void said.push(`frame ${bytes.length}`),
    closed: (code) => void said.push(code),
  };
  return { said, events };
};

it('gives a viewer what came before it, then what comes, and never inside its own call', async () => {
  const { told, opened, kind } = scripted();
  const early = new EarlyOrigin(kind('port'), OPENING);
  told[0]?.opened();
  told[0]?.frame(encodeOriginFrame({ kind: 'ended', reason: 'refused' }) as Uint8Array<ArrayBuffer>);
  const { said, events } = recorder();
  const port = early.adopt(events);
  port.open({ ...OPENING });
  expect(said).toEqual([]);
  await Promise.resolve();
  told[0]?.frame(new Uint8Array(9));
  expect(said).toEqual(['opened', 'frame 2', 'frame 9']);
  expect(opened.length).toBe(1);
});

it('opens afresh for a viewer that asks for something else, or that came too late', async () => {
  const one = scripted();
  const other = new EarlyOrigin(one.kind('port'), OPENING);
  one.told[0]?.frame(new Uint8Array(9));
  const first = recorder();
  other.adopt(first.events).open({ ...OPENING, from: 7 });
  const two = scripted();
  const late = new EarlyOrigin(two.kind('port'), OPENING);
  for (let at = 0; at < 5; at++) two.told[0]?.frame(new Uint8Array(1024 * 1024));
  const second = recorder();
  late.adopt(second.events).open(OPENING);
  await Promise.resolve();
  expect([one.opened.length, two.opened.length, first.said, second.said]).toEqual([2, 2, [], []]);
});
