/**
 * Neighbours that keep to the letter of the protocol and lie: their claims cost a detour, never the picture, and make
 * nobody ask the origin or send to others out of measure.
 */
import { describe, expect, test } from 'vitest';
import type { LinkMessage } from '../wire/link.ts';
import { splitPiece } from '../wire/piece.ts';
import { core } from './testing/core.ts';
import { bestOfAll, boasting, control, twistingWords, withoutPieces } from './testing/crooked.ts';
import type { Message, Tamper } from './testing/memory-links.ts';
import { type MemoryViewer, MemoryWorld } from './testing/memory-world.ts';

interface Scene {
  readonly world: MemoryWorld;
  readonly liar: MemoryViewer;
  readonly honest: readonly MemoryViewer[];
}

const meet = (tamper: Tamper, ms = 10_000): Scene => {
  const world = new MemoryWorld(core);
  const first = world.join();
  world.run(1000);
  const liar = world.join({ tamper });
  world.run(500);
  const others = [world.join(), world.join()];
  world.run(ms);
  return { world, liar, honest: [first, ...others] };
};

const expectUnharmed = ({ world, honest }: Scene): void => {
  expect(world.forgeries).toEqual([]);
  for (const viewer of honest) {
    expect(world.complaint(viewer)).toBeUndefined();
    expect([viewer.name, viewer.sink.runs.length, viewer.screen?.stalls]).toEqual([viewer.name, 1, 0]);
    expect(world.behind(viewer)).toBeLessThan(15_000);
    expect(viewer.faults()).toEqual([]);
  }
};

const wantedOf = (world: MemoryWorld): number =>
  world.origin.heard.reduce((sum, request) => sum + (request.kind === 'want' ? request.sequences.length : 0), 0);

const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, at) => from + at);

describe('claims that are not true', () => {
  test.each<[string, Tamper]>([
    ['to hold everything and be the best parent, and then it is', boasting((status) => [bestOfAll(status)])],
    ['to hold everything, and nothing comes', withoutPieces(boasting((status) => [bestOfAll(status)]))],
    ['to hold nothing', boasting((status) => [{ ...status, have: new Uint8Array(0), base: 0xffff_0000 }])],
    ['to have received what was never sent', boasting((status) => [{ ...status, received: 0x7fff_ffff }])],
    ['to be far away', boasting((status) => [{ ...status, echo: (status.echo + 30_000) & 0xffff, echoAgeMs: 0 }])],
    [
      'to miss everything that is coming',
      boasting((status) => [status, { kind: 'missing', sequences: numbers(status.base + 100, 64) }]),
    ],
    ['to be of another epoch', boasting((status) => [{ ...status, epochTag: 1 }])],
  ])('%s', (_name, tamper) => expectUnharmed(meet(tamper)));

  test('accepts that nothing follows', () => {
    const tamper = withoutPieces(
      twistingWords((message) =>
        message.kind === 'refuse'
          ? [{ kind: 'accept', substream: message.substream, first: 0, ancestors: [] }]
          : [message],
      ),
    );
    expectUnharmed(meet(tamper));
  });

  test('ancestors that are made up', () => {
    const tamper = twistingWords((message) =>
      message.kind === 'accept'
        ? [{ ...message, ancestors: [new Uint8Array(8).fill(1), new Uint8Array(8).fill(2)] }]
        : [message],
    );
    expectUnharmed(meet(tamper));
  });
});

describe('words that are not its business', () => {
  test('absences of pieces that are far away make nobody ask the origin, and repairs go on', () => {
    const words = numbers(0, 16).map(
      (round): LinkMessage => ({ kind: 'absent', sequences: numbers(5000 + round * 32, 32) }),
    );
    const scene = meet(boasting((status) => [status, ...words]));
    expectUnharmed(scene);
    expect(wantedOf(scene.world)).toBe(0);
    scene.world.links.options = { ...scene.world.links.options, loss: 0.03 };
    scene.world.run(4000);
    expectUnharmed(scene);
  });

  test('accepts, refusals and drops that nobody asked for change nothing', () => {
    const scene = meet((message) => [message]);
    const before = scene.honest.map(({ viewer }) => viewer.stats().fromNeighbours);
    for (const substream of numbers(0, 6)) {
      scene.liar.links?.inject(control({ kind: 'accept', substream, first: 0, ancestors: [] }));
      scene.liar.links?.inject(control({ kind: 'refuse', substream, reason: 'full' }));
      scene.liar.links?.inject(control({ kind: 'ancestors', substream, ancestors: [] }));
      scene.liar.links?.inject(control({ kind: 'unsubscribe', substream: 31 - substream }));
    }
    scene.world.run(3000);
    expectUnharmed(scene);
    scene.honest.forEach(({ viewer }, index) => {
      expect(viewer.stats().fromNeighbours).toBeGreaterThanOrEqual((before[index] ?? 0) - 1);
    });
  });
});

describe('replays', () => {
  test('a parent that sends what it sent before, in place of what is new, is left', () => {
    const kept: Message[] = [];
    const tamper: Tamper = (message) => {
      if (message.lane === 'control') return [message];
      kept.push({ lane: message.lane, bytes: message.bytes.slice() });
      return [kept.length <= 30 ? message : (kept[kept.length % 30] ?? message)];
    };
    const scene = meet(tamper);
    expectUnharmed(scene);
    const liarName = scene.liar.viewer.stats().viewer;
    scene.world.run(8000);
    for (const { viewer } of scene.honest) {
      const pieces = viewer.stats().neighbours.find((one) => one.viewer === liarName)?.parentOf ?? [];
      expect(pieces.length).toBeLessThan(4);
    }
  });

  test('good pieces from long before anybody joined are not stored, and not handed on', () => {
    const world = new MemoryWorld(core);
    world.run(15_000);
    const liar = world.join({ tamper: (message) => [message] });
    const honest = world.gather(2);
    const old = world.origin.epoch.pieces.slice(5, 100).flatMap(({ header, wire }) => splitPiece(wire, header));
    const before = honest.map(({ viewer }) => viewer.stats());
    for (const bytes of old) liar.links?.inject({ lane: 'pieces', bytes });
    world.run(500);
    for (const [index, { viewer }] of honest.entries()) {
      const stored = viewer.stats().piecesFromNeighbours - (before[index]?.piecesFromNeighbours ?? 0);
      expect(stored).toBeLessThan(20);
    }
    expectUnharmed({ world, liar, honest });
    const handedOn = [...world.handedOn.keys()].map((key) => Number(key.split(/[:/]/).at(-2)));
    expect(Math.min(...handedOn)).toBeGreaterThan(100);
  });

  test('no honest viewer sends a neighbour the same part again and again', () => {
    const scene = meet((message) => [message]);
    expect(Math.max(...scene.world.handedOn.values())).toBeLessThanOrEqual(2);
  });
});

describe('wishes without measure', () => {
  test('subscribing over and over gets no more than a stream', () => {
    const again = numbers(0, 6).flatMap((substream): LinkMessage[] => [
      { kind: 'unsubscribe', substream },
      { kind: 'subscribe', substream, from: 0, rank: 0xffff },
    ]);
    const scene = meet(boasting((status) => [status, ...again]));
    expectUnharmed(scene);
    const given = bytesToward(scene);
    scene.world.run(10_000);
    const rate = (bytesToward(scene) - given) / 10;
    expect(rate).toBeLessThan(3 * 2 * scene.world.origin.epoch.byteRate);
  });

  test('wanting everything gets a tenth of a stream', () => {
    const scene = meet(
      boasting((status) => [status, { kind: 'want', sequences: numbers(Math.max(0, status.base), 32) }]),
    );
    expectUnharmed(scene);
    const given = bytesToward(scene);
    scene.world.run(10_000);
    expect((bytesToward(scene) - given) / 10).toBeLessThan(3 * 1.5 * scene.world.origin.epoch.byteRate);
  });

  const bytesToward = ({ honest, liar }: Scene): number => {
    const name = liar.viewer.stats().viewer;
    const outs = honest.map(
      ({ viewer }) => viewer.stats().neighbours.find((one) => one.viewer === name)?.bytesOut ?? 0,
    );
    return outs.reduce((sum, bytes) => sum + bytes, 0);
  };
});
