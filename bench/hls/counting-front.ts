/**
 * Stands between tabs and server and counts what is sent to tabs: media and playlists apart. Sockets pass through.
 */
import { request as ask, createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** Bytes so far. */
export interface Counted {
  readonly media: number;
  /** Of those, of parts of segments. */
  readonly parts: number;
  readonly playlists: number;
}

/** A running front. */
export interface CountingFront {
  readonly url: string;
  counted(): Counted;
  close(): void;
}

/** Starts one in front of a port of loopback. */
export const startFront = async (port: number): Promise<CountingFront> => {
  const counts = { media: 0, parts: 0, playlists: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { method, headers, url } = request;
    const path = (url ?? '').split('?')[0] ?? '';
    const kind = /\.(m4s|mp4)$/.test(path) ? 'media' : /\.m3u8$/.test(path) ? 'playlists' : undefined;
    const upstream = ask({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('data', (chunk: Buffer) => {
        if (kind !== undefined) counts[kind] += chunk.length;
        if (/\.\d+\.m4s$/.test(path)) counts.parts += chunk.length;
      });
      answer.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  });
  server.on('upgrade', (request, socket: Socket, rest) => {
    const onward = connect(port, '127.0.0.1', () => {
      const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.join('')}\r\n`);
      onward.write(rest);
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(socket);
    const end = (): void => {
      sockets.delete(socket);
      socket.destroy();
      onward.destroy();
    };
    for (const each of [socket, onward]) each.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counted: () => ({ ...counts }),
    close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
};
