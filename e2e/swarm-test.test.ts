// The published swarm tests, as a customer has them: plain Playwright, a page that knows nothing of being tested.

import { describe, expect } from 'vitest';
import { ShoalError } from '../src/errors.ts';
import { type OpenOptions, Swarm, type SwarmOptions, type SwarmViewer } from '../src/swarm-test/index.ts';
import { eventually } from './fixtures/eventually.ts';
import { chromium, it, type Stage } from './fixtures/stage.ts';

/** A customer's page that plays the test's stream. */
function offerPage(stage: Stage, options: object = {}, more = ''): string {
  const given = JSON.stringify({ url: stage.url('page'), ...options });
  stage.pages.offer(
    'shop.html',
    `<!doctype html><link rel="icon" href="data:," /><video muted autoplay playsinline></video>
     <script src="shoal.global.js"></script>
     <script>
       Shoal.createPlayer({ ...${given}, video: document.querySelector('video') });
       ${more}
     </script>`,
  );
  return `${stage.pages.address}/shop.html`;
}

async function openSwarm(stage: Stage, open: OpenOptions, options: SwarmOptions = {}) {
  await stage.serve();
  const url = offerPage(stage);
  const swarm = new Swarm(await chromium(), options);
  stage.later(() => swarm.close());
  const [one, two, ...more] = await swarm.open(url, open);
  if (one === undefined) throw new Error('no viewer');
  return { swarm, one, two: two as SwarmViewer, more };
}

const PLAIN = { viewers: 2, names: ['anna', 'bert'] } as const;

describe('a swarm', () => {
  it('of contexts and of tabs is opened, settles, and holds what is expected of it', async ({ stage }) => {
    const { swarm, one, two } = await openSwarm(stage, { ...PLAIN, in: 'tabs' });
    expect(one.context).toBe(two.context);
    const [three] = await swarm.open(`${stage.pages.address}/shop.html`);
    expect([three?.name, three?.context === one.context]).toEqual(['viewer 3', false]);
    await swarm.untilSharing();
    await swarm.untilSettled();
    const figures = await swarm.expect({ offloadAtLeast: 0.4, copiesAtMost: 1.7 }, { seconds: 4 });
    expect(figures.viewers.map(({ name }) => name)).toEqual(['anna', 'bert', 'viewer 3']);
    for (const { played } of figures.viewers) expect(played).toBeGreaterThan(0);
    const feeds = await swarm.feeds();
    expect(feeds.some(({ parent }) => parent === 'origin')).toBe(true);
    expect(feeds.some(({ parent }) => parent !== 'origin' && parent !== 'outside')).toBe(true);
    expect((await swarm.table()).split('\n')).toHaveLength(4);
  });

  it('says what was wanted, what there was and who feeds whom', async ({ stage }) => {
    const { swarm } = await openSwarm(stage, PLAIN);
    const failure = await swarm.expect({ offloadAtLeast: 0.99, stallsAtMost: 1000 }, { seconds: 1 }).catch(String);
    expect(failure).toMatch(/the offload: -?[\d.]+, wanted at least 0.99/);
    expect(failure).toMatch(/^fed by +origin +anna +bert +nobody/m);
    expect(failure).toMatch(/^anna: played \d+ kB/m);
    expect(failure).not.toMatch(/the stalls/);
  });

  it('whose viewers do not share is told in a table when waited for in vain', async ({ stage }) => {
    await stage.serve();
    const swarm = new Swarm(await chromium(), { withinMs: 1000 });
    stage.later(() => swarm.close());
    await swarm.open(offerPage(stage, { sharing: 'off' }), PLAIN);
    const failure = await swarm.untilSharing().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'swarm-test/never-came' });
    expect(String(failure)).toMatch(/neighbours feed everybody but one, within 1000 ms/);
    expect(String(failure)).toMatch(/^anna +\d+ +\\ +\./m);
  });

  it('fails at its end for what its pages complained about', async ({ stage }) => {
    await stage.serve();
    const url = offerPage(stage, {}, "console.error('a bug of the page'); console.warn('a worry');");
    const swarm = new Swarm(await chromium());
    await swarm.open(url, { until: 'player' });
    await eventually('the complaint is heard', () => swarm.complaints.undeclared().length > 0);
    const failure = await swarm.close().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ShoalError);
    expect(failure).toMatchObject({ code: 'swarm-test/complaints' });
    expect(String(failure)).toMatch(/viewer 1: console error: a bug of the page/);
    expect(String(failure)).not.toMatch(/a worry/);
  });

  it('on a page that makes no player says so', async ({ stage }) => {
    stage.pages.offer('empty.html', '<!doctype html><link rel="icon" href="data:," />');
    const swarm = new Swarm(await chromium(), { withinMs: 500 });
    stage.later(() => swarm.close());
    const opening = swarm.open(`${stage.pages.address}/empty.html`);
    await expect(opening).rejects.toMatchObject({ code: 'swarm-test/never-came' });
    await expect(opening).rejects.toThrow(/viewer 1's page makes player 0/);
  });
});

describe('a viewer', () => {
  it('may have its player in a frame of its page', async ({ stage }) => {
    await stage.serve();
    const { pathname } = new URL(offerPage(stage));
    stage.pages.offer(
      'framed.html',
      `<!doctype html><link rel="icon" href="data:," /><iframe src="${pathname}"></iframe>`,
    );
    const swarm = new Swarm(await chromium());
    stage.later(() => swarm.close());
    const [framed] = await swarm.open(`${stage.pages.address}/framed.html`);
    const [plain] = await swarm.open(`${stage.pages.address}${pathname}`);
    await swarm.untilSharing();
    expect([await framed?.players(), await plain?.players()]).toEqual([1, 1]);
    expect(await framed?.countLinks(plain)).toBe(1);
  });

  it('whose links are cut finds its neighbours again', async ({ stage }) => {
    const { swarm, one, two, more } = await openSwarm(stage, { viewers: 3 });
    await swarm.untilSharing();
    const all = [one, two, ...more];
    const linked = () => Promise.all(all.map((viewer) => viewer.untilNeighbours(2)));
    await linked();
    expect([await one.countLinks(), await one.countLinks(two)]).toEqual([2, 1]);
    expect(await one.cutLinks(two)).toBe(1);
    expect(await one.countLinks(two)).toBe(0);
    await eventually('both link again', async () => (await one.countLinks(two)) === 1);
    await linked();
    expect(await one.cutLinks(), 'it has no link left').toBe(2);
    await eventually('it links again with both', async () => (await one.countLinks()) === 2);
    await linked();
    await swarm.untilSharing();
  });

  it('that sends broken pieces is cut by those it feeds, and nothing of it is played', async ({ stage }) => {
    const { swarm, one, two } = await openSwarm(stage, PLAIN);
    await eventually('one feeds the other', async () =>
      (await swarm.feeds()).some(({ parent, child }) => parent === 'anna' && child === 'bert'),
    );
    const corruption = await one.corruptPieces();
    await eventually('it is cut', async () => ((await two.shared()).viewer.faults['link/bad-piece'] ?? 0) > 0);
    expect(await corruption.told()).toBeGreaterThan(0);
    await two.plays(2);
    const { piecesRejected, neighbours } = (await two.shared()).viewer;
    expect(piecesRejected).toBeGreaterThan(0);
    expect(neighbours).toEqual([]);
    await corruption.end();
  });

  it('that loses its network stands still, and plays and shares again when it is back', async ({ stage }) => {
    const { swarm, one, two } = await openSwarm(stage, { ...PLAIN, network: 'own' });
    swarm.complaints.expect(/^console error: (WebSocket connection to|Failed to load resource)/);
    await swarm.untilSharing();
    await two.goOffline();
    await two.hears('stalled');
    const { painted } = await two.frames();
    await one.plays(2);
    expect((await two.frames()).painted).toBe(painted);
    await eventually('the other one is alone', async () => (await one.shared()).viewer.neighbours.length === 0);
    await two.goOnline();
    await two.plays(2);
    await swarm.untilSharing();
    await Promise.all([one, two].map((viewer) => viewer.untilNeighbours(1)));
  });

  it('can lose only a network of its own', async ({ stage }) => {
    const { one } = await openSwarm(stage, {});
    await expect(one.goOffline()).rejects.toMatchObject({ code: 'swarm-test/not-possible' });
    expect((await one.stats()).state).toBe('playing');
  });

  it('that is killed is gone from the table and from what is expected', async ({ stage }) => {
    const { swarm, one, two } = await openSwarm(stage, PLAIN);
    swarm.complaints.expect(/^the tab crashed/);
    await swarm.untilSharing();
    await one.kill();
    expect([one.isOpen, swarm.viewers, swarm.all]).toEqual([false, [two], [one, two]]);
    const { viewers } = await swarm.measure({ seconds: 1 });
    expect(viewers.map(({ name }) => name)).toEqual(['bert']);
    expect((await one.look()).stats).toBeUndefined();
  });
});
