// Streams over HTTP: the endless forms, single pieces and heads.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Doorway } from '../origin/doorway.ts';
import type { Form, Meter } from '../origin/egress.ts';
import { responseOutlet } from '../origin/outlet.ts';
import { PieceViewer } from '../origin/piece-viewer.ts';
import { PlainViewer } from '../origin/plain-viewer.ts';
import { keyWishOf, readPiecesQuery, tagOf } from './query.ts';
import { addressOf, NO_STORE, refuse, refuseMethod, sendBytes } from './respond.ts';
import { credentialsOf, type StreamAsk } from './stream-path.ts';

const PLAIN = { 'content-type': 'video/x-flv', 'x-accel-buffering': 'no', ...NO_STORE };
const PIECES = { 'content-type': 'application/octet-stream', 'x-accel-buffering': 'no', ...NO_STORE };
const KEPT = { 'content-type': 'application/octet-stream', 'cache-control': 'public, max-age=31536000, immutable' };

/** A clear piece of a protected stream is for whoever was let in, and for no cache that others share. */
const KEPT_BY_ITS_VIEWER = { ...KEPT, 'cache-control': 'private, max-age=31536000, immutable' };

type KeyAddress = Extract<StreamAsk, { readonly kind: 'key' }>;

/** One request for a stream. */
export interface StreamRequest {
  readonly ask: Exclude<StreamAsk, { readonly kind: 'hls' }>;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers a request for a stream. */
export const watchByHttp = async (door: Doorway, asked: StreamRequest): Promise<void> => {
  const { ask, request, response } = asked;
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(response, 'GET, HEAD');
  if (door.parts.hides?.(ask.path) === true) return refuse(response, 'origin/not-found');
  switch (ask.kind) {
    case 'plain':
      return watchPlain(door, asked);
    case 'pieces':
      return watchPieces(door, asked);
    case 'piece':
      return sendPiece(door, asked, ask.epoch, ask.sequence);
    case 'key':
      return sendKey(door, asked, ask);
    case 'head':
      return sendHead(door, asked);
  }
};

const callerOf = ({ ask, query, request }: StreamRequest) => ({
  path: ask.path,
  credentials: credentialsOf(query),
  ip: addressOf(request),
  authorization: request.headers.authorization,
  page: request.headers.origin,
});

const meterOf = (door: Doorway, { ask, query, request, response }: StreamRequest, form: Form): Meter => {
  const meter = door.parts.egress.open(request.socket, { form, tag: tagOf(query), path: ask.path });
  response.on('close', () => meter.close());
  return meter;
};

const watchPlain = async (door: Doorway, asked: StreamRequest): Promise<void> => {
  const { request, response } = asked;
  const meter = meterOf(door, asked, 'plain');
  const caller = callerOf(asked);
  const refusal = door.plainRefusal ?? (await door.check(caller));
  if (refusal !== undefined) return refuse(response, refusal.cause, refusal.retryAfterMs);
  const later = door.parts.budget.retryAfterMs();
  if (!door.fits(caller.path)) return refuse(response, 'origin/overloaded', later);
  if (response.destroyed) return;
  if (request.method === 'HEAD') return void response.writeHead(200, PLAIN).end();
  const stream = door.open(caller);
  if ('cause' in stream) return refuse(response, stream.cause, stream.retryAfterMs);
  if (stream.epoch !== undefined && stream.state !== 'live') return refuse(response, 'source/unreachable', later);
  const { budget, clock } = door.parts;
  const outlet = responseOutlet(response, meter, PLAIN);
  const viewer = new PlainViewer({ stream, outlet, budget, clock, limits: door.limits });
  door.count(caller, meter, viewer);
  response.on('close', () => viewer.gone());
  viewer.watch();
};

const watchPieces = async (door: Doorway, asked: StreamRequest): Promise<void> => {
  const { query, request, response } = asked;
  const meter = meterOf(door, asked, 'pieces-http');
  const wish = readPiecesQuery(query);
  if (wish === undefined) return refuse(response, 'wire/bad-field');
  const caller = callerOf(asked);
  const refusal = await door.check(caller);
  if (refusal !== undefined) return refuse(response, refusal.cause, refusal.retryAfterMs);
  const keys = await door.keysFor(caller, keyWishOf(query));
  if ('cause' in keys) return refuse(response, keys.cause, keys.retryAfterMs);
  const { budget, clock } = door.parts;
  if (!door.fits(caller.path)) return refuse(response, 'origin/overloaded', budget.retryAfterMs());
  if (response.destroyed) return;
  if (request.method === 'HEAD') return void response.writeHead(200, PIECES).end();
  const stream = door.open(caller);
  if ('cause' in stream) return refuse(response, stream.cause, stream.retryAfterMs);
  const outlet = responseOutlet(response, meter, PIECES);
  const parts = { stream, outlet, budget, clock, keys, limits: door.limits, form: 'response', ...wish } as const;
  const viewer = new PieceViewer(parts, door.holders);
  door.count(caller, meter, viewer);
  response.on('close', () => viewer.gone());
  stream.subscribe(viewer);
};

const sendPiece = async (door: Doorway, asked: StreamRequest, hex: string, sequence: number): Promise<void> => {
  const { ask, response } = asked;
  const { admit, budget, streams } = door.parts;
  const meter = meterOf(door, asked, 'piece');
  const epoch = streams.running(ask.path)?.epoch;
  const kept = epoch?.hex === hex ? epoch.window.get(sequence) : undefined;
  if (epoch === undefined || kept === undefined) return refuse(response, 'origin/not-found');
  // An encrypted piece is for everybody to carry and for nobody to read without the key; a clear one is not.
  if (!epoch.encrypted && !(await admit({ ...callerOf(asked), action: 'play' }))) {
    return refuse(response, 'origin/refused');
  }
  if (!budget.take(kept.wire.length, 'http')) return refuse(response, 'origin/overloaded', budget.retryAfterMs());
  door.count(callerOf(asked), meter);
  const isOpen = epoch.encrypted || !door.asksToAdmit;
  sendBytes(response, kept.wire, isOpen ? KEPT : KEPT_BY_ITS_VIEWER);
};

/** The content key of a generation as it is told over a piece socket, for viewers of relays that have no keys. */
const sendKey = async (door: Doorway, asked: StreamRequest, { epoch: hex, generation }: KeyAddress): Promise<void> => {
  const { ask, query, response } = asked;
  meterOf(door, asked, 'other');
  const caller = callerOf(asked);
  const refusal = await door.check(caller);
  if (refusal !== undefined) return refuse(response, refusal.cause, refusal.retryAfterMs);
  const keys = await door.keysFor(caller, keyWishOf(query));
  if ('cause' in keys) return refuse(response, keys.cause, keys.retryAfterMs);
  const stream = door.parts.streams.running(ask.path);
  const epoch = stream?.epoch?.hex === hex ? stream.epoch : undefined;
  const frame = epoch === undefined ? undefined : await keys(epoch, generation, stream?.nextInMs(generation) ?? 0);
  if (frame === undefined) return refuse(response, 'origin/not-found');
  sendBytes(response, frame, PIECES);
};

const sendHead = async (door: Doorway, asked: StreamRequest): Promise<void> => {
  const { ask, response } = asked;
  const meter = meterOf(door, asked, 'head');
  if (!(await door.parts.admit({ ...callerOf(asked), action: 'play' }))) return refuse(response, 'origin/refused');
  const head = door.parts.streams.running(ask.path)?.epoch?.head;
  if (head === undefined) return refuse(response, 'origin/not-found');
  door.count(callerOf(asked), meter);
  sendBytes(response, head.bytes, PIECES);
};
