// The flows of the FAQ, each with the real plugin, the real player and a real fault. Where the documents wait, the test
// moves the clock.

import { describe, expect } from 'vitest';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { Door } from './fixtures/door.ts';
import { eventually } from './fixtures/eventually.ts';
import { FaqPage } from './fixtures/faq-page.ts';
import { noteReach } from './fixtures/reach.ts';
import { it, type Stage } from './fixtures/stage.ts';

/** Data may stay away for as long as the test wants. */
const PATIENT = { disconnectAfterMs: 600_000 };

/** A server behind a door, and the stream's address through it. */
async function serveBehindDoor(stage: Stage): Promise<{ door: Door; url: string }> {
  const { port } = await stage.serve();
  const door = new Door(port);
  await door.open();
  stage.later(() => door.shut());
  stage.complaints.expect(...REFUSED_CONNECTIONS);
  return { door, url: `http://127.0.0.1:${door.port}${stage.path}.flv` };
}

describe('entering a page', () => {
  it('plays when player and service are both ready, not before', async ({ stage }) => {
    await stage.serve();
    const page = await FaqPage.open(stage, 'enter');
    await page.init();
    await page.page.evaluate(() => globalThis.faq.holdServices());
    await page.enter(stage.url('enter'));
    await page.waitsFor('playerReady');
    await page.waitsFor('call startP2PService');
    expect(await page.page.evaluate(() => globalThis.faq.player?.autoplay)).toBe(false);
    expect(await page.course()).not.toContain('playerStartPull');
    await page.page.evaluate(() => globalThis.faq.letServicesGo());
    await page.waitsFor('2004');
    await page.paints(25);
    const course = await page.course();
    expect(course.indexOf('playerStartPull')).toBeGreaterThan(course.indexOf('done startP2PService'));
    expect(course.indexOf('call startP2PStream')).toBeGreaterThan(course.indexOf('playerStartPull'));
    expect(await page.page.evaluate(() => globalThis.faq.player?.autoplay)).toBe(true);
  });

  it('asks the page to leave when the stream is refused', async ({ stage }) => {
    await stage.serve();
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    const page = await FaqPage.open(stage, 'none');
    await page.init();
    await page.enter(`${stage.server.url}/live/there-is-none.flv`);
    const { detail } = await page.waitsFor('prompt');
    expect(JSON.parse(detail)).toMatchObject({ kind: 'refused', refused: { errcode: -2402 } });
    expect(await page.stateOfSession()).toBe('over');
  });
});

describe('a link that breaks after it has played', () => {
  it('makes the page leave, clean up, and enter again', async ({ stage }) => {
    const { door, url } = await serveBehindDoor(stage);
    const page = await FaqPage.open(stage, 'broken');
    await page.init({ disconnectAfterMs: 2000 });
    await page.enter(url);
    await page.waitsFor('2004');
    await door.shut();
    const { detail } = await page.waitsFor('prompt');
    expect(JSON.parse(detail)).toMatchObject({ kind: 'disconnected' });
    await page.leave();
    const course = await page.course();
    for (const call of ['stopVoiceService', 'stopP2PStream', 'stopP2PService'])
      expect(course).toContain(`call ${call}`);
    expect(course, 'the network did not change').not.toContain('call resetP2P');
    await door.open();
    await page.enter(url);
    await page.waitsFor('2004', 2);
    await page.paints(25);
  });

  it('mends itself after 5000 ms where the page wants it to', async ({ stage }) => {
    const { door, url } = await serveBehindDoor(stage);
    const page = await FaqPage.open(stage, 'mended');
    await page.init({ disconnectAfterMs: 2000 });
    await page.enter(url, { recover: 'auto' });
    await page.waitsFor('2004');
    await door.shut();
    await eventually('the link is given up', async () => (await page.stateOfSession()) === 'recovering');
    await door.open();
    await page.advance(4999);
    expect(await page.course()).not.toContain('call resetP2P');
    await page.advance(1);
    await page.waitsFor('call resetP2P');
    await page.waitsFor('2004', 2);
    await page.paints(25);
    expect(await page.course()).not.toContain('prompt');
  });

  it('is no broken link when the source ends', async ({ stage }) => {
    const upstream = await stage.serveFromUpstream();
    const page = await FaqPage.open(stage, 'ends');
    await page.init(PATIENT);
    await page.enter(stage.url('ends'));
    await page.waitsFor('2004');
    upstream.end();
    await page.waitsFor('ended');
    await page.waitsFor('2006');
    expect(await page.course()).not.toContain('prompt');
  });
});

describe('background and return', () => {
  it('goes on where the page was only frozen', async ({ stage }) => {
    await stage.serve();
    const page = await FaqPage.open(stage, 'frozen');
    await page.init(PATIENT);
    await page.enter(stage.url('frozen'));
    await page.waitsFor('2004');
    const session = await page.page.context().newCDPSession(page.page);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await page.paints(25);
    expect(await page.course()).not.toContain('prompt');
  });

  it('that cost the player its element is told by 2103 with -1004, and mended by leaving', async ({ stage }) => {
    await stage.serve();
    const page = await FaqPage.open(stage, 'lost');
    await page.init(PATIENT);
    await page.enter(stage.url('lost'));
    await page.waitsFor('2004');
    await page.loseElement();
    const { detail } = await page.waitsFor('2103');
    expect(detail).toMatch(/errCode:-1004(\D|$)/);
    noteReach('player', 'event', 'statechange.2103');
    expect(JSON.parse((await page.waitsFor('prompt')).detail)).toMatchObject({ kind: 'local-server' });
    expect(await page.flags()).toEqual({ networkChanged: true, needResetLocalServer: true });
    expect(await page.page.evaluate(() => globalThis.faq.player?.state)).toBe('destroyed');
    await page.leave();
    noteReach('player', 'method', 'checkReset');
    expect(await page.course()).toContain('call resetP2P');
    noteReach('player', 'method', 'resetP2P');
    expect(await page.flags()).toEqual({ networkChanged: false, needResetLocalServer: false });
    noteReach('player', 'method', 'resetLocalServer');
    await page.enter(stage.url('lost'));
    await page.waitsFor('2004', 2);
    await page.paints(25);
    expect((await page.course()).filter((what) => what === '2103')).toHaveLength(1);
  });
});

/** Lets the network go and come back, as a telephone does between two networks. */
async function changeNetwork(page: FaqPage): Promise<void> {
  await page.page.context().setOffline(true);
  await page.page.context().setOffline(false);
  await eventually('the manager noticed', async () => (await page.flags()).networkChanged);
}

describe('a network that changed', () => {
  it.for([
    ['a device', { kind: '1v1' }],
    ['a shared stream that saves traffic', { afterNetworkChange: 'saving' }],
  ] as const)('ends retries of %s', async ([name, options], { stage }) => {
    const { door, url } = await serveBehindDoor(stage);
    const page = await FaqPage.open(stage, name);
    await page.init(PATIENT);
    await page.enter(url, options);
    await page.waitsFor('2004');
    await changeNetwork(page);
    await door.shut();
    expect(await page.course()).not.toContain('2103');
    await page.advance(3000);
    const { detail } = await page.waitsFor('2103');
    expect(detail).toContain('errCode:-1001');
    expect(JSON.parse((await page.waitsFor('prompt')).detail)).toMatchObject({ kind: 'network-changed' });
    noteReach('player', 'method', 'checkCanRetry');
    await page.leave();
    expect(await page.course()).toContain('call resetP2P');
    expect((await page.flags()).networkChanged).toBe(false);
  });

  it('lets the player of a shared stream try again, and play on', async ({ stage }) => {
    const { door, url } = await serveBehindDoor(stage);
    const page = await FaqPage.open(stage, 'smooth');
    await page.init(PATIENT);
    await page.enter(url);
    await page.waitsFor('2004');
    await changeNetwork(page);
    await door.shut();
    await page.waitsFor('2007');
    await page.advance(3000);
    await page.waitsFor('2103');
    await page.waitsFor('playerClose');
    await door.open();
    await page.advance(999);
    expect((await page.course()).filter((what) => what === 'playerStartPull')).toHaveLength(1);
    await page.advance(1);
    await page.waitsFor('playerStartPull', 2);
    await page.waitsFor('2004', 2);
    await page.paints(25);
    expect(await page.course()).not.toContain('prompt');
  });
});

describe('leaving a page', () => {
  it('leaves nothing behind', async ({ stage }) => {
    await stage.serve();
    const page = await FaqPage.open(stage, 'leaves');
    await page.init();
    await page.enter(stage.url('leaves'));
    await page.waitsFor('2004');
    await page.leave();
    await eventually('nobody watches', () => stage.server.streams().every(({ viewers }) => viewers === 0));
    await eventually('the tracker knows nobody', () => stage.server.rooms().every(({ viewers }) => viewers === 0));
    const left = await page.page.evaluate(() => ({
      timers: globalThis.faq.timers(),
      source: document.querySelector('video')?.getAttribute('src') ?? '',
      player: globalThis.faq.player?.state,
      session: globalThis.faq.session?.state,
    }));
    expect(left).toEqual({ timers: 0, source: '', player: 'destroyed', session: 'left' });
  });
});
