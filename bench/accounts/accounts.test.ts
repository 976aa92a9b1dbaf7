/**
 * A few viewers and all the liars for a few seconds: that the proxies count what the accounts speak of, and that nobody gets
 * more than crossed the lines.
 */
import { expect, test } from 'vitest';
import { runAccounts } from './accounts.bench.ts';

test('what is reported crossed the lines, and lies are worth nothing', async () => {
  const figures = await runAccounts({ viewers: 3, seconds: 9, settleSeconds: 20 }, () => undefined);
  const of = (name: string): number => Number(figures[name]);
  expect(figures).toMatchObject({ viewers: 3, reportedViewers: 3, lyingViewers: 17, inflationAccepted: 0 });
  expect(of('claimedByLiars')).toBeGreaterThan(1e9);
  expect(Math.abs(1 - of('reportedOriginBytes') / of('countedOriginBytes'))).toBeLessThan(0.005);
  expect(of('signedNeighbourBytes')).toBeGreaterThan(0);
  // A piece from both sides at once may have overtaken itself between proxy and viewer.
  expect(of('signedNeighbourBytes')).toBeLessThan(of('countedNeighbourBytes') * 1.05);
  expect(of('reportedNeighbourBytes')).toBeLessThanOrEqual(of('signedNeighbourBytes'));
});
