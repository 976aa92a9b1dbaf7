/**
 * Camera, server and the way to them, in a process of their own: what drives the browser keeps its own process busy, and in
 * life no broadcaster shares one with it. Told how far away it is, it says where it is; asked, what it has sent.
 */
import { createServer } from '../../server/src/index.ts';
import { startCamera } from '../camera/camera.ts';
import { FPS } from '../camera/stamp.ts';
import { impairedWorld } from '../impairment/world.ts';
import type { Distance, SentSoFar, SourceAddress, SourceRequest } from './source-words.ts';

/** The stream every bench of tabs plays. */
const STREAM = '/live/clock';

const start = async (distance: Distance | undefined) => {
  const camera = await startCamera({ kbps: 936, fps: FPS, gopSeconds: 2 });
  const options = { host: '127.0.0.1', port: 0, upstream: camera.url, linger: 60, maxPerAddress: 10_000 };
  const server = await createServer(options);
  const world = distance === undefined ? undefined : await impairedWorld({ serverPort: server.port, ...distance });
  const base = world?.url ?? server.url;
  const address: SourceAddress = {
    streamUrl: `${base}${STREAM}.flv`,
    trackerUrl: `${base.replace('http', 'ws')}/tracker`,
  };
  return {
    address,
    sent(): SentSoFar {
      const { 'pieces-ws': socket, 'pieces-http': http, piece, head, plain } = server.egress().perForm;
      return { pieces: socket + http + piece + head, plain };
    },
    async close() {
      world?.close();
      await server.close();
      camera.close();
    },
  };
};

let source: Awaited<ReturnType<typeof start>> | undefined;

process.on('message', async (request: SourceRequest) => {
  if (request.kind === 'start') {
    source = await start(request.distance);
    process.send?.(source.address);
  } else if (request.kind === 'sent') process.send?.(source?.sent());
  else {
    await source?.close();
    process.send?.({});
  }
});
process.once('disconnect', async () => {
  await source?.close();
  process.exit(0);
});
