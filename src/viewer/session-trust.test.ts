/**
 * Neighbours that lie, forge, flood or stammer: no sink gets a wrong byte, nothing forged is handed on, and whoever
 * broke the protocol is cut with the right code.
 */
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../errors.ts';
import { decodeHead, encodeHeadBody, sealHead } from '../wire/head.ts';
import { LINK_CONTROL_BURST, LINK_MESSAGE_BYTES_MAX, LINK_PIECES_BURST } from '../wire/limits.ts';
import { splitPiece } from '../wire/piece.ts';
import { core } from './testing/core.ts';
import { control, spoilingParts } from './testing/crooked.ts';
import type { Message, Tamper } from './testing/memory-links.ts';
import { type MemoryViewer, type MemoryViewerOptions, MemoryWorld } from './testing/memory-world.ts';

interface Scene {
  readonly world: MemoryWorld;
  readonly honest: readonly MemoryViewer[];
  readonly liar: MemoryViewer;
}

/** Two honest viewers and a crooked one among them. */
const meet = (crooked: MemoryViewerOptions, ms = 5000): Scene => {
  const world = new MemoryWorld(core);
  const first = world.join();
  world.run(1000);
  const liar = world.join(crooked);
  world.run(500);
  const second = world.join();
  world.run(ms);
  return { world, honest: [first, second], liar };
};

/** The honest play on undisturbed, and the crooked one is no neighbour of theirs any more. */
const expectCut = ({ world, honest, liar }: Scene, code: ErrorCode): void => {
  const accusers = honest.filter(({ viewer }) => viewer.stats().faults[code] !== undefined);
  expect(accusers.length, `nobody noted ${code}`).toBeGreaterThan(0);
  const name = liar.viewer.stats().viewer;
  for (const { viewer } of accusers) expect(viewer.stats().neighbours.map((one) => one.viewer)).not.toContain(name);
  expectUnharmed({ world, honest, liar }, [code]);
};

const expectUnharmed = ({ world, honest }: Scene, codes: readonly ErrorCode[]): void => {
  world.run(2000);
  expect(world.forgeries).toEqual([]);
  for (const viewer of honest) {
    expect(world.complaint(viewer)).toBeUndefined();
    expect(viewer.sink.runs.length).toBe(1);
    expect(viewer.screen?.stalls).toBe(0);
    expect(world.behind(viewer)).toBeLessThan(15_000);
    for (const code of viewer.faults()) expect(codes).toContain(code);
  }
};

const flipLast = (part: Uint8Array): Uint8Array => {
  const copy = part.slice();
  copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1;
  return copy;
};
const withSequence = (part: Uint8Array, step: number): Uint8Array => {
  const copy = part.slice();
  const view = new DataView(copy.buffer);
  view.setUint32(6, view.getUint32(6) + step);
  return copy;
};

describe('a neighbour whose pieces are wrong is cut', () => {
  test.each<[string, Tamper]>([
    ['flips a bit of each', spoilingParts(flipLast)],
    ['flips a bit of some after a good start', spoilingParts(flipLast, 30)],
    ['puts them under another number', spoilingParts((part) => withSequence(part, 600))],
  ])('who %s', (_name, tamper) => expectCut(meet({ tamper }), 'link/bad-piece'));

  test('who cuts them so that the header is not in the first part', () => {
    const tamper: Tamper = (message) => {
      if (message.lane === 'control') return [message];
      const { bytes } = message;
      const count = (bytes[1] ?? 0) & 15;
      if (count !== 1) return [message];
      const part = (place: number, payload: Uint8Array): Message => ({
        lane: 'pieces',
        bytes: Uint8Array.of(0x30, place, ...bytes.subarray(2, 10), ...payload),
      });
      return [part(0x02, bytes.subarray(10, 20)), part(0x12, bytes.subarray(20))];
    };
    expectCut(meet({ tamper }), 'wire/short');
  });

  test.each<[string, Uint8Array, ErrorCode]>([
    ['of a part of no piece', Uint8Array.of(0x30, 0x01), 'wire/short'],
    ['of no kind', Uint8Array.of(0x99, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 1), 'wire/unknown-kind'],
    ['of nothing', new Uint8Array(0), 'wire/short'],
    ['too large', new Uint8Array(5000).fill(0x30), 'wire/bad-field'],
  ])('who sends a part %s', (_name, bytes, code) => {
    const scene = meet({ tamper: (message) => [message] });
    scene.liar.links?.inject({ lane: 'pieces', bytes });
    scene.world.run(1000);
    expectCut(scene, code);
  });
});

describe('a neighbour that stammers is cut', () => {
  test.each<[string, Uint8Array, ErrorCode]>([
    ['a word of no kind', Uint8Array.of(0x7f, 1, 2, 3), 'wire/unknown-kind'],
    ['a word cut short', Uint8Array.of(0x32, 1), 'wire/short'],
    ['a word that is too long', Uint8Array.of(0x35, 1, 0), 'wire/long'],
    ['a want of nothing', Uint8Array.of(0x39, 0), 'wire/bad-field'],
    ['an empty word', new Uint8Array(0), 'wire/short'],
    ['more than a word may be', new Uint8Array(LINK_MESSAGE_BYTES_MAX + 1).fill(0x38), 'wire/bad-field'],
    ['a head cut short', Uint8Array.of(0x11, 1, 2), 'wire/short'],
  ])('by %s', (_name, bytes, code) => {
    const scene = meet({ tamper: (message) => [message] });
    scene.liar.links?.inject({ lane: 'control', bytes });
    scene.world.run(1000);
    expectCut(scene, code);
  });

  test('by a second hello', () => {
    let hello: Message | undefined;
    const scene = meet({
      tamper: (message) => {
        if (message.bytes[0] === 0x31) hello = message;
        return [message];
      },
    });
    if (hello !== undefined) scene.liar.links?.inject({ lane: 'control', bytes: hello.bytes });
    scene.world.run(1000);
    expectCut(scene, 'link/bad-message');
  });
});

describe('a neighbour that forges a head is cut', () => {
  const forged = (world: MemoryWorld, change: 'epoch' | 'key' | 'stream'): Uint8Array => {
    const sealed = decodeHead(world.origin.epoch.head ?? new Uint8Array(0));
    if ('kind' in sealed) throw new Error(sealed.detail);
    const { head } = sealed;
    const seed = new Uint8Array(32).fill(7);
    const body = encodeHeadBody({
      ...head,
      epoch: head.epoch.map((byte, at) => (at === 0 ? byte + 1 : byte)),
      ...(change === 'key' ? { publicKey: core.publicKey(seed) } : {}),
      ...(change === 'stream' ? { stream: core.blake3(head.stream) } : {}),
    });
    const context = Buffer.from('shoal head v1', 'ascii');
    return sealHead(body, core.sign(seed, Buffer.concat([context, body])));
  };

  test.each<['epoch' | 'key' | 'stream', ErrorCode]>([
    ['epoch', 'origin/bad-head'],
    ['key', 'origin/wrong-key'],
    ['stream', 'origin/bad-head'],
  ])('with another %s', (change, code) => {
    const scene = meet({ tamper: (message) => [message] });
    scene.liar.links?.inject({ lane: 'control', bytes: forged(scene.world, change) });
    scene.world.run(1000);
    expectCut(scene, code);
  });

  test('but an old head of the stream is only old', () => {
    const scene = meet({ tamper: (message) => [message] });
    scene.liar.links?.inject({ lane: 'control', bytes: scene.world.origin.epoch.head ?? new Uint8Array(0) });
    expectUnharmed(scene, []);
  });
});

describe('a neighbour that floods is cut', () => {
  test('on the control lane', () => {
    const scene = meet({ tamper: (message) => [message] });
    const bye = control({ kind: 'unsubscribe', substream: 1 });
    for (let count = 0; count < LINK_CONTROL_BURST + 60; count++) scene.liar.links?.inject(bye);
    scene.world.run(1000);
    expectCut(scene, 'link/flood');
  });

  test('with good pieces that everybody has', () => {
    const scene = meet({ tamper: (message) => [message] });
    const { header, wire } = scene.world.origin.epoch.pieces.at(-5) ?? { header: undefined, wire: new Uint8Array(0) };
    if (header === undefined) throw new Error('no piece');
    const [part] = splitPiece(wire, header);
    if (part === undefined) throw new Error('no part');
    for (let count = 0; count < LINK_PIECES_BURST + 100; count++)
      scene.liar.links?.inject({ lane: 'pieces', bytes: part });
    scene.world.run(1000);
    expectCut(scene, 'link/flood');
  });

  test('with pieces of another stream, though a few of them are only a seam between epochs', () => {
    const foreign = Uint8Array.of(0x30, 0x01, 9, 9, 9, 9, 0, 0, 0, 1, ...new Uint8Array(100));
    const scene = meet({ tamper: (message) => [message] });
    for (let count = 0; count < 50; count++) scene.liar.links?.inject({ lane: 'pieces', bytes: foreign });
    expectUnharmed(scene, []);
    for (let count = 0; count < 700; count++) scene.liar.links?.inject({ lane: 'pieces', bytes: foreign });
    scene.world.run(50);
    expectCut(scene, 'link/flood');
    expect(scene.honest.every(({ viewer }) => viewer.stats().piecesRejected > 600)).toBe(true);
  });
});
