/**
 * The way from viewers to the servers: a TCP front that adds the round trip (and the one of connecting), and counts the
 * bytes servers send, by what was asked for. Losses on this way are not imitated: TCP hides them.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { DelayLine } from './delay-line.ts';

/** What a connection was opened for. */
export type Purpose = 'pieces' | 'plain' | 'tracker' | 'other';

/** Bytes that servers sent to viewers so far. */
export type SentBytes = Readonly<Record<Purpose, number>>;

/** Where a connection goes, by what its first request asks for. */
export interface FrontOptions {
  readonly rttMs: number;
  portOf(purpose: Purpose): number;
}

/** A running front. */
export interface Front {
  readonly port: number;
  sent(): SentBytes;
  close(): void;
}

/** Starts a front on loopback. */
export const startFront = async (options: FrontOptions): Promise<Front> => {
  const sent: Record<Purpose, number> = { pieces: 0, plain: 0, tracker: 0, other: 0 };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (viewer) => {
    sockets.add(viewer);
    viewer.on('close', () => sockets.delete(viewer));
    viewer.on('error', () => viewer.destroy());
    viewer.once('data', (first) => {
      const purpose = purposeOf(first.toString('latin1', 0, 2000));
      join(viewer, first, { purpose, options, sent });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => ({ ...sent }),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

const purposeOf = (request: string): Purpose => {
  const path = /^[A-Z]+ ([^ ?]*)/.exec(request)?.[1] ?? '';
  if (path === '/tracker') return 'tracker';
  if (path.endsWith('.pieces')) return 'pieces';
  return path.endsWith('.flv') ? 'plain' : 'other';
};

interface Joint {
  readonly purpose: Purpose;
  readonly options: FrontOptions;
  readonly sent: Record<Purpose, number>;
}

/** Null ends a direction. */
const writer = (to: Socket) => (bytes: Buffer | null) => {
  if (to.destroyed) return;
  if (bytes === null) to.end();
  else to.write(bytes);
};

const join = (viewer: Socket, first: Buffer, { purpose, options, sent }: Joint): void => {
  const { rttMs } = options;
  const server = connect({ port: options.portOf(purpose), host: '127.0.0.1', noDelay: true });
  const up = new DelayLine<Buffer | null>(rttMs / 2, writer(server));
  const down = new DelayLine<Buffer | null>(rttMs / 2, writer(viewer));
  up.put(first, rttMs);
  viewer.on('data', (bytes) => up.put(bytes));
  viewer.on('end', () => up.put(null));
  viewer.on('close', () => {
    up.stop();
    server.destroy();
  });
  server.on('data', (bytes) => {
    sent[purpose] += bytes.length;
    down.put(bytes);
  });
  server.on('end', () => down.put(null));
  server.on('error', () => server.destroy());
  server.on('close', (failed) => {
    if (failed) viewer.destroy();
    else down.put(null);
  });
};
