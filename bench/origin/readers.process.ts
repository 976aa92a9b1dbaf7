/**
 * Many readers of one HTTP response, in a process of their own: plain sockets that count bytes and look at nothing. Its
 * parent tells it what to read and asks for the count.
 */
import { connect, type Socket } from 'node:net';

type Order = { readonly read: string; readonly readers: number } | { readonly count: true } | { readonly stop: true };

let sockets: Socket[] = [];
let bytes = 0;
let alive = 0;

const read = (url: URL): Socket => {
  const socket = connect(Number(url.port), url.hostname);
  socket.once('data', () => {
    alive++;
    socket.once('close', () => alive--);
  });
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  // A reader that is cut off is missing in the count, which says so.
  socket.on('error', () => socket.destroy());
  socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
  return socket;
};

process.on('message', (order: Order) => {
  if ('read' in order) {
    const url = new URL(order.read);
    sockets = Array.from({ length: order.readers }, () => read(url));
  }
  if ('stop' in order) {
    for (const socket of sockets) socket.destroy();
    sockets = [];
  }
  process.send?.({ bytes, alive });
});
process.once('disconnect', () => process.exit(0));
