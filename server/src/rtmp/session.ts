// What an RTMP server says to whoever connects: handshake, connect, createStream, and then one publisher or one player.
// It owns no socket and decides nothing: bytes in; bytes, wishes and FLV out.

import { asRecord } from '../../../src/wire/json.ts';
import { type AmfValue, decodeAmf, encodeAmf } from '../flv/amf.ts';
import { ChunkReader, MESSAGE, type Message, writeMessage } from './chunks.ts';
import { CLIENT_GREETING_BYTES, CLIENT_HELLO_BYTES, serverGreeting } from './handshake.ts';
import { splitAggregate, tagOfMessage } from './media.ts';

/** What somebody who connected wants, or is. */
export type SessionOutput =
  | { readonly kind: 'send'; readonly bytes: Buffer }
  /** Wants to publish or to play; it is answered by `accept` or `refuse`. */
  | { readonly kind: 'publish' | 'play'; readonly path: string; readonly credentials: string }
  /** A tag of a publisher that was accepted. */
  | { readonly kind: 'tag'; readonly bytes: Buffer }
  /** The publisher or player is done, in good order. */
  | { readonly kind: 'finished' }
  /** It speaks no RTMP, or not as it may. */
  | { readonly kind: 'broken'; readonly detail: string };

/** Bytes of a chunk of ours. */
export const SERVER_CHUNK_BYTES = 65_536;
/** The one message stream a connection has. */
export const MESSAGE_STREAM = 1;

const CONTROL_CHUNKS = 2;
const COMMAND_CHUNKS = 3;
const STATUS_CHUNKS = 5;
const WINDOW_BYTES = 2_500_000;
const STREAM_BEGIN = 0;
const STREAM_EOF = 1;
const PING = 6;
const PONG = 7;
const DYNAMIC = 2;
/** Largest message of somebody who has not been accepted. */
const EARLY_MESSAGE_BYTES_MAX = 64 * 1024;
const MEDIA_MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const COMMANDS_MAX = 200;
const NAME_CHARS_MAX = 2000;
const CODECS = ['avc1', 'hvc1', 'av01', 'vp09', 'Opus', 'mp4a', '.mp3'];

/** See above. */
export class RtmpSession {
  readonly #chunks = new ChunkReader();
  #state: 'greeting' | 'echoing' | 'open' | 'connected' | 'asking' | 'publishing' | 'playing' | 'over' = 'greeting';
  #greeting: Buffer = Buffer.alloc(0);
  #outputs: SessionOutput[] = [];
  #app = '';
  #asked: 'publish' | 'play' = 'publish';
  #received = 0;
  #acknowledged = 0;
  #ackEvery = WINDOW_BYTES;
  #commands = 0;

  constructor() {
    this.#chunks.messageBytesMax = EARLY_MESSAGE_BYTES_MAX;
  }

  /** The next thing to do. */
  poll(): SessionOutput | undefined {
    return this.#outputs.shift();
  }

  /** Bytes of the client. */
  push(bytes: Buffer): void {
    if (this.#state === 'over') return;
    if (this.#state === 'greeting' || this.#state === 'echoing') return this.#greet(bytes);
    this.#received += bytes.length;
    const messages = this.#chunks.push(bytes);
    if (messages === undefined) return this.#break('broken chunks');
    for (const message of messages) this.#hear(message);
    this.#acknowledge();
  }

  /** It may do what it asked for. */
  accept(): void {
    if (this.#state !== 'asking') return;
    this.#control(STREAM_BEGIN);
    if (this.#asked === 'publish') {
      this.#state = 'publishing';
      this.#chunks.messageBytesMax = MEDIA_MESSAGE_BYTES_MAX;
      return this.#status('status', 'NetStream.Publish.Start', 'Publishing.');
    }
    this.#state = 'playing';
    this.#status('status', 'NetStream.Play.Reset', 'Playing.');
    this.#status('status', 'NetStream.Play.Start', 'Playing.');
    this.#write(STATUS_CHUNKS, MESSAGE.data, encodeAmf('|RtmpSampleAccess', true, true));
  }

  /** It may not, or not any longer; `code` is one of NetStream's. Nothing is heard any more. */
  refuse(code: string, description: string): void {
    if (this.#state === 'over' || this.#state === 'greeting' || this.#state === 'echoing') return;
    if (this.#state === 'publishing') this.#status('status', 'NetStream.Unpublish.Success', description);
    this.#status('error', code, description);
    this.#state = 'over';
  }

  /** What is played has ended. */
  end(): void {
    if (this.#state !== 'playing') return;
    this.#status('status', 'NetStream.Play.UnpublishNotify', 'The stream has ended.');
    this.#control(STREAM_EOF);
    this.#state = 'over';
  }

  #greet(bytes: Buffer): void {
    this.#greeting = Buffer.concat([this.#greeting, bytes]);
    if (this.#state === 'greeting' && this.#greeting.length >= 1 && this.#greeting[0] !== 3)
      return this.#break('no RTMP');
    if (this.#state === 'greeting' && this.#greeting.length >= CLIENT_HELLO_BYTES) {
      const greeting = serverGreeting(this.#greeting);
      if (greeting === undefined) return this.#break('no RTMP');
      this.#state = 'echoing';
      this.#send(greeting);
    }
    if (this.#greeting.length < CLIENT_GREETING_BYTES) return;
    const rest = this.#greeting.subarray(CLIENT_GREETING_BYTES);
    this.#greeting = Buffer.alloc(0);
    this.#state = 'open';
    if (rest.length > 0) this.push(rest);
  }

  #hear(message: Message): void {
    if (this.#state === 'over') return;
    switch (message.type) {
      case MESSAGE.aggregate:
        for (const part of splitAggregate(message)) if (part.type !== MESSAGE.aggregate) this.#hear(part);
        return;
      case MESSAGE.command:
        return this.#command(decodeAmf(message.body));
      case MESSAGE.command3:
        return this.#command(decodeAmf(message.body.subarray(1)));
      case MESSAGE.userControl:
        return this.#pong(message.body);
      case MESSAGE.windowSize:
        if (message.body.length >= 4) this.#ackEvery = Math.max(1024, message.body.readUInt32BE());
        return;
      default: {
        const bytes = this.#state === 'publishing' ? tagOfMessage(message) : undefined;
        if (bytes !== undefined) this.#outputs.push({ kind: 'tag', bytes });
      }
    }
  }

  #command([name, transaction, ...rest]: readonly AmfValue[]): void {
    if (typeof name !== 'string') return this.#break('a command without a name');
    if (++this.#commands > COMMANDS_MAX) return this.#break('too many commands');
    const id = typeof transaction === 'number' ? transaction : 0;
    switch (name) {
      case 'connect':
        return this.#connect(id, rest[0]);
      case 'createStream':
        return this.#result(id, MESSAGE_STREAM);
      case 'releaseStream':
      case 'getStreamLength':
      case '_checkbw':
        return this.#result(id, 0);
      case 'FCPublish':
        return this.#notice('onFCPublish', 'NetStream.Publish.Start', id);
      case 'FCSubscribe':
        return this.#notice('onFCSubscribe', 'NetStream.Play.Start', id);
      case 'publish':
      case 'play':
        return this.#ask(name, rest[1]);
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream':
        return this.#finish();
      default:
        // Whatever else a client tells (bandwidth checks, buffers, pauses) changes nothing of a live stream.
        return;
    }
  }

  #connect(id: number, fields: AmfValue): void {
    if (this.#state !== 'open') return this.#break('connected twice');
    const { app } = asRecord(fields) ?? {};
    this.#app = typeof app === 'string' ? app : '';
    this.#state = 'connected';
    this.#write(CONTROL_CHUNKS, MESSAGE.windowSize, word(WINDOW_BYTES));
    this.#write(CONTROL_CHUNKS, MESSAGE.peerBandwidth, Buffer.concat([word(WINDOW_BYTES), Buffer.from([DYNAMIC])]));
    this.#write(CONTROL_CHUNKS, MESSAGE.chunkSize, word(SERVER_CHUNK_BYTES));
    this.#result(
      id,
      { level: 'status', code: 'NetConnection.Connect.Success', description: 'Connected.', objectEncoding: 0 },
      { fmsVer: 'FMS/3,0,1,123', capabilities: 31, fourCcList: CODECS },
    );
  }

  #ask(wish: 'publish' | 'play', name: AmfValue): void {
    if (this.#state !== 'connected' || typeof name !== 'string') return this.#break(`${wish} at the wrong time`);
    const { path, credentials } = placeOf(this.#app, name);
    this.#state = 'asking';
    this.#asked = wish;
    this.#outputs.push({ kind: wish, path, credentials });
  }

  #finish(): void {
    if (this.#state !== 'publishing' && this.#state !== 'playing' && this.#state !== 'asking') return;
    this.#state = 'over';
    this.#outputs.push({ kind: 'finished' });
  }

  #pong(body: Buffer): void {
    if (body.length < 6 || body.readUInt16BE() !== PING) return;
    if (++this.#commands > COMMANDS_MAX) return this.#break('too many pings');
    const pong = Buffer.from(body.subarray(0, 6));
    pong.writeUInt16BE(PONG);
    this.#write(CONTROL_CHUNKS, MESSAGE.userControl, pong);
  }

  #acknowledge(): void {
    if (this.#state === 'over' || this.#received - this.#acknowledged < this.#ackEvery / 2) return;
    this.#acknowledged = this.#received;
    this.#write(CONTROL_CHUNKS, MESSAGE.acknowledgement, word(this.#received % 0x1_0000_0000));
  }

  #control(event: number): void {
    const body = Buffer.alloc(6);
    body.writeUInt16BE(event);
    body.writeUInt32BE(MESSAGE_STREAM, 2);
    this.#write(CONTROL_CHUNKS, MESSAGE.userControl, body);
  }

  #status(level: string, code: string, description: string): void {
    const body = encodeAmf('onStatus', 0, null, { level, code, description });
    const message = { type: MESSAGE.command, timestampMs: 0, streamId: MESSAGE_STREAM, body };
    this.#send(writeMessage(STATUS_CHUNKS, message, SERVER_CHUNK_BYTES));
  }

  #notice(name: string, code: string, id: number): void {
    this.#write(COMMAND_CHUNKS, MESSAGE.command, encodeAmf(name, 0, null, { level: 'status', code }));
    this.#result(id, null);
  }

  #result(id: number, value: AmfValue, properties: AmfValue = null): void {
    this.#write(COMMAND_CHUNKS, MESSAGE.command, encodeAmf('_result', id, properties, value));
  }

  #write(chunkStream: number, type: number, body: Buffer): void {
    this.#send(writeMessage(chunkStream, { type, timestampMs: 0, streamId: 0, body }, SERVER_CHUNK_BYTES));
  }

  #send(bytes: Buffer): void {
    this.#outputs.push({ kind: 'send', bytes });
  }

  #break(detail: string): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#outputs.push({ kind: 'broken', detail });
  }
}

/** Path and query of `app[?query]` and `name[?query]`; encoders put what they are given into either. */
const placeOf = (app: string, name: string): { readonly path: string; readonly credentials: string } => {
  const [appPath = '', appQuery = ''] = app.slice(0, NAME_CHARS_MAX).split('?', 2);
  const [namePath = '', nameQuery = ''] = name.slice(0, NAME_CHARS_MAX).split('?', 2);
  const segments = `${appPath}/${namePath}`.split('/').filter((segment) => segment !== '');
  return {
    path: `/${segments.join('/')}`,
    credentials: [appQuery, nameQuery].filter((query) => query !== '').join('&'),
  };
};

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
