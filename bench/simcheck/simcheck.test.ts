/**
 * That the truth check can tell: topologies show in the simulated figures, and adjusting finds what was put in.
 */
import { expect, test } from 'vitest';
import { adjust, wrongness } from './adjust.ts';
import { simulate } from './simulated.ts';
import { CALIBRATION, PREDICTIONS } from './topologies.ts';

const stream = { bytesPerSec: 127_000, piecesPerSec: 24.5 };
const how = { seconds: 6, seeds: 1 };

test('uplinks that cannot carry the stream cost the origin more', () => {
  const [poor] = PREDICTIONS;
  const even = simulate(CALIBRATION, stream, { ...how, hopMs: 0 });
  const thin = simulate(poor ?? CALIBRATION, stream, { ...how, hopMs: 0 });
  expect(even.originCopies).toBeGreaterThanOrEqual(0.9);
  expect(thin.originCopies).toBeGreaterThan(2 * even.originCopies);
});

test('what a hop takes shows in every delay', () => {
  const quick = simulate(CALIBRATION, stream, { ...how, hopMs: 0 });
  const slow = simulate(CALIBRATION, stream, { ...how, hopMs: 40 });
  expect(slow.delayMsP50).toBeGreaterThan(quick.delayMsP50 + 30);
});

test('adjusting finds the hop that was put in', () => {
  const shown = (hopMs: number) => ({ originCopies: 1, delayMsP50: 100 + 2 * hopMs, delayMsP95: 250 + 4 * hopMs });
  expect(adjust(shown(16), ({ hopMs }) => shown(hopMs))).toEqual({ hopMs: 16 });
  expect(wrongness(shown(0), shown(50))).toBeGreaterThan(wrongness(shown(0), shown(9)));
});
