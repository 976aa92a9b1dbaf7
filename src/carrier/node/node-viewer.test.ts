import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { startServer } from '../../../server/src/testing/servers.ts';
import { ByteCore } from '../../../wasm/abi.ts';
import type { ViewerNotice } from '../../viewer/face.ts';
import { createNodeViewer, type NodeViewer, SHARE_ALL } from './node-viewer.ts';

const core = await ByteCore.load(await readFile('wasm/dist/shoal.wasm'));
const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 50 });

it('plays a real stream over real data channels, mostly from each other, with nothing rejected', async () => {
  const server = await startServer();
  const notices: ViewerNotice[] = [];
  const viewers: NodeViewer[] = Array.from({ length: 3 }, () =>
    createNodeViewer({ url: `${server.url}/live/demo.flv`, core, notice: (notice) => notices.push(notice) }),
  );
  try {
    for (const viewer of viewers) viewer.start();
    // Each substream needs to leave the origin once, so all but a third of them come from neighbours in the end.
    await until(() => {
      const fed = viewers.reduce((sum, viewer) => sum + viewer.stats().fromNeighbours, 0);
      expect(fed).toBeGreaterThanOrEqual((viewers[0]?.stats().substreams ?? 0) * 1.5);
    });
    const carried = (): number => viewers.reduce((sum, viewer) => sum + viewer.stats().neighbourBytes, 0);
    const before = carried();
    await until(() => expect(carried() - before).toBeGreaterThan(150_000));
    for (const viewer of viewers) {
      const stats = viewer.stats();
      expect(stats).toMatchObject({ state: 'playing', piecesRejected: 0, missedDeadlines: 0 });
      expect(viewer.delivered).toMatchObject({ runs: 1, bytes: stats.playedBytes, endings: 0 });
    }
    expect(notices.filter(({ kind }) => kind === 'fault')).toEqual([]);
  } finally {
    for (const viewer of viewers) viewer.stop();
  }
});

it('meets nobody when sharing is off', async () => {
  const server = await startServer();
  const policy = { ...SHARE_ALL, mode: 'off' } as const;
  const viewers = [1, 2].map(() => createNodeViewer({ url: `${server.url}/live/demo.flv`, core, policy }));
  try {
    for (const viewer of viewers) viewer.start();
    await until(() => expect(Math.min(...viewers.map((viewer) => viewer.delivered.bytes))).toBeGreaterThan(200_000));
    for (const viewer of viewers) expect(viewer.stats()).toMatchObject({ neighbours: [], neighbourBytes: 0 });
  } finally {
    for (const viewer of viewers) viewer.stop();
  }
});
