import { expect, test } from 'vitest';
import { Random } from '../../../src/core/kit/random.ts';
import { Credit } from './credit.ts';

const started = (before?: ReadonlyMap<string, number>): Credit => {
  const credit = new Credit(before);
  credit.restart(1000);
  return credit;
};

test('what both ends signed for is credited as far as it was shown and not sent by the origin', () => {
  const credit = started();
  credit.claim('b', 400);
  credit.claim('c', 500);
  expect(credit.earn(0)).toBe(0);
  credit.decide({ from: 1000, to: 2000 }, 4, 4);
  expect(credit.earn(300)).toBe(700);
  expect(credit.earn(300)).toBe(0);
  credit.decide({ from: 2000, to: 4000 }, 4, 4);
  expect(credit.earn(300)).toBe(200);
  expect(credit.state).toEqual({ claimed: 900, proven: 3000, credited: 900 });
});

test('a claim counts once: the same again, and less than before, say nothing', () => {
  const credit = started();
  credit.decide({ from: 1000, to: 9000 }, 4, 4);
  for (const bytes of [500, 500, 200, 500]) credit.claim('b', bytes);
  expect(credit.earn(0)).toBe(500);
  const back = started(credit.links);
  back.decide({ from: 1000, to: 9000 }, 4, 4);
  back.claim('b', 500);
  expect(back.earn(0)).toBe(0);
  back.claim('b', 650);
  expect(back.earn(0)).toBe(150);
});

test('a stretch is decided once, and only from when the viewer was there', () => {
  const credit = started();
  credit.claim('b', 1e9);
  credit.decide({ from: 0, to: 1500 }, 4, 4);
  credit.decide({ from: 0, to: 1500 }, 4, 4);
  credit.decide({ from: 1200, to: 1600 }, 0, 4);
  credit.decide({ from: 1000, to: 1600 }, 4, 4);
  // 500 of the 600 bytes about which was asked.
  expect(credit.earn(0)).toBe(Math.floor(500 ** 2 / 600));
});

test('whoever held everything for long, and then nothing, is credited with nothing more', () => {
  const credit = started();
  credit.claim('b', 1e9);
  credit.decide({ from: 1000, to: 100_000 }, 8, 8);
  expect(credit.earn(0)).toBe(99_000);
  for (let cut = 100_000; cut < 500_000; cut += 5000) {
    credit.decide({ from: cut, to: cut + 5000 }, 0, 8);
    expect(credit.earn(0)).toBe(0);
  }
});

test('nothing is credited before it is known where the stream stands', () => {
  const credit = new Credit();
  credit.claim('b', 1e9);
  credit.decide({ from: 0, to: 5000 }, 4, 4);
  expect(credit.earn(0)).toBe(0);
});

test('what was credited is not taken back, and what the origin sends later is set against what comes', () => {
  const credit = started();
  credit.claim('b', 1e9);
  credit.decide({ from: 1000, to: 2000 }, 4, 4);
  expect(credit.earn(0)).toBe(1000);
  expect(credit.earn(600)).toBe(0);
  credit.decide({ from: 2000, to: 3000 }, 4, 4);
  expect(credit.earn(600)).toBe(400);
});

test('whoever holds a part of a stream and has that from the origin wins nothing by luck', () => {
  const random = new Random(7);
  for (const part of [0.1, 0.25, 0.5, 0.75, 0.9]) {
    let won = 0;
    for (let viewer = 0; viewer < 40; viewer++) {
      const credit = started();
      credit.claim('b', 1e12);
      let cut = 1000;
      for (let round = 0; round < 200; round++) {
        const held = Array.from({ length: 8 }, () => random.between(0, 1)).filter((dice) => dice < part).length;
        credit.decide({ from: cut, to: cut + 1000 }, held, 8);
        cut += 1000;
        won += credit.earn((cut - 1000) * part);
      }
    }
    // A chance of the first rounds may stay; over the viewers' time it is nothing.
    expect(won / (40 * 200 * 1000), `part ${part}`).toBeLessThan(0.001);
  }
});

test('neighbours are counted up to a limit', () => {
  const credit = started();
  for (let n = 0; n < 2000; n++) credit.claim(String(n), 1);
  expect(credit.state.claimed).toBe(512);
  expect(credit.links.size).toBe(512);
});
