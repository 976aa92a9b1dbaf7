// The day the mesh breaks: an origin with room for a tenth of what its viewers would need holds its limit, nobody hangs,
// and everything is well again when the mesh is, also for those who come back when all others have found each other.

import { describe, expect } from 'vitest';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { Door } from './fixtures/door.ts';
import { eventually } from './fixtures/eventually.ts';
import { MeshSwitch } from './fixtures/mesh-switch.ts';
import type { NodeViewer } from './fixtures/node-viewer.ts';
import { it } from './fixtures/stage.ts';
import type { Tab } from './fixtures/tab.ts';

const VIEWERS = 10;
const TABS = 2;
/** Few, since each connection in one process costs dozens of descriptors. */
const NEIGHBOURS = 5;
const SHARE = 0.1;
const BROKEN_MS = 8000;
/** What headers, signatures and frames add. */
const WIRE = 1.02;

describe('an origin with a tenth of the capacity', () => {
  it('holds its limit when the mesh breaks, and all play on when it is whole again', async ({ stage }) => {
    const server = await stage.serve();
    const door = new Door(server.port);
    /** The tabs' own way to the tracker. */
    const late = new Door(server.port);
    await late.open();
    stage.later(() => late.shut());
    await door.open();
    stage.later(() => door.shut());
    const tracker = `ws://127.0.0.1:${door.port}/tracker`;
    stage.pages.describe({
      version: 1,
      originKeys: [server.originKey],
      iceServers: [],
      tracker: `ws://127.0.0.1:${late.port}/tracker`,
    });
    const mesh = new MeshSwitch();
    const viewers: NodeViewer[] = [];
    const tabs: Tab[] = [];
    for (let at = 0; at < TABS; at++) {
      tabs.push(await stage.watch(`tab${at}`, { service: stage.pages.service }));
    }
    stage.complaints.expect(...REFUSED_CONNECTIONS, /^player error: (tracker|origin|link|source)\//);
    for (let at = 0; at < VIEWERS; at++) {
      viewers.push(await stage.join(`viewer${at}`, { tracker, links: mesh.links, policy: { neighbours: NEIGHBOURS } }));
      await eventually(`viewer ${at} plays`, () => (viewers[at]?.viewer.stats().playedBytes ?? 0) > 0);
    }
    const fromOrigin = () => viewers.reduce((sum, { viewer }) => sum + viewer.stats().fromOrigin, 0);
    await eventually(
      'neighbours feed nearly everybody',
      () => fromOrigin() < 2 * (server.streams()[0]?.substreams ?? 0),
      60_000,
    );

    const { byteRate = 0 } = server.streams()[0] ?? {};
    const limit = SHARE * (VIEWERS + TABS) * byteRate * WIRE;
    server.setLimitMbps(limit / 125_000);
    await door.shut();
    await late.shut();
    mesh.tear();
    for (const tab of tabs) await tab.cutLinks();
    const sent = () => Object.values(server.egress().perForm).reduce((sum, bytes) => sum + bytes, 0);
    const [before, from] = [sent(), performance.now()];
    await eventually('the mesh is broken for a while', () => performance.now() - from > BROKEN_MS);
    const rate = (sent() - before) / ((performance.now() - from) / 1000);
    console.log(`limit ${(limit / 1e3).toFixed(0)} kB/s, sent ${(rate / 1e3).toFixed(0)} kB/s with the mesh broken`);
    // A full bucket may go out at once: a second's worth, spread over the window.
    expect(rate).toBeLessThan(limit * (1.1 + 1000 / BROKEN_MS));
    expect(rate, 'and the capacity is used').toBeGreaterThan(limit * 0.5);

    await door.open();
    const played = viewers.map(({ viewer }) => viewer.stats().playedBytes);
    for (const [at, { viewer }] of viewers.entries()) {
      const further = (played[at] ?? 0) + 4 * byteRate;
      await eventually(`viewer ${at} plays again`, () => viewer.stats().playedBytes > further, 60_000);
      await eventually('and says so', () => viewer.stats().state === 'playing');
    }
    await eventually('neighbours feed nearly everybody again', () => {
      return fromOrigin() < 2 * (server.streams()[0]?.substreams ?? 0);
    });
    // Until now the tabs held substreams of the origin that others would have passed on.
    await late.open();
    await Promise.all(tabs.map((tab) => tab.paints(100)));
    for (const tab of tabs) await tab.showsTheSample();
    await eventually('nobody lacks a substream', () => viewers.every(({ viewer }) => viewer.stats().orphaned === 0));
  });
});
