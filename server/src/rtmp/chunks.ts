// RTMP's chunk layer: messages cut into chunks of several interleaved streams. The reader holds a bounded number of
// unfinished messages, bounded in size each and all together; anything beyond is a broken stream.

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
  data3: 15,
  command3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const;

/** A whole message. */
export interface Message {
  readonly type: number;
  readonly timestampMs: number;
  readonly streamId: number;
  readonly body: Buffer;
}

/** Bytes of a chunk until another size is agreed on. */
export const FIRST_CHUNK_BYTES = 128;
const CHUNK_BYTES_MAX = 16 * 1024 * 1024;
/** Largest message unless a reader is told otherwise. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const STREAMS_MAX = 64;
const EXTENDED = 0xffffff;
/** Bytes of a message header by format: full, same stream, same length too, same everything. */
const HEADER_BYTES = [11, 7, 3, 0] as const;
/** Basic header, message header and extended timestamp at their longest. */
const HEAD_BYTES_MAX = 3 + 11 + 4;

interface ChunkStream {
  type: number;
  length: number;
  streamId: number;
  timestampMs: number;
  deltaMs: number;
  extended: boolean;
  /** As long as the message, and filled as it arrives. */
  body: Buffer;
  received: number;
}

/** Takes bytes, gives messages. */
export class ChunkReader {
  /** Largest message, and with it the largest sum of unfinished ones: twice as much. */
  messageBytesMax = MESSAGE_BYTES_MAX;
  #chunkBytes = FIRST_CHUNK_BYTES;
  /** The beginning of a chunk's header that has not arrived whole. */
  #head: Buffer = Buffer.alloc(0);
  /** The chunk whose body is arriving, and what is missing of it. */
  #open: ChunkStream | undefined;
  #missing = 0;
  #unfinished = 0;
  readonly #streams = new Map<number, ChunkStream>();

  /** The messages completed by these bytes; undefined when they make no sense. */
  push(bytes: Buffer): Message[] | undefined {
    const messages: Message[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      const used =
        this.#open === undefined ? this.#readHead(rest, messages) : this.#readBody(this.#open, rest, messages);
      if (used === 'broken') return undefined;
      rest = rest.subarray(used);
    }
    return messages;
  }

  /** Bytes used of these: those of a whole head, or all of them when more must arrive. */
  #readHead(bytes: Buffer, messages: Message[]): number | 'broken' {
    const before = this.#head.length;
    const data = before === 0 ? bytes : Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES_MAX)]);
    const length = this.#startChunk(data, messages);
    if (length === 'broken') return length;
    this.#head = length === 0 ? Buffer.from(data) : Buffer.alloc(0);
    return length === 0 ? bytes.length : length - before;
  }

  /** Length of the chunk's head; 0 when more must arrive first. */
  #startChunk(data: Buffer, messages: Message[]): number | 'broken' {
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
    const received = known?.received ?? 0;
    if (length > this.messageBytesMax) return 'broken';
    if (received > 0 && headerBytes >= 7 && length !== known?.length) return 'broken';
    const stream = known ?? newStream();
    this.#streams.set(id, stream);
    if (received === 0) {
      startMessage(stream, { header, format, stamp, extended, length });
      this.#unfinished += length;
      if (this.#unfinished > 2 * this.messageBytesMax) return 'broken';
      stream.body = Buffer.allocUnsafe(length);
    }
    this.#missing = Math.min(this.#chunkBytes, length - received);
    this.#open = stream;
    if (this.#missing === 0 && !this.#endChunk(stream, messages)) return 'broken';
    return bodyAt;
  }

  #readBody(stream: ChunkStream, bytes: Buffer, messages: Message[]): number | 'broken' {
    const take = Math.min(this.#missing, bytes.length);
    bytes.copy(stream.body, stream.received, 0, take);
    stream.received += take;
    this.#missing -= take;
    return this.#missing > 0 || this.#endChunk(stream, messages) ? take : 'broken';
  }

  #endChunk(stream: ChunkStream, messages: Message[]): boolean {
    this.#open = undefined;
    return stream.received < stream.length || this.#finish(stream, messages);
  }

  #finish(stream: ChunkStream, messages: Message[]): boolean {
    const { body } = stream;
    this.#unfinished -= body.length;
    stream.received = 0;
    if (stream.type === MESSAGE.chunkSize) {
      const bytes = body.length < 4 ? 0 : body.readUInt32BE();
      this.#chunkBytes = bytes;
      return bytes >= 1 && bytes <= CHUNK_BYTES_MAX;
    }
    if (stream.type === MESSAGE.abort) this.#abort(body.length < 4 ? 0 : body.readUInt32BE());
    messages.push({ type: stream.type, timestampMs: stream.timestampMs, streamId: stream.streamId, body });
    return true;
  }

  /** The sender gives an unfinished message up. */
  #abort(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.received === 0) return;
    this.#unfinished -= stream.length;
    stream.received = 0;
  }
}

const newStream = (): ChunkStream => ({
  type: 0,
  length: 0,
  streamId: 0,
  timestampMs: 0,
  deltaMs: 0,
  extended: false,
  body: Buffer.alloc(0),
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

/** Writes one message, in chunks of the size the reader knows of: that a connection begins with, unless told otherwise. */
export const writeMessage = (chunkStream: number, message: Message, chunkBytes = FIRST_CHUNK_BYTES): Buffer => {
  const { type, timestampMs, streamId, body } = message;
  const extended = timestampMs >= EXTENDED;
  const stamp = Buffer.alloc(extended ? 4 : 0);
  if (extended) stamp.writeUInt32BE(timestampMs % 0x1_0000_0000);
  const header = Buffer.alloc(12);
  header.writeUInt8(chunkStream, 0);
  header.writeUIntBE(extended ? EXTENDED : timestampMs, 1, 3);
  header.writeUIntBE(body.length, 4, 3);
  header.writeUInt8(type, 7);
  header.writeUInt32LE(streamId, 8);
  const chunks: Buffer[] = [header, stamp];
  for (let at = 0; at < body.length; at += chunkBytes) {
    if (at > 0) chunks.push(Buffer.from([0xc0 | chunkStream]), stamp);
    chunks.push(body.subarray(at, at + chunkBytes));
  }
  return Buffer.concat(chunks);
};
