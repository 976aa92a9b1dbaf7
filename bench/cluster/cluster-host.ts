/**
 * A process full of viewers for `bench cluster`: joins by order, says who its viewers are and whom they are linked to.
 */
import { readFile } from 'node:fs/promises';
import { createNodeViewer, SHARE_ALL } from '../../src/carrier/node/node-viewer.ts';
import type { Viewer } from '../../src/viewer/face.ts';
import { projectRoot } from '../../tools/files.ts';
import { ByteCore } from '../../wasm/abi.ts';
import type { ClusterAnswer, ClusterOrder } from './host-messages.ts';

const DEADLINE_MS = 1000;

const core = await ByteCore.load(await readFile(`${projectRoot}/wasm/dist/shoal.wasm`));
const viewers: { readonly viewer: Viewer; readonly place: number }[] = [];

const answer = (said: ClusterAnswer): void => void process.send?.(said);

process.on('message', (order: ClusterOrder) => {
  if (order.kind === 'join') {
    const viewer = createNodeViewer({ url: order.url, core, policy: SHARE_ALL, deadlineMs: DEADLINE_MS });
    viewers.push({ viewer, place: order.place });
    viewer.start();
    return;
  }
  answer({
    kind: 'report',
    viewers: viewers.map(({ viewer, place }) => {
      const { viewer: name, neighbours, missedDeadlines } = viewer.stats();
      return { name, place, missedDeadlines, neighbours: neighbours.map((neighbour) => neighbour.viewer) };
    }),
  });
});
process.on('disconnect', () => process.exit(0));
answer({ kind: 'ready' });
