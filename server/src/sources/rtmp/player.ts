// What a player says to an RTMP server, and what it makes of the answers: connect, createStream, play, then tags. It
// owns no socket: bytes in, bytes and FLV out.

import { asRecord } from '../../../../src/wire/json.ts';
import { type AmfObject, type AmfValue, decodeAmf, encodeAmf } from '../../flv/amf.ts';
import { FLV_HEADER } from '../../flv/tags.ts';
import { ChunkReader, MESSAGE, type Message, writeMessage } from '../../rtmp/chunks.ts';
import { clientEcho, clientHello, GREETING_BYTES, SERVER_HELLO_BYTES } from '../../rtmp/handshake.ts';
import { tagOfMessage } from '../../rtmp/media.ts';

/** Application and stream name of an RTMP address. */
export interface RtmpTarget {
  readonly app: string;
  readonly name: string;
  /** The address without the stream name. */
  readonly tcUrl: string;
}

/** What the player wants done. */
export type PlayerOutput =
  | { readonly kind: 'send'; readonly bytes: Buffer }
  | { readonly kind: 'flv'; readonly bytes: Buffer }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly code: 'source/bad-answer' | 'origin/not-found'; readonly detail: string };

const CONNECT = 1;
const CREATE_STREAM = 2;
const COMMAND_CHUNKS = 3;
const CONTROL_CHUNKS = 2;
const PLAY_CHUNKS = 8;
const WINDOW_BYTES = 2_500_000;
const BUFFER_MS = 100;
const STREAM_EOF = 1;
const PING = 6;
const PONG = 7;
const SET_BUFFER = 3;

/** See above. */
export class RtmpPlayer {
  readonly #target: RtmpTarget;
  readonly #chunks = new ChunkReader();
  #state: 'greeting' | 'echoed' | 'connecting' | 'creating' | 'playing' | 'over' = 'greeting';
  #greeting: Buffer = Buffer.alloc(0);
  #outputs: PlayerOutput[] = [];
  #received = 0;
  #acknowledged = 0;
  #ackEvery = WINDOW_BYTES;
  #headerSent = false;

  constructor(target: RtmpTarget) {
    this.#target = target;
    this.#send(clientHello());
  }

  /** The next thing to do. */
  poll(): PlayerOutput | undefined {
    return this.#outputs.shift();
  }

  /** Bytes of the server. */
  push(bytes: Buffer): void {
    if (this.#state === 'over') return;
    this.#received += bytes.length;
    if (this.#state === 'greeting' || this.#state === 'echoed') return this.#greet(bytes);
    const messages = this.#chunks.push(bytes);
    if (messages === undefined) return this.#fail('source/bad-answer', 'broken chunks');
    for (const message of messages) this.#hear(message);
    this.#acknowledge();
  }

  #greet(bytes: Buffer): void {
    this.#greeting = Buffer.concat([this.#greeting, bytes]);
    if (this.#state === 'greeting' && this.#greeting.length >= SERVER_HELLO_BYTES) {
      const echo = clientEcho(this.#greeting);
      if (echo === undefined) return this.#fail('source/bad-answer', 'not RTMP');
      this.#state = 'echoed';
      this.#send(echo);
    }
    if (this.#greeting.length < GREETING_BYTES) return;
    const rest = this.#greeting.subarray(GREETING_BYTES);
    this.#greeting = Buffer.alloc(0);
    this.#state = 'connecting';
    const { app, tcUrl } = this.#target;
    this.#command(0, 'connect', CONNECT, {
      app,
      flashVer: 'LNX 9,0,124,2',
      tcUrl,
      fpad: false,
      capabilities: 15,
      audioCodecs: 4071,
      videoCodecs: 252,
      videoFunction: 1,
    });
    this.#received -= rest.length;
    if (rest.length > 0) this.push(rest);
  }

  #hear(message: Message): void {
    switch (message.type) {
      case MESSAGE.audio:
      case MESSAGE.video:
      case MESSAGE.data:
      case MESSAGE.data3:
        return this.#media(message);
      case MESSAGE.command:
        return this.#answer(decodeAmf(message.body));
      case MESSAGE.userControl:
        return this.#control(message.body);
      case MESSAGE.windowSize:
        if (message.body.length >= 4) this.#ackEvery = Math.max(1, message.body.readUInt32BE());
        return;
      default:
        return;
    }
  }

  #answer([name, transaction, , value]: readonly AmfValue[]): void {
    if (name === '_error') return this.#fail('source/bad-answer', textOf(value, 'code'));
    if (name === '_result' && transaction === CONNECT && this.#state === 'connecting') {
      this.#state = 'creating';
      this.#write(CONTROL_CHUNKS, MESSAGE.windowSize, word(WINDOW_BYTES));
      this.#command(0, 'createStream', CREATE_STREAM, null);
    } else if (name === '_result' && transaction === CREATE_STREAM && this.#state === 'creating') {
      this.#play(typeof value === 'number' ? value : 1);
    } else if (name === 'onStatus') this.#status(textOf(value, 'code'));
  }

  #play(streamId: number): void {
    this.#state = 'playing';
    const body = encodeAmf('play', 0, null, this.#target.name, -2000);
    this.#send(writeMessage(PLAY_CHUNKS, { type: MESSAGE.command, timestampMs: 0, streamId, body }));
    const buffer = Buffer.alloc(10);
    buffer.writeUInt16BE(SET_BUFFER, 0);
    buffer.writeUInt32BE(streamId, 2);
    buffer.writeUInt32BE(BUFFER_MS, 6);
    this.#write(CONTROL_CHUNKS, MESSAGE.userControl, buffer);
  }

  #status(code: string): void {
    if (/StreamNotFound|Play\.Failed|InvalidArg/.test(code)) return this.#fail('origin/not-found', code);
    if (/UnpublishNotify|Play\.Complete|Play\.Stop/.test(code)) this.#end();
  }

  #control(body: Buffer): void {
    if (body.length < 6) return;
    const event = body.readUInt16BE();
    if (event === STREAM_EOF && this.#headerSent) this.#end();
    if (event !== PING) return;
    const pong = Buffer.from(body.subarray(0, 6));
    pong.writeUInt16BE(PONG);
    this.#write(CONTROL_CHUNKS, MESSAGE.userControl, pong);
  }

  #media(message: Message): void {
    const bytes = this.#state === 'playing' ? tagOfMessage(message) : undefined;
    if (bytes === undefined) return;
    if (!this.#headerSent) this.#outputs.push({ kind: 'flv', bytes: FLV_HEADER });
    this.#headerSent = true;
    this.#outputs.push({ kind: 'flv', bytes });
  }

  #acknowledge(): void {
    if (this.#received - this.#acknowledged < this.#ackEvery / 2) return;
    this.#acknowledged = this.#received;
    this.#write(CONTROL_CHUNKS, MESSAGE.acknowledgement, word(this.#received % 0x1_0000_0000));
  }

  #command(streamId: number, name: string, transaction: number, fields: AmfObject | null): void {
    const body = encodeAmf(name, transaction, fields);
    this.#send(writeMessage(COMMAND_CHUNKS, { type: MESSAGE.command, timestampMs: 0, streamId, body }));
  }

  #write(chunkStream: number, type: number, body: Buffer): void {
    this.#send(writeMessage(chunkStream, { type, timestampMs: 0, streamId: 0, body }));
  }

  #send(bytes: Buffer): void {
    this.#outputs.push({ kind: 'send', bytes });
  }

  #end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#outputs.push({ kind: 'ended' });
  }

  #fail(code: 'source/bad-answer' | 'origin/not-found', detail: string): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#outputs.push({ kind: 'failed', code, detail });
  }
}

const textOf = (value: AmfValue, name: string): string => {
  const field = asRecord(value)?.[name];
  return typeof field === 'string' ? field.slice(0, 200) : '';
};

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
