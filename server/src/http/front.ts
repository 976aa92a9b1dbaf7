// The front of the server: one HTTP server, and which request goes where.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DEVICES_PATH } from '../../../src/wire/device.ts';
import {
  ORIGIN_REQUEST_BYTES_MAX,
  PUBLISH_MESSAGE_BYTES_MAX,
  ROOM_MESSAGE_BYTES_MAX,
  TRACKER_MESSAGE_BYTES_MAX,
} from '../../../src/wire/limits.ts';
import { PUBLISH_PREFIX } from '../../../src/wire/publish.ts';
import { ROOMS_PATH } from '../../../src/wire/room.ts';
import { SERVICE_PATH, type ServiceDescription } from '../../../src/wire/service.ts';
import type { Customers } from '../accounts/customers.ts';
import { BYPASS_PATH } from '../bypass/app-api.ts';
import type { Bypass } from '../bypass-assembly.ts';
import type { Clock } from '../clock.ts';
import type { PublishSockets } from '../ingest/publish-sockets.ts';
import type { Log } from '../log.ts';
import type { MeetingPlace } from '../meeting/meeting-socket.ts';
import type { Doorway } from '../origin/doorway.ts';
import type { HlsService } from '../outputs/hls/hls-service.ts';
import { SocketDoor } from '../sockets.ts';
import type { TokenCheck } from '../tracker/join-tokens.ts';
import type { Tracker } from '../tracker/tracker-socket.ts';
import { WITNESS_PATH, type Witness } from '../witness/witness.ts';
import { believeProxies } from './address.ts';
import type { CodeService } from './codes.ts';
import { tagOf } from './query.ts';
import { NO_STORE, openToAll, refuse, refuseMethod, sendBytes, sendJson } from './respond.ts';
import { SOURCES_PATH } from './service.ts';
import { sendFile } from './static-files.ts';
import { readStreamAsk } from './stream-path.ts';
import { watchByHttp } from './watching.ts';
import { watchPiecesBySocket, watchPlainBySocket } from './watching-sockets.ts';

/** What stands behind the front. */
export interface FrontParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly door: Doorway;
  readonly tracker: Tracker;
  readonly meeting: MeetingPlace;
  readonly publishing: PublishSockets;
  readonly codes: CodeService;
  readonly customers: Customers;
  /** Undefined where there are no rooms of publishers. */
  readonly bypass: Bypass | undefined;
  /** Proxies whose word about addresses is taken. */
  readonly proxies: BlockList | undefined;
  readonly hls: HlsService;
  readonly witness: Witness;
  readonly tokens: TokenCheck;
  readonly service: ServiceDescription;
  readonly metrics: () => string;
  /** The path of the stream that stands for a source. */
  readonly standsFor: (source: URL) => string | undefined;
  readonly staticDir: string | undefined;
  /** Path before every address, or ''. */
  readonly prefix: string;
  /** Time for the headers of a request. */
  readonly headersMs: number;
  /** Connections beyond this are closed as they come. */
  readonly connectionsMax: number;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

/** How often Node looks for requests that take too long. */
const CHECK_MS = 1000;
const KEEP_ALIVE_MS = 30_000;
const URL_CHARS_MAX = 8000;
/** A character of a room's texts is at most so long on the wire. */
const UTF8_BYTES_MAX = 3;

/** See above. */
export class Front {
  readonly server: Server;
  readonly #parts: FrontParts;
  readonly #pieceDoor: SocketDoor;
  readonly #trackerDoor: SocketDoor;
  readonly #publishDoor: SocketDoor;
  readonly #roomDoor: SocketDoor;

  constructor(parts: FrontParts) {
    this.#parts = parts;
    this.#pieceDoor = new SocketDoor(ORIGIN_REQUEST_BYTES_MAX, parts.clock);
    this.#trackerDoor = new SocketDoor(TRACKER_MESSAGE_BYTES_MAX, parts.clock);
    this.#publishDoor = new SocketDoor(PUBLISH_MESSAGE_BYTES_MAX, parts.clock);
    this.#roomDoor = new SocketDoor(ROOM_MESSAGE_BYTES_MAX * UTF8_BYTES_MAX, parts.clock);
    this.server = createServer({
      noDelay: true,
      keepAlive: true,
      maxHeaderSize: 16_384,
      // Streams last for hours; only headers must come soon.
      requestTimeout: 0,
      headersTimeout: parts.headersMs,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
    this.server.maxConnections = parts.connectionsMax;
    this.server.on('request', (request, response) => void this.#answer(request, response));
    this.server.on('upgrade', (request, socket, rest) => this.#upgrade(request, socket, rest));
    this.server.on('clientError', (_error, socket) => {
      socket.destroy();
    });
  }

  /** Closes every socket and connection. */
  close(): Promise<void> {
    this.#pieceDoor.close();
    this.#trackerDoor.close();
    this.#publishDoor.close();
    this.#roomDoor.close();
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    openToAll(response);
    // A reader that breaks off is told by `close`; there is nothing else to do about it.
    response.on('error', () => response.destroy());
    const target = this.#targetOf(request);
    if (target === undefined) return refuse(response, 'origin/not-found');
    request.resume();
    try {
      await this.#route(target.path, { request, response, query: target.query });
    } catch (cause) {
      this.#parts.log.write('error', 'request-failed', { path: target.path, cause: String(cause) });
      response.destroy();
    }
  }

  async #route(path: string, asked: Asked): Promise<void> {
    const { request, response, query } = asked;
    if (request.method === 'OPTIONS') {
      response.writeHead(204);
      response.end();
      return;
    }
    const { bypass } = this.#parts;
    // Recorded files have the names of streams.
    if (bypass !== undefined && path.startsWith(BYPASS_PATH)) return this.#answerBypass(bypass, path, asked);
    const ask = readStreamAsk(path);
    if (ask !== undefined && this.#isStream(ask.path)) {
      if (ask.kind === 'hls') return this.#parts.hls.answer({ path: ask.path, name: ask.name, ...asked });
      return watchByHttp(this.#parts.door, { ask, ...asked });
    }
    const meter = this.#parts.door.parts.egress.open(request.socket, { form: 'other', tag: tagOf(query), path });
    response.on('close', () => meter.close());
    if (path === '/code' || path.startsWith('/code/')) {
      return this.#parts.codes.answer(request, response, path.slice('/code'.length));
    }
    if (this.#parts.customers.serves(path)) return this.#parts.customers.answer(path, asked);
    if (path === WITNESS_PATH) return this.#parts.witness.answer(request, response, query);
    if (path === SOURCES_PATH) return this.#answerSource(asked);
    return this.#answerSmall(path, asked);
  }

  #answerBypass({ api }: Bypass, path: string, asked: Asked): Promise<void> {
    const { request, response, query } = asked;
    const meter = this.#parts.door.parts.egress.open(request.socket, { form: 'other', tag: tagOf(query), path });
    response.on('close', () => meter.close());
    return api.answer(path, asked);
  }

  #answerSource({ request, response, query }: Asked): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(response, 'GET, HEAD');
    const text = query.get('url') ?? '';
    const path = URL.canParse(text) ? this.#parts.standsFor(new URL(text)) : undefined;
    if (path === undefined) return refuse(response, 'service/unknown-upstream');
    sendJson(response, 200, { stream: `${this.#parts.prefix}${path}.flv` });
  }

  async #answerSmall(path: string, { request, response }: Asked): Promise<void> {
    const { service, metrics, staticDir } = this.#parts;
    if (path === SERVICE_PATH || path === '/healthz' || path === '/metrics') {
      if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(response, 'GET, HEAD');
      if (path === SERVICE_PATH) return sendJson(response, 200, service);
      if (path === '/healthz') return sendJson(response, 200, { ok: true });
      return sendBytes(response, Buffer.from(metrics()), { 'content-type': 'text/plain; version=0.0.4', ...NO_STORE });
    }
    if (staticDir !== undefined) return sendFile(staticDir, path, request, response);
    refuse(response, 'origin/not-found');
  }

  #upgrade(request: IncomingMessage, socket: Duplex, rest: Buffer): void {
    const target = this.#targetOf(request);
    const ask = target === undefined ? undefined : readStreamAsk(target.path);
    if (target !== undefined && target.path === '/tracker') {
      const tag = tagOf(target.query);
      return this.#trackerDoor.take(request, socket, rest, (opened) =>
        this.#parts.tracker.accept(opened, request, tag),
      );
    }
    if (target !== undefined && target.path === DEVICES_PATH) {
      const tag = tagOf(target.query);
      return this.#trackerDoor.take(request, socket, rest, (opened) =>
        this.#parts.meeting.accept(opened, request, tag),
      );
    }
    const { bypass } = this.#parts;
    if (bypass !== undefined && target?.path === ROOMS_PATH) {
      const tag = tagOf(target.query);
      return this.#roomDoor.take(request, socket, rest, (opened) => bypass.service.accept(opened, request, tag));
    }
    if (target?.path.startsWith(`${PUBLISH_PREFIX}/`) === true) {
      const { path, query } = target;
      const asked = { path: path.slice(PUBLISH_PREFIX.length), query, request };
      return this.#publishDoor.take(request, socket, rest, (opened) => this.#parts.publishing.accept(opened, asked));
    }
    if (target === undefined || ask === undefined || (ask.kind !== 'pieces' && ask.kind !== 'plain')) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const asked = { path: ask.path, query: target.query, request };
    (socket as Socket).setNoDelay(true);
    this.#pieceDoor.take(request, socket, rest, (opened) =>
      ask.kind === 'pieces'
        ? watchPiecesBySocket(this.#parts.door, opened, asked, this.#parts.tokens)
        : watchPlainBySocket(this.#parts.door, opened, asked),
    );
  }

  /** Files may have streams' names as long as no such stream is served. */
  #isStream(path: string): boolean {
    return this.#parts.staticDir === undefined || this.#parts.door.parts.streams.serves(path);
  }

  /** Path (without our prefix) and query; undefined for what is not below the prefix. */
  #targetOf(request: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } | undefined {
    if (this.#parts.proxies !== undefined) believeProxies(request, this.#parts.proxies);
    const url = request.url ?? '';
    if (url.length > URL_CHARS_MAX || !url.startsWith('/')) return undefined;
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
    const { prefix } = this.#parts;
    if (path === SERVICE_PATH || prefix === '') return { path, query };
    return path.startsWith(`${prefix}/`) ? { path: path.slice(prefix.length), query } : undefined;
  }
}
