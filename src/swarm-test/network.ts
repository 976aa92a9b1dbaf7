/**
 * The network of one viewer: a proxy that all of its browser context's connections go through, and that can be taken
 * away. Seen from the page, and from its workers, the line is dead then.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A line that can be cut. */
export class Network {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #state: 'up' | 'down' = 'up';

  private constructor() {
    this.#server = createServer((asked, response) => this.#fetch(asked, response));
    this.#server.on('connection', (socket) => this.#admit(socket));
    this.#server.on('connect', (asked: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#tunnel(asked, socket, head),
    );
  }

  /** Begins to serve, on this machine only. */
  static async open(): Promise<Network> {
    const network = new Network();
    await new Promise<void>((resolve, reject) => {
      network.#server.once('error', reject);
      network.#server.listen(0, '127.0.0.1', resolve);
    });
    return network;
  }

  /** What a browser context is told. */
  get proxy(): { readonly server: string } {
    return { server: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}` };
  }

  get up(): boolean {
    return this.#state === 'up';
  }

  /** Cuts what there is and lets nothing through, or lets everything through again. */
  set up(up: boolean) {
    this.#state = up ? 'up' : 'down';
    if (!up) for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.up = false;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #admit(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // Broken by us or by the browser; either way its other half follows.
    socket.on('error', () => socket.destroy());
    if (this.#state === 'down') socket.destroy();
  }

  /** Plain HTTP: passed on with its address made relative. */
  #fetch(asked: IncomingMessage, response: ServerResponse): void {
    const { method, headers, url = '' } = asked;
    if (!URL.canParse(url)) {
      response.writeHead(400).end();
      return;
    }
    const passed = request(url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    asked.pipe(passed);
  }

  /** WebSockets and everything encrypted: bytes in both directions. */
  #tunnel(asked: IncomingMessage, socket: Socket, head: Buffer): void {
    const { hostname, port } = new URL(`http://${asked.url}`);
    const behind = connect(Number(port === '' ? 80 : port), hostname.replace(/^\[|\]$/g, ''), () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      behind.write(head);
      behind.pipe(socket);
      socket.pipe(behind);
    });
    behind.on('error', () => socket.destroy());
    behind.on('close', () => socket.destroy());
    socket.on('close', () => behind.destroy());
  }
}
