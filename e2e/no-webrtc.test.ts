// Browsers without WebRTC and networks without WebSockets: everything comes from the origin, in as many tabs of one person
// as they like.

import { describe, expect } from 'vitest';
import { Door } from './fixtures/door.ts';
import { eventually } from './fixtures/eventually.ts';
import { it } from './fixtures/stage.ts';
import type { SharedStats, Tab } from './fixtures/tab.ts';

const TABS = 10;
const withoutWebrtc = (): void => {
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) Reflect.deleteProperty(globalThis, name);
};

/** Waits until all substreams come from the origin. */
const isOnOrigin = (tab: Tab): Promise<SharedStats> =>
  eventually(`the origin feeds ${tab.name}`, async () => {
    const stats = await tab.shared();
    return stats.viewer.substreams > 0 && stats.viewer.fromOrigin === stats.viewer.substreams && stats;
  });

describe('without WebRTC', () => {
  it(`${TABS} tabs of one profile play from the origin`, async ({ stage }) => {
    await stage.serve();
    const tabs: Tab[] = [];
    for (let at = 1; at <= TABS; at++) {
      const [first] = tabs;
      const how = { before: withoutWebrtc, ...(first === undefined ? {} : { beside: first }) };
      tabs.push(await stage.watch(`tab${at}`, {}, how));
    }
    stage.complaints.expect(/^player error: support\/no-webrtc/);
    await Promise.all(tabs.map((tab) => tab.paints(25)));
    for (const tab of tabs) {
      const stats = await isOnOrigin(tab);
      expect(stats.support.webrtc).toBe(false);
      expect(stats.sharingLimit).toBe('no-webrtc');
      expect(stats.viewer.neighbourBytes).toBe(0);
      expect((await tab.explain()).join(' ')).toMatch(/no WebRTC/);
    }
    await tabs[TABS - 1]?.showsTheSample();
  });
});

describe('without WebSockets', () => {
  it('a tab plays from the origin over plain HTTP', async ({ stage }) => {
    const server = await stage.serve();
    const door = new Door(server.port, { sockets: false });
    await door.open();
    stage.later(() => door.shut());
    const tab = await stage.open('http');
    stage.complaints.expect(/^console error: WebSocket connection to/, /^player error: (origin|tracker)\/unreachable/);
    await tab.play({ url: `http://127.0.0.1:${door.port}${stage.path}.flv?tag=http` });
    await tab.showsTheSample();
    await tab.forgetStalls();
    await tab.playsOn(100);
    expect((await isOnOrigin(tab)).mode).toBe('shared');
    const { perForm } = server.egress();
    expect(perForm['pieces-http']).toBeGreaterThan(0);
    expect(perForm['pieces-ws']).toBe(0);
  });
});
