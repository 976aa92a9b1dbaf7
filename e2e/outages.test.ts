// Servers that die and return: the tracker, the origin, the source. Whoever watches notices as little as can be.

import { describe, expect } from 'vitest';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { Door } from './fixtures/door.ts';
import { eventually } from './fixtures/eventually.ts';
import { it } from './fixtures/stage.ts';
import { areSharing, hasNeighbours, isFed } from './fixtures/swarm.ts';
import type { Tab } from './fixtures/tab.ts';

describe('the tracker', () => {
  it('dies and returns: links live on, and new tabs are introduced again', async ({ stage }) => {
    const server = await stage.serve();
    const door = new Door(server.port);
    await door.open();
    stage.later(() => door.shut());
    const service = { tracker: `ws://127.0.0.1:${door.port}/tracker` };
    stage.pages.describe({ version: 1, originKeys: [server.originKey], iceServers: [], ...service });
    const options = { service: stage.pages.service };

    const first = await stage.watch('first', options);
    const second = await stage.watch('second', options);
    stage.complaints.expect(...REFUSED_CONNECTIONS, /^player error: tracker\/unreachable/);
    await isFed(second);
    await door.shut();
    for (const tab of [first, second]) await tab.forgetStalls();
    await Promise.all([first, second].map((tab) => tab.playsOn(100)));
    expect((await second.shared()).viewer.neighbours.length).toBe(1);
    const alone = await stage.watch('alone', options);
    await alone.hears('started');
    await alone.paints(50);
    expect((await alone.shared()).viewer.neighbours).toEqual([]);

    await door.open();
    await hasNeighbours(alone, 2);
    await isFed(alone);
    await alone.playsOn(50);
  });
});

describe('the origin', () => {
  it.for([
    { keys: 'the same keys', seams: undefined },
    { keys: 'fresh keys, as one without a seed file', seams: {} },
  ])('restarts with $keys and a new epoch, and the picture goes on', async ({ seams }, { stage }) => {
    const { port } = await stage.serve();
    const tabs = [await stage.watch('one'), await stage.watch('two')];
    stage.complaints.expect(...REFUSED_CONNECTIONS, /^player error: (origin|tracker|service|source)\//);
    await areSharing(tabs);
    for (const tab of tabs) await tab.forgetStalls();
    const before = (await tabs[0]?.shared())?.viewer.epoch;
    await stage.stopServing();
    await stage.serve({ port }, seams);
    const goesOn = async (tab: Tab): Promise<void> => {
      const { event } = await tab.hears('epoch', (said) => said.event.epoch !== before);
      expect(String(event.epoch) > String(before), 'epochs rise').toBe(true);
      await tab.paints(150);
      const stood = (await tab.frames()).stalls.map(({ gapMs }) => Math.round(gapMs));
      console.log(`${tab.name}: the picture stood for ${stood.join(', ')} ms`);
      await tab.forgetStalls();
      await tab.playsOn(50);
      await eventually(`${tab.name} says that it plays`, async () => (await tab.stats()).state === 'playing');
    };
    await Promise.all(tabs.map(goesOn));
    await areSharing(tabs);
  });
});

describe('the source', () => {
  it('dies and returns: everybody waits, nobody leaves, and the picture comes back', async ({ stage }) => {
    const upstream = await stage.serveFromUpstream();
    const tabs = [await stage.watch('one'), await stage.watch('two')];
    stage.complaints.expect(/^player error: source\/outage/);
    await areSharing(tabs);
    await upstream.kill();
    for (const tab of tabs) await tab.hears('state', ({ event }) => event.state === 'source-outage');
    await upstream.start();
    for (const tab of tabs) {
      await eventually(`${tab.name} plays again`, async () => (await tab.stats()).state === 'playing', 40_000);
      await tab.paints(50);
      await tab.showsTheSample();
      expect((await tab.said()).filter(({ name }) => name === 'fellBack')).toEqual([]);
    }
    expect(upstream.pulls).toBe(2);
  });

  it('ends: everything is shown, then the player says so', async ({ stage }) => {
    const upstream = await stage.serveFromUpstream();
    const tabs = [await stage.watch('one'), await stage.watch('two')];
    stage.complaints.expect(/^player error: source\/ended/);
    await areSharing(tabs);
    upstream.end();
    for (const tab of tabs) {
      await tab.hears('ended');
      expect((await tab.stats()).state).toBe('ended');
      await eventually('the last frame is painted', async () => {
        const duration = await tab.page.evaluate(() => document.querySelector('video')?.duration ?? Number.NaN);
        return duration - (await tab.frames()).mediaTime < 0.25;
      });
    }
  });

  it('is pulled once, however many watch, and left alone after the last one', async ({ stage }) => {
    const upstream = await stage.serveFromUpstream({ linger: 0 });
    const tabs = [await stage.watch('one'), await stage.watch('two'), await stage.watch('three')];
    for (const tab of tabs) await tab.hears('started');
    expect(upstream.pulls).toBe(1);
    for (const tab of tabs) await tab.close();
    await eventually('the server leaves the stream', () => stage.server.streams().length === 0);
    await eventually('nothing is pulled any more', () => upstream.open === 0);
  });
});
