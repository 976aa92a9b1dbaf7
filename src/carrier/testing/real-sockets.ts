/**
 * A real WebSocket and HTTP server on any free port, with each connection's other side in the test's hands.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { SocketSide } from './memory-sockets.ts';
import { Queue } from './queue.ts';

/** A request over plain HTTP whose answer is open. */
export interface ResponseSide {
  readonly address: string;
  readonly response: ServerResponse;
}

/** A running server. */
export interface RealServer {
  readonly origin: string;
  acceptedSocket(): Promise<SocketSide>;
  acceptedRequest(): Promise<ResponseSide>;
  close(): Promise<void>;
}

/** Starts one. */
export const startRealServer = async (): Promise<RealServer> => {
  const sockets = new Queue<SocketSide>();
  const requests = new Queue<ResponseSide>();
  const http = createServer((request, response) => requests.put({ address: request.url ?? '', response }));
  const server = new WebSocketServer({ server: http });
  server.on('connection', (socket, request) => {
    const heard = new Queue<Uint8Array | string>();
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      heard.put(isBinary ? new Uint8Array(bytes) : bytes.toString());
    });
    sockets.put({
      address: request.url ?? '',
      send: (data) => socket.send(data),
      heard: () => heard.take(),
      close: (code, reason) => (code === 1006 ? socket.terminate() : socket.close(code, reason)),
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    acceptedSocket: () => sockets.take(),
    acceptedRequest: () => requests.take(),
    async close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
};
