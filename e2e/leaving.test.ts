// Neighbours leave: one parent, then all of them. The picture of those who stay never waits.

import { describe } from 'vitest';
import { eventually } from './fixtures/eventually.ts';
import { it } from './fixtures/stage.ts';
import { areSharing, isFed, pushedBy } from './fixtures/swarm.ts';
import type { Tab } from './fixtures/tab.ts';

describe('a neighbour that leaves', () => {
  it('is replaced without a stall when it was a parent', async ({ stage }) => {
    await stage.serve();
    const parent = await stage.watch('parent');
    await parent.hears('started');
    const children = [await stage.watch('left'), await stage.watch('right')];
    for (const child of children) await isFed(child);
    const child = children[0] as Tab;
    await eventually('the parent feeds a child', async () => pushedBy(await parent.shared(), await child.shared()) > 0);
    for (const tab of children) await tab.forgetStalls();
    await parent.close();
    await Promise.all(children.map((tab) => tab.playsOn(150)));
    await areSharing(children);
  });

  it('leaves the last one with the origin, without a stall', async ({ stage }) => {
    await stage.serve();
    const others = [await stage.watch('one'), await stage.watch('two')];
    for (const other of others) await other.hears('started');
    const last = await stage.watch('last');
    await isFed(last);
    await last.paints(50);
    await last.forgetStalls();
    await Promise.all(others.map((tab) => tab.close()));
    await last.playsOn(150);
    await eventually('everything comes from the origin', async () => {
      const { viewer } = await last.shared();
      return viewer.fromOrigin === viewer.substreams && viewer.neighbours.length === 0;
    });
  });

  it('need not say goodbye: a tab that crashes is replaced too', async ({ stage }) => {
    await stage.serve();
    const parent = await stage.watch('parent');
    await parent.hears('started');
    const child = await stage.watch('child');
    await isFed(child);
    await child.paints(50);
    await child.forgetStalls();
    stage.complaints.expect(/^the tab crashed/);
    await parent.kill();
    await child.playsOn(150);
  });
});
