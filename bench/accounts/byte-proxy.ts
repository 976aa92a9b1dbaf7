/**
 * A TCP proxy that counts what comes back through connections that ask for a stream, and looks into the WebSocket frames.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A running proxy. */
export interface ByteProxy {
  readonly url: string;
  /** Bytes of streams that came back so far. */
  readonly bytes: number;
  close(): void;
}

const STREAM = /^GET \S+\.(pieces|flv)[? ]/;

/** Puts a proxy in front of a port of this machine; `frame` sees the binary messages of the origin. */
export const startByteProxy = async (port: number, frame: (bytes: Uint8Array) => void): Promise<ByteProxy> => {
  let bytes = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let isStream: boolean | undefined;
    const reader = new FrameReader(frame);
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
      isStream ??= STREAM.test(chunk.toString('latin1', 0, 2000));
      far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => {
      if (isStream === true) bytes += chunk.length;
      if (isStream === true) reader.push(chunk);
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

/** The unmasked messages of a server behind the answer to an upgrade; none of ours is fragmented. */
class FrameReader {
  readonly #frame: (bytes: Uint8Array) => void;
  #rest = Buffer.alloc(0);
  #state: 'head' | 'frames' = 'head';

  constructor(frame: (bytes: Uint8Array) => void) {
    this.#frame = frame;
  }

  push(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.#state === 'head') {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#rest = this.#rest.subarray(end + 4);
      this.#state = 'frames';
    }
    for (;;) {
      const short = (this.#rest[1] ?? 0) & 0x7f;
      const at = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.#rest.length < at) return;
      const length = short === 126 ? this.#rest.readUInt16BE(2) : short === 127 ? this.#rest.readUInt32BE(6) : short;
      if (this.#rest.length < at + length) return;
      if (((this.#rest[0] ?? 0) & 15) === 2) this.#frame(this.#rest.subarray(at, at + length));
      this.#rest = this.#rest.subarray(at + length);
    }
  }
}
