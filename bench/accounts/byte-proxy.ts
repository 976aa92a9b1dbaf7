/**
 * A TCP proxy that counts what comes back through connections that ask for a stream.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A running proxy. */
export interface ByteProxy {
  readonly url: string;
  /** Bytes of streams that came back so far. */
  readonly bytes: number;
  close(): void;
}

/** Puts a proxy in front of a port of this machine. */
export const startByteProxy = async (port: number): Promise<ByteProxy> => {
  let bytes = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let isStream: boolean | undefined;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // The other side is closed with it; there is nothing else to do about it.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk: Buffer) => {
      isStream ??= /^GET \S+\.(pieces|flv)[? ]/.test(chunk.toString('latin1', 0, 2000));
      far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => {
      if (isStream === true) bytes += chunk.length;
      near.write(chunk);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get bytes() {
      return bytes;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
