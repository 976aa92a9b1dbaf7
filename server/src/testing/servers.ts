// Servers for tests, closed when the test is over.

import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { createServer, type ServerConfig, type ServerSeams, type ShoalServer } from '../index.ts';

/** A Shoal server on a free port of the loopback interface. */
export const startServer = async (
  options: Partial<ServerConfig> = {},
  seams: ServerSeams = {},
): Promise<ShoalServer> => {
  const server = await createServer({ host: '127.0.0.1', port: 0, ...options }, seams);
  onTestFinished(() => server.close());
  return server;
};

/** A plain HTTP server on a free port. */
export const startHttp = async (
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly url: string; readonly server: Server }> => {
  const server = createHttpServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
};
