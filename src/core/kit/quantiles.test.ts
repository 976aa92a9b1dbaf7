import { expect, test } from 'vitest';
import { Quantiles } from './quantiles.ts';
import { Random } from './random.ts';

test.each([1, 2, 3, 16, 24, 256])('of the last %i samples are those of the sorted list, ties and all', (capacity) => {
  const random = new Random(capacity);
  const quantiles = new Quantiles(capacity);
  const kept: number[] = [];
  for (let n = 0; n < 2_000; n++) {
    const sample = random.unit() < 0.5 ? random.below(20) : random.unit() * 1_000;
    quantiles.add(sample);
    kept.push(sample);
    if (kept.length > capacity) kept.shift();
    if (n === 700) {
      quantiles.clear();
      kept.length = 0;
      continue;
    }
    const sorted = [...kept].sort((a, b) => a - b);
    for (const share of [0, 0.5, 0.8, 0.95, 1])
      expect(quantiles.at(share)).toBe(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
  }
});
