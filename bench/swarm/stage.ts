/**
 * Where a swarm of tabs is measured: camera, server, the way to it, a browser, and the page they all open.
 */
import { createServer, type ShoalServer } from '../../server/src/index.ts';
import { type Camera, startCamera } from '../camera/camera.ts';
import { FPS } from '../camera/stamp.ts';
import { startTabs, type Tabs } from '../harness/browser.ts';
import type { PageServer } from '../harness/page-server.ts';
import { type ImpairedWorld, impairedWorld } from '../impairment/world.ts';
import { serveWatchPage, WatchTab } from '../watch/tabs.ts';

/** The stream every bench of tabs plays. */
const STREAM = '/live/clock';

/** How far apart everybody is; undefined: loopback, nothing in between. */
export interface Distance {
  readonly rttMs: number;
  readonly lossPercent: number;
}

/** A built stage. */
export interface Stage {
  readonly server: ShoalServer;
  readonly tabs: Tabs;
  /** Address of the stream as viewers are given it. */
  readonly streamUrl: string;
  /** Piece bytes on viewers' sockets, and plain bytes on controls' sockets, so far. */
  sent(): { readonly pieces: number; readonly plain: number };
  open(name: string): Promise<WatchTab>;
  /** Address of the tracker, for viewers without a page. */
  readonly trackerUrl: string;
  close(): Promise<void>;
}

/** Builds one. */
export const buildStage = async (distance: Distance | undefined): Promise<Stage> => {
  const camera: Camera = await startCamera({ kbps: 936, fps: FPS, gopSeconds: 2 });
  const server = await createServer({
    host: '127.0.0.1',
    port: 0,
    upstream: camera.url,
    linger: 60,
    maxPerAddress: 10_000,
  });
  const world: ImpairedWorld | undefined =
    distance === undefined ? undefined : await impairedWorld({ serverPort: server.port, ...distance });
  const page: PageServer = await serveWatchPage();
  const tabs = await startTabs();
  const base = world?.url ?? server.url;
  return {
    server,
    tabs,
    streamUrl: `${base}${STREAM}.flv`,
    trackerUrl: `${base.replace('http', 'ws')}/tracker`,
    sent() {
      const { 'pieces-ws': socket, 'pieces-http': http, piece, head, plain } = server.egress().perForm;
      return { pieces: socket + http + piece + head, plain };
    },
    open: (name) => WatchTab.open(tabs, `${page.url}/`, name),
    async close() {
      await tabs.close();
      page.close();
      world?.close();
      await server.close();
      camera.close();
    },
  };
};
