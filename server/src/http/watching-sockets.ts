// Streams over WebSockets: pieces with masks and repairs, and plain FLV for players that prefer sockets.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Bucket } from '../../../src/core/kit/bucket.ts';
import { ORIGIN_BURST, ORIGIN_RATE } from '../../../src/wire/limits.ts';
import { decodeOriginRequest, encodeOriginFrame, type OriginRequest } from '../../../src/wire/origin.ts';
import type { Doorway, Refusal } from '../origin/doorway.ts';
import type { Meter } from '../origin/egress.ts';
import type { Outlet } from '../origin/outlet.ts';
import { PieceViewer } from '../origin/piece-viewer.ts';
import { PlainViewer } from '../origin/plain-viewer.ts';
import type { ServerSocket, SocketEvents } from '../sockets.ts';
import type { TokenCheck } from '../tracker/join-tokens.ts';
import { keyWishOf, readPiecesQuery, tagOf } from './query.ts';
import { addressOf } from './respond.ts';
import { credentialsOf } from './stream-path.ts';

/** One upgrade for a stream. */
export interface SocketRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
}

const EARLY_MAX = 16;

const callerOf = ({ path, query, request }: SocketRequest) => ({
  path,
  credentials: credentialsOf(query),
  ip: addressOf(request),
  authorization: request.headers.authorization,
  page: request.headers.origin,
});

const socketOutlet = (socket: ServerSocket, meter: Meter): Outlet => ({
  meter,
  get backlog() {
    return socket.backlog;
  },
  send: (bytes, gone) => socket.sendBinary(bytes, gone),
  end: (cause, retryAfterMs) => socket.close(cause, retryAfterMs),
  destroy: () => socket.destroy(),
});

const turnAway = (socket: ServerSocket, { cause, retryAfterMs }: Refusal): void => {
  const reason = cause === 'origin/overloaded' || cause === 'origin/not-found' ? 'source-outage' : 'refused';
  socket.sendBinary(Buffer.from(encodeOriginFrame({ kind: 'ended', reason })), () => undefined);
  socket.close(cause, retryAfterMs);
};

/** One viewer's piece socket: a door that is opened when it has been admitted, and its requests. */
class PieceSocket implements SocketEvents {
  readonly #door: Doorway;
  readonly #socket: ServerSocket;
  readonly #meter: Meter;
  readonly #asked: SocketRequest;
  readonly #tokens: TokenCheck;
  readonly #bucket = new Bucket(ORIGIN_RATE, ORIGIN_BURST);
  readonly #early: OriginRequest[] = [];
  #state: 'entering' | 'inside' | 'closed' = 'entering';
  #viewer: PieceViewer | undefined;

  constructor(door: Doorway, socket: ServerSocket, asked: SocketRequest, tokens: TokenCheck) {
    this.#door = door;
    this.#socket = socket;
    this.#asked = asked;
    this.#tokens = tokens;
    const form = door.isRelay(callerOf(asked)) ? 'relay' : 'pieces-ws';
    const purpose = { form, tag: tagOf(asked.query), path: asked.path } as const;
    this.#meter = door.parts.egress.open(asked.request.socket as Socket, purpose);
  }

  async enter(): Promise<void> {
    const { query } = this.#asked;
    const wish = readPiecesQuery(query);
    if (wish === undefined) return this.#refuse(this.#door.refusal('origin/bad-frame'));
    const caller = callerOf(this.#asked);
    const refusal = await this.#door.check(caller);
    if (refusal !== undefined) return this.#refuse(refusal);
    const keys = await this.#door.keysFor(caller, keyWishOf(query));
    if ('cause' in keys) return this.#refuse(keys);
    if (this.#state === 'closed') return;
    const stream = this.#door.open(caller);
    if ('cause' in stream) return this.#refuse(stream);
    this.#state = 'inside';
    const { budget, clock } = this.#door.parts;
    const outlet = socketOutlet(this.#socket, this.#meter);
    const { limits, holders } = this.#door;
    const isRelay = this.#door.isRelay(caller);
    const parts = { stream, outlet, budget, clock, keys, limits, isRelay, form: 'socket', ...wish } as const;
    this.#viewer = new PieceViewer(parts, holders);
    this.#door.count(caller, this.#meter, this.#viewer);
    stream.subscribe(this.#viewer);
    for (const request of this.#early) this.#serve(request);
  }

  text(): void {
    this.#cut();
  }

  binary(bytes: Buffer): void {
    const request = decodeOriginRequest(bytes);
    if (request.kind === 'fault' || !this.#bucket.take(this.#door.parts.clock.now())) return this.#cut();
    if (this.#state === 'inside') this.#serve(request);
    else if (this.#early.length < EARLY_MAX) this.#early.push(request);
    else this.#cut();
  }

  closed(): void {
    this.#state = 'closed';
    this.#viewer?.gone();
    this.#meter.close();
  }

  #serve(request: OriginRequest): void {
    const viewer = this.#viewer;
    switch (request.kind) {
      case 'mask':
        return viewer?.askMask(request.mask, request.from);
      case 'want':
        return viewer?.askPieces(request.sequences);
      case 'key':
        return viewer?.askKey(request.generation);
      case 'clock':
        return viewer?.askClock(request.stampMs);
      case 'token':
        if (!this.#tokens(request.token, this.#asked.path)) return viewer?.finish('refused', 'origin/refused');
        this.#door.own(this.#meter, request.token, this.#asked.path);
        viewer?.joinedMesh();
    }
  }

  /** It speaks nonsense, or too much. */
  #cut(): void {
    if (this.#viewer !== undefined) this.#viewer.finish('refused', 'origin/bad-frame');
    else this.#refuse(this.#door.refusal('origin/bad-frame'));
  }

  #refuse(refusal: Refusal): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    turnAway(this.#socket, refusal);
  }
}

/** Serves a piece socket. */
export const watchPiecesBySocket = (
  door: Doorway,
  socket: ServerSocket,
  asked: SocketRequest,
  tokens: TokenCheck,
): SocketEvents => {
  const viewer = new PieceSocket(door, socket, asked, tokens);
  void viewer.enter();
  return viewer;
};

/** Serves plain FLV over a socket. */
export const watchPlainBySocket = (door: Doorway, socket: ServerSocket, asked: SocketRequest): SocketEvents => {
  const purpose = { form: 'plain-ws', tag: tagOf(asked.query), path: asked.path } as const;
  const meter = door.parts.egress.open(asked.request.socket as Socket, purpose);
  let viewer: PlainViewer | undefined;
  let state: 'open' | 'closed' = 'open';
  const enter = async (): Promise<void> => {
    const caller = callerOf(asked);
    const refusal = door.plainRefusal ?? (await door.check(caller));
    if (state === 'closed') return;
    const full = door.fits(caller.path) ? undefined : door.refusal('origin/overloaded');
    const stream = refusal ?? full ?? door.open(caller);
    if ('cause' in stream) return socket.close(stream.cause, stream.retryAfterMs);
    const { budget, clock } = door.parts;
    viewer = new PlainViewer({ stream, outlet: socketOutlet(socket, meter), budget, clock, limits: door.limits });
    door.count(caller, meter, viewer);
    viewer.watch();
  };
  void enter();
  const cut = (): void => socket.close('origin/bad-frame', 0);
  return {
    text: cut,
    binary: cut,
    closed: () => {
      state = 'closed';
      viewer?.gone();
      meter.close();
    },
  };
};
