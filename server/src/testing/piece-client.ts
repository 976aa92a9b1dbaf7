// A viewer of the piece form for tests: collects frames over a WebSocket or HTTP, and asks.

import { WebSocket } from 'ws';
import { decodeHead, HEAD_FRAME, type SealedHead } from '../../../src/wire/head.ts';
import {
  decodeOriginFrame,
  encodeOriginRequest,
  frameLength,
  type OriginFrame,
  type OriginRequest,
} from '../../../src/wire/origin.ts';
import { decodePieceHeader, PIECE_FRAME, type PieceHeader } from '../../../src/wire/piece.ts';

/** One received frame. */
export type Heard =
  | { readonly kind: 'head'; readonly sealed: SealedHead; readonly bytes: Uint8Array }
  | { readonly kind: 'piece'; readonly header: PieceHeader; readonly bytes: Uint8Array }
  | { readonly kind: 'frame'; readonly frame: OriginFrame };

/** What a test waits with. */
export class Inbox<T> {
  readonly all: T[] = [];
  #waiting: { readonly match: (item: T) => boolean; readonly found: (item: T) => void }[] = [];

  put(item: T): void {
    this.all.push(item);
    const found = this.#waiting.filter((waiting) => waiting.match(item));
    this.#waiting = this.#waiting.filter((waiting) => !found.includes(waiting));
    for (const waiting of found) waiting.found(item);
  }

  /** The first item that matches, come or to come. */
  first(match: (item: T) => boolean): Promise<T> {
    const here = this.all.find(match);
    return here !== undefined ? Promise.resolve(here) : this.next(match);
  }

  /** The first item to come that matches. */
  next(match: (item: T) => boolean): Promise<T> {
    return new Promise((found) => this.#waiting.push({ match, found }));
  }
}

const fail = (what: string): never => {
  throw new Error(what);
};

/** Reads one whole frame. */
export const hear = (bytes: Uint8Array): Heard => {
  if (bytes[0] === HEAD_FRAME) {
    const sealed = decodeHead(bytes);
    return 'kind' in sealed ? fail(sealed.detail) : { kind: 'head', sealed, bytes };
  }
  if (bytes[0] === PIECE_FRAME) {
    const header = decodePieceHeader(bytes);
    return header.kind === 'fault' ? fail(header.detail) : { kind: 'piece', header, bytes };
  }
  const frame = decodeOriginFrame(bytes);
  return frame.kind === 'fault' ? fail(frame.detail) : { kind: 'frame', frame };
};

/** Splits concatenated frames. */
export const splitFrames = (bytes: Uint8Array): Heard[] => {
  const heard: Heard[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = frameLength(bytes.subarray(at));
    if (typeof length !== 'number') fail(length.detail);
    else if (length === 0 || at + length > bytes.length) break;
    else {
      heard.push(hear(bytes.subarray(at, at + length)));
      at += length;
    }
  }
  return heard;
};

/** A piece socket. */
export class PieceClient {
  readonly inbox = new Inbox<Heard>();
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly opened: Promise<void>;

  constructor(url: string) {
    this.socket = new WebSocket(url.replace(/^http/, 'ws'));
    this.socket.binaryType = 'nodebuffer';
    this.socket.on('message', (data: Buffer) => this.inbox.put(hear(new Uint8Array(data))));
    this.socket.on('error', () => undefined);
    this.opened = new Promise((resolve) => this.socket.once('open', () => resolve()));
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
  }

  ask(request: OriginRequest): void {
    this.socket.send(encodeOriginRequest(request));
  }

  /** The first frame of a kind. */
  async frame<K extends OriginFrame['kind']>(kind: K): Promise<Extract<OriginFrame, { readonly kind: K }>> {
    const heard = await this.inbox.first((item) => item.kind === 'frame' && item.frame.kind === kind);
    return (heard as Extract<Heard, { kind: 'frame' }>).frame as Extract<OriginFrame, { readonly kind: K }>;
  }

  /** The next frame of a kind. */
  async nextFrame<K extends OriginFrame['kind']>(kind: K): Promise<Extract<OriginFrame, { readonly kind: K }>> {
    const heard = await this.inbox.next((item) => item.kind === 'frame' && item.frame.kind === kind);
    return (heard as Extract<Heard, { kind: 'frame' }>).frame as Extract<OriginFrame, { readonly kind: K }>;
  }

  async head(): Promise<Extract<Heard, { kind: 'head' }>> {
    return (await this.inbox.first((item) => item.kind === 'head')) as Extract<Heard, { kind: 'head' }>;
  }

  pieces(): Extract<Heard, { kind: 'piece' }>[] {
    return this.inbox.all.filter((item) => item.kind === 'piece');
  }

  /** Waits until so many pieces have come. */
  async piecesUntil(count: number): Promise<Extract<Heard, { kind: 'piece' }>[]> {
    await this.inbox.first((item) => item.kind === 'piece' && this.pieces().length >= count);
    return this.pieces();
  }

  close(): Promise<unknown> {
    this.socket.close();
    return this.closed;
  }
}
