/**
 * Node-Media-Server in a process of its own, doing nothing but what is compared: RTMP in, HTTP-FLV out.
 */
import { createServer } from 'node:net';
import NodeMediaServer from 'node-media-server';

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};

process.once('message', async ({ folder }: { readonly folder: string }) => {
  const [rtmp, http] = [await freePort(), await freePort()];
  const config = {
    bind: '127.0.0.1',
    rtmp: { port: rtmp },
    http: { port: http },
    auth: { play: false, publish: false },
    store: { path: folder },
    webadmin: { enable: false },
  };
  await new NodeMediaServer(config, folder).run();
  process.send?.({ url: `http://127.0.0.1:${http}`, rtmpUrl: `rtmp://127.0.0.1:${rtmp}` });
});
process.once('disconnect', () => process.exit(0));
