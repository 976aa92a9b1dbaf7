/**
 * One open response of a virtual stream. It gets bytes only when the browser pulls, and what waits is bounded: a reader
 * that falls behind goes on at the newest key picture instead of holding memory.
 */
import type { FlvChunk, FlvTail } from './flv-tail.ts';
import type { PageAnswer, ReaderSaid } from './pipe-messages.ts';

/** The port of a request, as far as it is used. */
export type ReaderPort = Pick<MessagePort, 'postMessage' | 'close'> & {
  onmessage: ((event: MessageEvent<ReaderSaid>) => void) | null;
};

/** What waits for a reader at most. */
export const WAITING_BYTES_MAX = 2 * 1024 * 1024;
/** One delivery at most, unless a single chunk is larger. */
const DELIVERY_BYTES = 256 * 1024;

const FLV_TYPE = 'video/x-flv';

type State =
  /** Nothing was sent yet: a response begins with the header, once there is a key picture. */
  | 'new'
  | 'following'
  /** Something was dropped: on from the newest key picture. */
  | 'behind'
  | 'closed';

/** See above. */
export class Reader {
  /** Which Service Worker carries it. */
  readonly instance: string;
  readonly #port: ReaderPort;
  readonly #tail: FlvTail;
  readonly #closed: (reader: Reader) => void;
  #state: State = 'new';
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;
  #isPulled = false;
  #skips = 0;
  /** What may wait now: a newcomer's opening does not count against it. */
  #waitingMax = WAITING_BYTES_MAX;
  /** The key picture it was following when it fell behind; an older start would repeat what was sent. */
  #behindKey = 0;

  constructor(how: { port: ReaderPort; instance: string; tail: FlvTail; closed: (reader: Reader) => void }) {
    this.#port = how.port;
    this.#tail = how.tail;
    this.#closed = how.closed;
    this.instance = how.instance;
    this.#port.onmessage = ({ data }) => {
      if (data.kind === 'cancel') this.drop();
      else {
        this.#isPulled = true;
        this.#deliver();
      }
    };
    this.#say({ kind: 'stream', type: FLV_TYPE });
  }

  /** How often it fell behind. */
  get skips(): number {
    return this.#skips;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** The stream goes on. */
  push(chunk: FlvChunk): void {
    if (this.#state === 'following') this.#wait([chunk.bytes.slice()]);
    this.#deliver();
  }

  /** The stream is over: what waits is delivered, then the response ends. */
  end(): void {
    if (this.#state === 'closed') return;
    while (this.#waiting.length > 0) this.#sendWaiting();
    this.#say({ kind: 'end' });
    this.drop();
  }

  /** Nobody reads any more. */
  drop(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#port.onmessage = null;
    this.#port.close();
    this.#closed(this);
  }

  #wait(chunks: readonly Uint8Array<ArrayBuffer>[]): void {
    for (const bytes of chunks) {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
    }
    if (this.#waitingBytes <= this.#waitingMax || this.#state !== 'following') return;
    this.#state = 'behind';
    this.#behindKey = this.#tail.keys;
    this.#skips += 1;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #deliver(): void {
    if (!this.#isPulled || this.#state === 'closed') return;
    if (this.#state !== 'following') this.#catchUp();
    if (this.#waiting.length === 0) return;
    this.#isPulled = false;
    this.#sendWaiting();
  }

  #catchUp(): void {
    if (!this.#tail.isReady || (this.#state === 'behind' && this.#tail.keys === this.#behindKey)) return;
    this.#wait(this.#state === 'new' ? this.#tail.opening() : this.#tail.again());
    this.#waitingMax = this.#waitingBytes + WAITING_BYTES_MAX;
    this.#state = 'following';
  }

  #sendWaiting(): void {
    let length = 0;
    let count = 0;
    for (const { byteLength } of this.#waiting) {
      if (count > 0 && length + byteLength > DELIVERY_BYTES) break;
      length += byteLength;
      count += 1;
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of this.#waiting.splice(0, count)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#waitingBytes -= length;
    this.#say({ kind: 'bytes', bytes: bytes.buffer }, [bytes.buffer]);
  }

  #say(answer: PageAnswer, taken: Transferable[] = []): void {
    this.#port.postMessage(answer, taken);
  }
}
