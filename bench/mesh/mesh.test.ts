/**
 * A mesh of a few viewers for a few seconds: that the benchmark's parts work together and count what they say.
 */
import { expect, test } from 'vitest';
import { runMesh } from './mesh.bench.ts';

test('a small mesh shares, behind the relay', async () => {
  const plan = {
    viewers: 4,
    seconds: 3,
    churnPercentPerMinute: 0,
    joinsPerSec: 4,
    settleSeconds: 4,
    neighbours: 16,
    rttMs: 20,
    hosts: 2,
  };
  const figures = await runMesh(plan, { say: () => undefined });
  expect(figures.viewers).toBe(4);
  expect(figures.piecesAccepted).toBeGreaterThan(50);
  expect(figures.delayMsP50).toBeGreaterThanOrEqual(10);
  expect(figures.offload).toBeLessThan(1);
  expect(figures.relayedPackets).toBeGreaterThan(10);
  expect(figures.receiptsDisagree).toBeLessThan(0.5);
});
