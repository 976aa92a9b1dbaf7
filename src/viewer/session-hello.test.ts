/**
 * Who is let in as a neighbour: a good token, a good proof for this very link, and the hello first.
 */
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../errors.ts';
import { core } from './testing/core.ts';
import { control } from './testing/crooked.ts';
import type { Message, Tamper } from './testing/memory-links.ts';
import { type MemoryViewer, type MemoryViewerOptions, MemoryWorld } from './testing/memory-world.ts';

/** Honest viewers meet a stranger; the codes the first of them noted, and whether they ever became neighbours. */
const meet = (stranger: MemoryViewerOptions): { world: MemoryWorld; host: MemoryViewer; guest: MemoryViewer } => {
  const world = new MemoryWorld(core);
  const host = world.join();
  world.run(1500);
  const guest = world.join(stranger);
  world.run(4000);
  return { world, host, guest };
};

const expectKeptOut = (scene: ReturnType<typeof meet>, code: ErrorCode): void => {
  const { world, host, guest } = scene;
  expect(host.faults()).toEqual([code]);
  expect(host.viewer.stats().neighbours).toEqual([]);
  expect(host.viewer.stats()).toMatchObject({ piecesFromNeighbours: 0, uploadedBytes: 0 });
  expect(guest.viewer.stats().piecesFromNeighbours).toBe(0);
  world.verify();
};

test('an honest stranger becomes a neighbour', () => {
  const { host, guest } = meet({});
  expect(host.viewer.stats().neighbours.map((one) => one.viewer)).toEqual([guest.viewer.stats().viewer]);
  expect(host.faults()).toEqual([]);
});

test.each<[string, MemoryViewerOptions, ErrorCode]>([
  ['whose token has expired', { token: 'expired' }, 'token/expired'],
  ['whose token is of another stream', { token: 'of another stream' }, 'link/bad-hello'],
  ['whose token a stranger signed', { token: 'signed by a stranger' }, 'token/bad-signature'],
  ['with somebody between the two', { intercepted: true }, 'link/bad-hello'],
])('a stranger is kept out %s', (_name, options, code) => expectKeptOut(meet(options), code));

describe('a stranger is kept out', () => {
  const instead = (words: (hello: Message) => readonly Message[]): Tamper => {
    return (message) => (message.bytes[0] === 0x31 ? words(message) : [message]);
  };

  test('when something else comes before the hello', () => {
    const tamper = instead((hello) => [control({ kind: 'want', sequences: [1] }), hello]);
    expectKeptOut(meet({ tamper }), 'link/bad-hello');
  });

  test('when a head comes before the hello', () => {
    const world = new MemoryWorld(core);
    const host = world.join();
    world.run(1500);
    const head = world.origin.epoch.head ?? new Uint8Array(0);
    const guest = world.join({ tamper: instead((hello) => [{ lane: 'control', bytes: head }, hello]) });
    world.run(4000);
    expectKeptOut({ world, host, guest }, 'wire/unknown-kind');
  });

  test('when the hello is one that was said on another link', () => {
    let copied: Message | undefined;
    const world = new MemoryWorld(core);
    world.join({
      tamper: instead((hello) => {
        copied = hello;
        return [hello];
      }),
    });
    world.run(1500);
    const host = world.join();
    world.run(2500);
    expect(copied).toBeDefined();
    const thief = world.join({ tamper: instead((hello) => [copied ?? hello]) });
    world.run(4000);
    expect(host.faults()).toEqual(['link/bad-hello']);
    expect(host.viewer.stats().neighbours.map((one) => one.viewer)).not.toContain(thief.viewer.stats().viewer);
  });

  test('when its token is bent, byte by byte', () => {
    for (const at of [0, 1, 2, 30, 60, 100, 158, 159, 200, 222]) {
      const tamper = instead(({ lane, bytes }) => [
        { lane, bytes: bytes.map((byte, index) => (index === at ? byte ^ 4 : byte)) },
      ]);
      const { host } = meet({ tamper });
      expect(host.viewer.stats().neighbours, `byte ${at}`).toEqual([]);
      expect(host.faults().length, `byte ${at}`).toBe(1);
    }
  });

  test('when it says nothing: its pieces are not looked at', () => {
    const tamper: Tamper = (message) => (message.bytes[0] === 0x31 ? [] : [message]);
    const { host, guest, world } = meet({ tamper });
    const { wire } = world.origin.epoch.pieces.at(-1) ?? { wire: new Uint8Array(0) };
    guest.links?.inject({
      lane: 'pieces',
      bytes: Uint8Array.of(0x30, 0x01, ...wire.subarray(4, 12), ...wire.subarray(0, 4000)),
    });
    world.run(500);
    expect(host.viewer.stats()).toMatchObject({ neighbours: [], piecesRejected: 0, piecesFromNeighbours: 0 });
  });
});
