import { expect, test } from 'vitest';
import { Random } from '../src/core/kit/random.ts';
import { encodeLinkMessage } from '../src/wire/link.ts';
import { linkMessages } from '../src/wire/testing/samples.ts';
import { GhostLine } from './ghost-line.ts';
import { LineDeck } from './lines.ts';
import { messageBytes } from './message-bytes.ts';
import { Network, wireBytes } from './network.ts';
import { worlds } from './worlds.ts';

const { real } = worlds;

/** A hundred bytes a ms up, a thousand down. */
const thinLine = (): GhostLine =>
  new GhostLine({ uplinkBitsPerSec: 800_000, downlinkBitsPerSec: 8_000_000, routerMs: 200 });

test.each([100, 200, 1_000])(
  '%i viewers have exactly the mean uplink of the world, and a quarter has none',
  (count) => {
    const deck = new LineDeck(real.lines, real.uplinkMean, new Random(3));
    const lines = Array.from({ length: count }, () => deck.deal());
    const mean = lines.reduce((sum, line) => sum + line.up, 0) / count;
    expect(mean).toBeCloseTo(1.25, 10);
    expect(lines.filter((line) => line.up === 0).length / count).toBe(real.withoutUplink);
  },
);

test('the median round trip is that of the world, and a fifth of the pairs cannot connect', () => {
  const network = new Network(real, new Random(4));
  const deck = new LineDeck(real.lines, 1.25, new Random(5));
  const place = () => ({ region: network.region(), line: deck.deal() });
  const rtts = Array.from({ length: 4_001 }, () => network.rttMs(place(), place())).sort((a, b) => a - b);
  expect(rtts[2_000]).toBeGreaterThan(57);
  expect(rtts[2_000]).toBeLessThan(63);
  expect(rtts[0]).toBeLessThan(25);
  expect(rtts[4_000]).toBeGreaterThan(100);
  const pairs = Array.from({ length: 5_000 }, (_, at) => network.reaches(`a${at}`, `b${at * 7}`));
  expect(pairs.filter((reaches) => !reaches).length / 5_000).toBeCloseTo(0.2, 1);
  expect(network.reaches('x', 'y')).toBe(network.reaches('y', 'x'));
});

test('everybody is equally far away where the world says so', () => {
  const network = new Network({ ...real, rttSpread: 0, rttMedianMs: 100 }, new Random(1));
  const deck = new LineDeck(real.lines, 1.25, new Random(2));
  expect(network.rttMs({ region: 0, line: deck.deal() }, { region: 2, line: deck.deal() })).toBe(100);
});

test('a data channel carries what was measured: by its window without loss, by Mathis with it', () => {
  const network = new Network(real, new Random(1));
  const mbit = (rttMs: number, loss: number): number => network.channelBytesPerMs(rttMs, loss) * 0.008;
  expect(mbit(20, 0)).toBeGreaterThan(25);
  expect(mbit(50, 0)).toBeGreaterThan(7);
  expect(mbit(50, 0)).toBeLessThan(16);
  expect(mbit(100, 0)).toBeLessThan(9);
  expect(mbit(50, 0.01)).toBeGreaterThan(1.5);
  expect(mbit(50, 0.01)).toBeLessThan(2.8);
  expect(mbit(100, 0.02)).toBeLessThan(1);
});

test('losses cost about as much as measured: nine in a hundred pieces at one percent, half a second at worst', () => {
  const network = new Network(real, new Random(1));
  const waits = Array.from({ length: 20_000 }, () => network.lossMs(8_300, 50, 0.01));
  const hit = waits.filter((wait) => wait > 0);
  expect(hit.length / waits.length).toBeGreaterThan(0.06);
  expect(hit.length / waits.length).toBeLessThan(0.1);
  expect(new Set(hit)).toEqual(new Set([75, 450, Number.POSITIVE_INFINITY]));
  expect(network.lossMs(8_300, 50, 0)).toBe(0);
});

test.each(linkMessages.map((message) => [message.kind, message] as const))(
  'a %s is as long as the encoder makes it',
  (_kind, message) => expect(messageBytes(message)).toBe(encodeLinkMessage(message).length),
);

test('an uplink sends one thing after another, and its router drops what would wait too long', () => {
  const line = thinLine();
  expect(line.depart(0, 1_000)).toBe(10);
  expect(line.depart(0, 1_000)).toBe(20);
  expect([line.handIn(0, 10_000), line.emptyAt]).toEqual([0, 120]);
  expect([line.handIn(0, 10_000), line.emptyAt]).toEqual([2_000, 200]);
  expect([line.handIn(0, 100), line.queueMs(0), line.isFull(0)]).toEqual([100, 200, true]);
  expect([line.handIn(150, 1_000), line.emptyAt]).toEqual([0, 210]);
  expect([line.handIn(600, 1_000), line.emptyAt, line.isFull(600)]).toEqual([0, 610, false]);
});

test('what comes down a line at the same time waits for each other', () => {
  const line = thinLine();
  expect(line.arrive(100, 1_000)).toBe(100);
  expect(line.arrive(100, 1_000)).toBe(101);
  expect(line.arrive(300, 1_000)).toBe(300);
});

test('packets cost bytes of their own: about eight in a hundred', () => {
  expect(8_300 / wireBytes(8_300)).toBeGreaterThan(0.91);
  expect(8_300 / wireBytes(8_300)).toBeLessThan(0.93);
});
