/**
 * Where HLS is measured: camera, server, the front that counts, both trackers, and a browser.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createServer, type ShoalServer } from '../../server/src/index.ts';
import { projectRoot } from '../../tools/files.ts';
import { run } from '../../tools/run.ts';
import { startCamera } from '../camera/camera.ts';
import { FPS } from '../camera/stamp.ts';
import { startTabs } from '../harness/browser.ts';
import { bundle } from '../harness/bundle.ts';
import { type PageServer, servePages } from '../harness/page-server.ts';
import { WatchTab } from '../watch/tabs.ts';
import { type CountingFront, startFront } from './counting-front.ts';
import { MediaMeter } from './media-meter.ts';
import { startRivalTracker } from './rival-tracker.ts';

/** A built stage. */
export interface HlsStage {
  readonly server: ShoalServer;
  readonly front: CountingFront;
  readonly meter: MediaMeter;
  /** Address of the playlist as tabs are given it. */
  readonly playlist: string;
  /** The same with whole segments only: of blocking reloads the other library takes each for another stream. */
  readonly plainPlaylist: string;
  /** Address of the other library's tracker. */
  readonly rivalTracker: string;
  open(name: string): Promise<WatchTab>;
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

const STREAM = '/live/clock';
/**
 * The other library wants 15 to 20 segments in a live playlist, shares only what is needed in more than 15 s, and plays at the
 * far end of the playlist for that.
 */
const SEGMENTS = 15;

/** Builds one. */
export const buildHlsStage = async (): Promise<HlsStage> => {
  const camera = await startCamera({ kbps: 936, fps: FPS, gopSeconds: 2 });
  const server = await createServer({
    host: '127.0.0.1',
    port: 0,
    upstream: camera.url,
    linger: 60,
    hlsSegments: SEGMENTS,
  });
  const front = await startFront(server.port);
  const tracker = await startRivalTracker();
  const page = await servePage();
  const tabs = await startTabs();
  const meter = new MediaMeter(`${server.url}${STREAM}.m3u8`);
  // Whoever joins a stream that has just begun plays closer to its edge than anybody wants, and stays there.
  await meter.until(SEGMENTS);
  return {
    server,
    front,
    meter,
    playlist: `${front.url}${STREAM}.m3u8`,
    plainPlaylist: `${front.url}${STREAM}.m3u8?parts=off`,
    rivalTracker: tracker.url,
    open: (name) => WatchTab.open(tabs, `${page.url}/`, name),
    complaints: tabs.complaints,
    async close() {
      meter.close();
      await tabs.close();
      page.close();
      await tracker.close();
      front.close();
      await server.close();
      camera.close();
    },
  };
};

const servePage = async (): Promise<PageServer> => {
  const { code, output } = await run(process.execPath, ['--import', 'tsx', 'tools/build.ts', '--sdk'], projectRoot);
  if (code !== 0) throw new Error(`the SDK does not build:\n${output}`);
  const type = 'text/javascript';
  const file = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');
  const { resolve } = createRequire(import.meta.url);
  const packed = (name: string): string =>
    file(join('node_modules', name, 'dist', `${name.replace('@', '')}.es.min.js`));
  return servePages({
    '/': { type: 'text/html', body: file('bench/hls/page.html') },
    '/watch.js': { type, body: await bundle('bench/watch/watch-page.ts') },
    '/hls-page.js': { type, body: await bundle('bench/hls/hls-page.ts') },
    '/shoal.global.js': { type, body: file('dist/shoal.global.js') },
    '/p2p-hls.js': { type, body: packed('p2p-media-loader-hlsjs') },
    '/p2p-core.js': { type, body: packed('p2p-media-loader-core') },
    '/hls.mjs': { type, body: readFileSync(join(resolve('hls.js'), '..', 'hls.mjs')) },
  });
};
