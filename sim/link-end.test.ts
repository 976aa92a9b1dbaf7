import { describe, expect, test } from 'vitest';
import { Random } from '../src/core/kit/random.ts';
import { ACKNOWLEDGED_SHARE } from './calibration/real-links.ts';
import { EventWheel } from './event-wheel.ts';
import { GhostLine } from './ghost-line.ts';
import type { GhostPiece } from './ghost-piece.ts';
import { LineDeck } from './lines.ts';
import { LinkEnd, type LinkOwner } from './link-end.ts';
import { Network } from './network.ts';
import { World } from './world.ts';
import { worlds } from './worlds.ts';

const RTT_MS = 40;
const PIECE_BYTES = 8_192;

/** Somebody with an uplink of so many bytes a ms, and when pieces came to it. */
class Somebody implements LinkOwner {
  readonly region = 0;
  readonly line = new LineDeck(worlds.ideal.lines, 1, new Random(1)).deal();
  readonly ghostLine: GhostLine;
  readonly came: number[] = [];
  readonly #wheel: EventWheel;
  readonly name: string;

  constructor(wheel: EventWheel, name: string, upBytesPerMs: number) {
    this.#wheel = wheel;
    this.name = name;
    const uplinkBitsPerSec = upBytesPerMs * 8_000;
    this.ghostLine = new GhostLine({ uplinkBitsPerSec, downlinkBitsPerSec: 1e9, routerMs: 200 });
  }

  pieceCame(): void {
    this.came.push(this.#wheel.now);
  }

  heard(): void {
    this.pieceCame();
  }

  headCame(): void {
    this.pieceCame();
  }

  linkLost(): void {
    throw new Error('nobody hangs up here');
  }
}

const linked = (upBytesPerMs: number) => {
  const wheel = new EventWheel();
  const stage = { wheel, network: new Network(worlds.ideal, new Random(2)) };
  const from = new Somebody(wheel, 'from', upBytesPerMs);
  const to = new Somebody(wheel, 'to', 1_000);
  const one = new LinkEnd(stage, from, { link: 1, rttMs: RTT_MS, loss: 0 });
  const other = new LinkEnd(stage, to, { link: 1, rttMs: RTT_MS, loss: 0 });
  one.join(other);
  other.join(one);
  return { wheel, from, to, one };
};

const group = { stream: 0, epochTag: 1, firstSequence: 0, cutAt: 0, endsAt: 2_000, offsetsMs: [], keyPieces: 1 };

const piece = (sequence: number): GhostPiece => ({
  kind: 'piece',
  keyframe: false,
  encrypted: false,
  last: false,
  length: PIECE_BYTES,
  epochTag: 1,
  sequence,
  dtsMs: 0,
  cutMs: 0,
  generation: 0,
  tagStart: 0,
  groupOffset: sequence,
  cutAt: 0,
  group,
});

describe('a piece on its way', () => {
  test('leaves when the uplink has time, and comes half a round trip later', () => {
    const { wheel, to, one } = linked(1_000);
    one.push(piece(1), 'good');
    wheel.run(1_000);
    expect(to.came).toHaveLength(1);
    expect(to.came[0]).toBeGreaterThan(RTT_MS / 2 + 8);
    expect(to.came[0]).toBeLessThan(RTT_MS / 2 + 20);
  });

  test('is sent again where the router drops it, and counts as sent all the same', () => {
    const { wheel, from, to, one } = linked(150);
    const sent = [1, 2, 3, 4].map((sequence) => one.push(piece(sequence), 'good'));
    expect(new Set(sent).size).toBe(1);
    expect(from.ghostLine.isFull(0)).toBe(true);
    wheel.run(2_000);
    // Three fit into 200 ms of the router; what is missing of the fourth comes with the next try.
    expect(to.came).toHaveLength(4);
    expect(to.came[2]).toBeLessThan(200 + RTT_MS);
    expect(to.came[3]).toBeGreaterThan(200 + RTT_MS / 2);
  });

  test('is given up after half a second', () => {
    const { wheel, to, one } = linked(100);
    for (let sequence = 1; sequence <= 40; sequence++) one.push(piece(sequence), 'good');
    wheel.run(5_000);
    expect(to.came.length).toBeLessThan(8);
    expect(to.came.at(-1)).toBeLessThan(500 + 200 + RTT_MS);
  });

  test('takes some of the way back: it is acknowledged', () => {
    const { wheel, to, one } = linked(1_000);
    one.push(piece(1), 'good');
    wheel.run(1_000);
    const tookMs = to.ghostLine.emptyAt - (to.came[0] ?? 0);
    expect(tookMs * 1_000).toBeGreaterThan(PIECE_BYTES * ACKNOWLEDGED_SHARE);
    expect(tookMs * 1_000).toBeLessThan(PIECE_BYTES * ACKNOWLEDGED_SHARE * 1.2);
  });
});

describe('two pages', () => {
  /** When the second of two is first linked with the first. */
  const meetAt = (hidden: readonly ['visible' | 'hidden', 'visible' | 'hidden']): number => {
    const world = new World({ ...worlds.ideal, seed: 5 });
    for (const [at, page] of hidden.entries()) world.at(at * 1_000, () => void world.join({ page }));
    for (let now = 1_000; now < 10_000; now += 20) {
      world.run(now);
      if ([...world.viewers.values()].some(({ decider }) => decider.roundTripsMs.length > 0)) return now;
    }
    return Number.POSITIVE_INFINITY;
  };

  test('behind others meet a little later, one of them does not', () => {
    const inFront = meetAt(['visible', 'visible']);
    expect(meetAt(['hidden', 'visible'])).toBe(inFront);
    expect(meetAt(['hidden', 'hidden'])).toBeGreaterThan(inFront + 50);
    expect(meetAt(['hidden', 'hidden'])).toBeLessThan(inFront + 1_100);
  });
});
