/**
 * The tracker of the other library, as its makers run it: the WebSocket side of bittorrent-tracker.
 */
import type { Server as HttpServer } from 'node:http';

/** The part of the package that is used. */
interface TrackerServer {
  readonly http: HttpServer | undefined;
  readonly ws: unknown;
  listen(port: number, host: string, listening: () => void): void;
  close(closed: () => void): void;
  on(event: 'error' | 'warning', listener: (error: Error) => void): void;
}

type MakeTracker = new (options: {
  readonly udp: boolean;
  readonly http: boolean;
  readonly ws: boolean;
  readonly stats: boolean;
}) => TrackerServer;

/** Starts one on loopback. */
export const startRivalTracker = async (): Promise<{ readonly url: string; close(): Promise<void> }> => {
  const packageName: string = 'bittorrent-tracker';
  const { Server } = (await import(packageName)) as { readonly Server: MakeTracker };
  // Its WebSocket side listens on a HTTP server of its own, which is there only together with the HTTP side.
  const server = new Server({ udp: false, http: true, ws: true, stats: false });
  server.on('error', (error) => process.stderr.write(`rival tracker: ${error.message}\n`));
  server.on('warning', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.http?.address();
  if (typeof address !== 'object' || address === null) throw new Error('the tracker does not listen');
  return {
    url: `ws://127.0.0.1:${address.port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
};
