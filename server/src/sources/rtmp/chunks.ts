// RTMP's chunk layer: messages cut into chunks of several interleaved streams. The reader holds a bounded number of
// unfinished messages of bounded size; anything beyond is a broken stream.

/** Kinds of messages. */
export const MESSAGE = {
  chunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  data: 18,
  command: 20,
} as const;

/** A whole message. */
export interface Message {
  readonly type: number;
  readonly timestampMs: number;
  readonly streamId: number;
  readonly body: Buffer;
}

const FIRST_CHUNK_BYTES = 128;
const CHUNK_BYTES_MAX = 16 * 1024 * 1024;
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const STREAMS_MAX = 64;
const EXTENDED = 0xffffff;
/** Bytes of a message header by format: full, same stream, same length too, same everything. */
const HEADER_BYTES = [11, 7, 3, 0] as const;

interface ChunkStream {
  type: number;
  length: number;
  streamId: number;
  timestampMs: number;
  deltaMs: number;
  extended: boolean;
  parts: Buffer[];
  received: number;
}

/** Takes bytes, gives messages. */
export class ChunkReader {
  #chunkBytes = FIRST_CHUNK_BYTES;
  #waiting: Buffer = Buffer.alloc(0);
  readonly #streams = new Map<number, ChunkStream>();

  /** The messages completed by these bytes; undefined when they make no sense. */
  push(bytes: Buffer): Message[] | undefined {
    this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    const messages: Message[] = [];
    for (;;) {
      const used = this.#readChunk(messages);
      if (used === 'broken') return undefined;
      if (used === 0) return messages;
      this.#waiting = this.#waiting.subarray(used);
    }
  }

  /** Bytes of the chunk read; 0 when more must arrive first. */
  #readChunk(messages: Message[]): number | 'broken' {
    const data = this.#waiting;
    const basic = readBasicHeader(data);
    if (basic === undefined) return 0;
    const { format, id, size } = basic;
    const headerBytes = HEADER_BYTES[format] ?? 0;
    if (data.length < size + headerBytes) return 0;
    const known = this.#streams.get(id);
    if (known === undefined && (format !== 0 || this.#streams.size >= STREAMS_MAX)) return 'broken';
    const header = data.subarray(size, size + headerBytes);
    const field = headerBytes >= 3 ? header.readUIntBE(0, 3) : 0;
    const extended = headerBytes >= 3 ? field === EXTENDED : (known?.extended ?? false);
    const bodyAt = size + headerBytes + (extended ? 4 : 0);
    if (data.length < bodyAt) return 0;
    const stamp = extended ? data.readUInt32BE(size + headerBytes) : field;
    const length = headerBytes >= 7 ? header.readUIntBE(3, 3) : (known?.length ?? 0);
    if (length > MESSAGE_BYTES_MAX) return 'broken';
    const received = known?.received ?? 0;
    if (received > 0 && headerBytes >= 7 && length !== known?.length) return 'broken';
    const take = Math.min(this.#chunkBytes, length - received);
    if (data.length < bodyAt + take) return 0;
    const stream = known ?? newStream();
    this.#streams.set(id, stream);
    if (received === 0) startMessage(stream, { header, format, stamp, extended, length });
    stream.parts.push(data.subarray(bodyAt, bodyAt + take));
    stream.received += take;
    if (stream.received === length && !this.#finish(stream, messages)) return 'broken';
    return bodyAt + take;
  }

  #finish(stream: ChunkStream, messages: Message[]): boolean {
    const body = Buffer.concat(stream.parts);
    stream.parts = [];
    stream.received = 0;
    if (stream.type === MESSAGE.chunkSize) {
      const bytes = body.length < 4 ? 0 : body.readUInt32BE();
      this.#chunkBytes = bytes;
      return bytes >= 1 && bytes <= CHUNK_BYTES_MAX;
    }
    messages.push({ type: stream.type, timestampMs: stream.timestampMs, streamId: stream.streamId, body });
    return true;
  }
}

const newStream = (): ChunkStream => ({
  type: 0,
  length: 0,
  streamId: 0,
  timestampMs: 0,
  deltaMs: 0,
  extended: false,
  parts: [],
  received: 0,
});

interface MessageStart {
  readonly header: Buffer;
  readonly format: number;
  readonly stamp: number;
  readonly extended: boolean;
  readonly length: number;
}

/** Takes over what a header says; what it leaves out stays as it was. */
const startMessage = (stream: ChunkStream, { header, format, stamp, extended, length }: MessageStart): void => {
  if (format <= 1) {
    stream.length = length;
    stream.type = header[6] ?? 0;
  }
  if (format === 0) stream.streamId = header.readUInt32LE(7);
  if (format <= 2) {
    stream.deltaMs = format === 0 ? 0 : stamp;
    stream.extended = extended;
  }
  stream.timestampMs = format === 0 ? stamp : (stream.timestampMs + stream.deltaMs) % 0x1_0000_0000;
};

const readBasicHeader = (
  data: Buffer,
): { readonly format: number; readonly id: number; readonly size: number } | undefined => {
  const first = data[0];
  if (first === undefined) return undefined;
  const format = first >> 6;
  const id = first & 63;
  if (id >= 2) return { format, id, size: 1 };
  const size = id === 0 ? 2 : 3;
  if (data.length < size) return undefined;
  const low = data.readUInt8(1) + 64;
  return { format, id: id === 0 ? low : low + data.readUInt8(2) * 256, size };
};

/** Writes one message, in chunks of the size a connection begins with. */
export const writeMessage = (chunkStream: number, message: Message): Buffer => {
  const header = Buffer.alloc(12);
  header.writeUInt8(chunkStream, 0);
  header.writeUIntBE(Math.min(message.timestampMs, EXTENDED - 1), 1, 3);
  header.writeUIntBE(message.body.length, 4, 3);
  header.writeUInt8(message.type, 7);
  header.writeUInt32LE(message.streamId, 8);
  const chunks: Buffer[] = [header];
  for (let at = 0; at < message.body.length; at += FIRST_CHUNK_BYTES) {
    if (at > 0) chunks.push(Buffer.from([0xc0 | chunkStream]));
    chunks.push(message.body.subarray(at, at + FIRST_CHUNK_BYTES));
  }
  return Buffer.concat(chunks);
};
