import { describe, expect, test } from 'vitest';
import { arrivedShare, Delivery } from './delivery.ts';

/** Ten seconds of a thousand bytes each, of which so much has come. */
const delivered = (share: number, bytesPerSec = 1_000): Delivery => {
  const delivery = new Delivery();
  for (let second = 1; second <= 10; second++) {
    delivery.step(second * bytesPerSec, second * bytesPerSec * share);
  }
  return delivery;
};

describe('what of all that was sent has come', () => {
  test('is the share of it that was acknowledged', () => {
    const one = delivered(0.5);
    expect(one.arrived / one.due).toBeCloseTo(0.5, 1);
    expect(arrivedShare([one], 100)).toBeCloseTo(0.5, 1);
  });

  test('tells how much came with each step', () => {
    const delivery = new Delivery();
    expect([delivery.step(5_000, 1_000), delivery.step(5_000, 4_000)]).toEqual([1_000, 3_000]);
  });

  test('is forgotten after some seconds', () => {
    const delivery = delivered(0);
    for (let second = 1; second <= 10; second++) delivery.step(10_000 + second * 1_000, second * 1_000);
    expect(delivery.arrived / delivery.due).toBeGreaterThan(0.9);
  });

  test('says nothing when hardly anything was sent', () => {
    expect([arrivedShare([delivered(0)], 100_000), arrivedShare([], 0)]).toEqual([1, 1]);
  });

  test('is looked at where most has come: a quarter may be the trouble of others', () => {
    const three = [delivered(1), delivered(1), delivered(1)];
    expect(arrivedShare([...three, delivered(0)], 100)).toBeGreaterThan(0.99);
    expect(arrivedShare([...three, delivered(0), delivered(0)], 100)).toBeLessThan(0.8);
    expect(
      arrivedShare(
        [0.7, 0.7, 0.7, 0.7].map((share) => delivered(share)),
        100,
      ),
    ).toBeLessThan(0.75);
  });
});
