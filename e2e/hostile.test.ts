// Neighbours that lie. Nothing they send is played or passed on, they are cut, and the picture does not notice.

import { describe, expect } from 'vitest';
import { eventually } from './fixtures/eventually.ts';
import { corrupt, foreign, Liar, type Lie, replay } from './fixtures/liar.ts';
import { it, type Stage } from './fixtures/stage.ts';
import { hasNeighbours } from './fixtures/swarm.ts';

const BURST = 60;

/**
 * A liar that has only one neighbour, the victim, and a witness behind the victim. The liar is honest until it is the
 * victim's parent, since nobody else is listened to.
 */
async function betray(stage: Stage, lie: Lie) {
  await stage.serve();
  const liar = new Liar();
  const liarsViewer = await stage.join('liar', { links: liar.links, policy: { neighbours: 1 } });
  const { viewer } = liarsViewer;
  await eventually('the liar is fed', () => viewer.stats().playedBytes > 0 && viewer.stats().viewer !== undefined);
  const victim = await stage.watch('victim');
  await eventually('the liar feeds the victim', () =>
    viewer.stats().neighbours.some(({ childOf }) => childOf.length > 0),
  );
  const witness = await stage.watch('witness');
  await eventually('the victim feeds the witness', async () => {
    const { neighbours } = (await victim.shared()).viewer;
    const name = (await witness.shared()).viewer.viewer;
    return neighbours.some((neighbour) => neighbour.viewer === name && neighbour.childOf.length > 0);
  });
  const tabs = [victim, witness];
  await victim.paints(50);
  for (const tab of tabs) await tab.forgetStalls();
  const name = viewer.stats().viewer;
  liar.begin(lie);
  return { liar, name, victim, witness, tabs };
}

describe('a neighbour that lies', () => {
  it.for([
    { sends: 'corrupted pieces', lie: () => corrupt, code: 'link/bad-piece' },
    { sends: 'old pieces as new ones', lie: replay, code: 'link/bad-piece' },
    { sends: 'pieces of another stream', lie: () => foreign(BURST), code: 'link/flood' },
  ] as const)('is cut when it sends $sends', async ({ lie, code }, { stage }) => {
    const { liar, name, victim, witness, tabs } = await betray(stage, lie());
    stage.complaints.expect(new RegExp(`^player error: ${code}`));
    await eventually('the victim cuts the liar', async () => ((await victim.shared()).viewer.faults[code] ?? 0) > 0);
    expect(liar.told).toBeGreaterThan(0);
    await Promise.all(tabs.map((tab) => tab.playsOn(100)));
    const [deceived, behind] = [await victim.shared(), await witness.shared()];
    expect(deceived.viewer.neighbours.map(({ viewer }) => viewer)).not.toContain(name);
    expect(deceived.viewer.piecesRejected).toBeGreaterThan(0);
    expect(deceived.viewer.faults[code]).toBe(1);
    expect(behind.viewer.piecesRejected, 'nothing false was passed on').toBe(0);
    for (const lie of ['link/bad-piece', 'link/flood'] as const) expect(behind.viewer.faults[lie]).toBeUndefined();
    expect((await victim.explain()).join(' ')).toMatch(/did not verify/);
    await hasNeighbours(victim, 1);
  });
});
