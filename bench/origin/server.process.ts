/**
 * A Shoal server in a process of its own, so that its processor time is its alone. Told its options by its parent, it
 * says where it is.
 */
import { createServer, type ServerConfig } from '../../server/src/index.ts';

process.once('message', async (options: Partial<ServerConfig>) => {
  const server = await createServer({ host: '127.0.0.1', port: 0, publish: 'open', rtmpPort: 0, ...options });
  process.send?.({ url: server.url, rtmpUrl: server.rtmpUrl });
});
process.once('disconnect', () => process.exit(0));
