// Pages that are busy, hidden or frozen: what they carry for others must not suffer with them.

import { describe, expect } from 'vitest';
import { eventually } from './fixtures/eventually.ts';
import { it } from './fixtures/stage.ts';
import { isFed, pushedBy } from './fixtures/swarm.ts';
import type { Tab } from './fixtures/tab.ts';

const BLOCKED_MS = 300;
/** Bytes that waited for the page would come up to a whole block late; a busy machine adds some of its own. */
const ADDED_LAG_MAX_MS = BLOCKED_MS / 3;

/** The lag of what a tab gets, over about five seconds, as the upper quartile of looks at its 95th percentile. */
async function lagOf(tab: Tab): Promise<number> {
  const looks: number[] = [];
  for (let look = 0; look < 5; look++) {
    await tab.paints(25);
    looks.push((await tab.shared()).viewer.lagMsP95 ?? Number.POSITIVE_INFINITY);
  }
  return looks.sort((a, b) => a - b)[3] ?? Number.POSITIVE_INFINITY;
}

describe('a page that is blocked 300 ms of each second', () => {
  it('does not keep its children waiting with it', async ({ stage }) => {
    await stage.serve();
    const busy = await stage.watch('busy');
    await busy.hears('started');
    const child = await stage.watch('child');
    await isFed(child);
    let before = await lagOf(child);
    await eventually('the catching up of the start is forgotten', async () => {
      const earlier = before;
      before = await lagOf(child);
      return before > 0.8 * earlier;
    });
    await busy.page.evaluate((blockedMs) => {
      setInterval(() => {
        const until = performance.now() + blockedMs;
        while (performance.now() < until);
      }, 1000);
    }, BLOCKED_MS);
    await child.forgetStalls();
    const during = await lagOf(child);
    console.log(`lag p95 of the child: ${before.toFixed(1)} ms, with a blocked parent ${during.toFixed(1)} ms`);
    await eventually('it still feeds the child', async () => pushedBy(await busy.shared(), await child.shared()) > 0);
    expect(during - before).toBeLessThan(ADDED_LAG_MAX_MS);
    expect(await child.stalls()).toEqual([]);
  });
});

describe('a page that is frozen', () => {
  it('is replaced as a parent, and rejoins the live edge when it thaws', async ({ stage }) => {
    await stage.serve();
    const sleeper = await stage.watch('sleeper');
    await sleeper.hears('started');
    const child = await stage.watch('child');
    await isFed(child);
    await child.paints(100);
    await child.forgetStalls();
    await sleeper.freeze();
    await child.playsOn(200);
    await sleeper.thaw();
    await sleeper.paints(50);
    await sleeper.showsTheSample();
    await eventually('it is live again', async () => (await sleeper.shared()).viewer.latencyMs < 3000);
    await isFed(child);
  });
});
