// Workers that die, players that come and go.

import { describe, expect } from 'vitest';
import { eventually } from './fixtures/eventually.ts';
import { countThings } from './fixtures/living-things.ts';
import { it } from './fixtures/stage.ts';
import { isFed } from './fixtures/swarm.ts';

describe('a worker', () => {
  it('that is killed is replaced, and the picture goes on', async ({ stage }) => {
    await stage.serve();
    const other = await stage.watch('other');
    await other.hears('started');
    const tab = await stage.watch('mortal', {}, { before: countThings });
    await isFed(tab);
    await tab.paints(50);
    stage.complaints.expect(/^player error: worker\/died/);
    await tab.page.evaluate(() => {
      const [worker] = globalThis.things.workers();
      if (worker === undefined) throw new Error('no worker');
      Worker.prototype.terminate.call(worker);
    });
    await tab.hears('error', ({ event }) => event.code === 'worker/died');
    await tab.paints(75);
    await tab.forgetStalls();
    await tab.playsOn(50);
    expect((await tab.stats()).workersLost).toBe(1);
    expect((await tab.stats()).mode).toBe('shared');
    await isFed(tab);
    await other.showsTheSample();
  });
});

describe('players', () => {
  it('play side by side on one page', async ({ stage }) => {
    await stage.serve({ sources: { [stage.path]: 'embedded', '/live/other': 'embedded' } });
    const tab = await stage.open('page', { file: 'two.html' });
    await tab.play({ url: stage.url('left') }, 0);
    await tab.play({ url: `${stage.server.url}/live/other.flv?tag=right` }, 1);
    for (const seat of [0, 1]) await tab.showsTheSample(seat);
    const [left, right] = [await tab.shared(0), await tab.shared(1)];
    expect(left.viewer.viewer).not.toBe(right.viewer.viewer);
    expect(left.viewer.epoch).not.toBe(right.viewer.epoch);
    await tab.page.evaluate(() => globalThis.stage.seatOf(0).player.destroy());
    await tab.paints(50, 1);
    await tab.showsTheSample(1);
  });

  it('of the same stream on one page feed each other', async ({ stage }) => {
    await stage.serve();
    const tab = await stage.open('page', { file: 'two.html' });
    await tab.play({ url: stage.url('left') }, 0);
    await tab.play({ url: stage.url('right') }, 1);
    await eventually('one feeds the other', async () => {
      const both = [await tab.shared(0), await tab.shared(1)];
      return both.some(({ viewer }) => viewer.fromNeighbours > 0);
    });
    for (const seat of [0, 1]) await tab.showsTheSample(seat);
  });

  it('survive being mounted twice, as React does in development', async ({ stage }) => {
    await stage.serve();
    const tab = await stage.open('page', { before: countThings });
    const url = stage.url('twice');
    await tab.page.evaluate((address) => {
      const first = globalThis.stage.play({ url: address });
      globalThis.stage.seatOf(first).player.destroy();
    }, url);
    await tab.play({ url });
    await tab.showsTheSample(1);
    expect(await tab.page.evaluate(() => globalThis.stage.seatOf(0).player.state)).toBe('destroyed');
    expect((await tab.frames(1)).painted).toBeGreaterThan(0);
    await eventually('the first worker is gone', () =>
      tab.page.evaluate(() => globalThis.things.workers().length === 1),
    );
  });

  it('end the one before on the same element', async ({ stage }) => {
    await stage.serve();
    const tab = await stage.open('page', { before: countThings });
    await tab.play({ url: stage.url('one') });
    await tab.play({ url: stage.url('two') });
    await tab.showsTheSample(1);
    expect(await tab.page.evaluate(() => globalThis.stage.seatOf(0).player.state)).toBe('destroyed');
  });

  it('leave nothing behind after 200 lives', async ({ stage }) => {
    await stage.serve();
    const neighbour = await stage.watch('neighbour');
    await neighbour.hears('started');
    const tab = await stage.open('page', { before: countThings });
    const made = await tab.page.evaluate(async (address) => {
      const video = document.querySelector('video');
      if (video === null) throw new Error('no video');
      const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      for (let life = 0; life < 200; life++) {
        const player = globalThis.Shoal.createPlayer({ url: address, video });
        // Lives of every length: ended at once, in the middle of the start, and some with a link.
        const before = globalThis.things.made();
        const until = performance.now() + (life % 50 === 49 ? 20_000 : (life % 5) * 10);
        do await pause(1);
        while (performance.now() < until && globalThis.things.made() === before);
        player.destroy();
      }
      return globalThis.things.made();
    }, stage.url('many'));
    expect(made, 'lives that had links').toBeGreaterThanOrEqual(4);
    await eventually('workers and connections are gone', () =>
      tab.page.evaluate(() => globalThis.things.workers().length + globalThis.things.connections().length === 0),
    );
    await eventually('the server sees one viewer', () => stage.server.streams()[0]?.viewers === 1);
    await eventually('the tracker too', () => stage.server.rooms()[0]?.viewers === 1);
    await neighbour.showsTheSample();
  });
});
