/**
 * A device as a page uses it: pictures, recordings, files, voice and commands, several at once over one connection.
 */

import { asShoalError } from '../carrier/calls.ts';
import type { Exchange } from '../carrier/exchange.ts';
import { type ErrorCode, errorCodes, ShoalError } from '../errors.ts';
import type { Answer } from '../wire/request.ts';
import { browserDeviceWorld, type DeviceWorld } from './device-world.ts';
import { type DownloadProgress, type DownloadSink, lengthOf, pour } from './download-sink.ts';
import { LastingConnection, type LastingOptions, type LastingState, type StateListener } from './lasting-connection.ts';
import { lastingFile } from './lasting-file.ts';
import { isMoved, lastingLive } from './lasting-live.ts';
import {
  downloadText,
  innerCommandText,
  liveText,
  playbackText,
  type Quality,
  type Span,
  type UserParams,
  userCommandText,
  voiceText,
} from './request-text.ts';

/** Bytes that come from a device. */
export interface DeviceStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** FLV or file bytes; cancelling it ends the request. */
  readonly body: ReadableStream<Uint8Array>;
  /** Ends the request. */
  stop(): void;
}

/** A live picture, or the way to it. */
export interface LiveStream extends DeviceStream {
  /**
   * Address of the stream that the device shares with further viewers; then there are no bytes in `body`. The device
   * goes on sharing until `stop()`.
   */
  readonly sharedAt: string | undefined;
}

/** A talk to a device: signed 16-bit mono PCM, or what its maker says it takes. */
export interface DeviceTalk extends Answer {
  /** Resolves when there is room for more; rejects when the talk has ended. */
  write(pcm: Uint8Array): Promise<void>;
  /** Nothing follows; resolves when the device has taken everything. */
  end(): Promise<void>;
  /** Breaks it off. */
  stop(): void;
  /** Resolves when it is over by `end` or `stop`; rejects when the device or the connection has ended it. */
  readonly over: Promise<void>;
}

/** How a command went. */
export interface CommandResult {
  /** `success` and `failure` come from the device, `error` and `timeout` from the way to it. */
  readonly type: 'success' | 'failure' | 'error' | 'timeout';
  /** The device's HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly data: string;
  readonly error: ShoalError | undefined;
}

/** Channel 0 unless said otherwise. */
export interface OnChannel {
  readonly channel?: number;
}

/** How a file is saved. */
export interface SaveOptions extends OnChannel {
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** A command is answered within so long, or not at all. */
const COMMAND_WITHIN_MS = 7_500;
const COMMAND_BYTES_MAX = 1024 * 1024;

/** A connected device. */
export class Device {
  readonly #connection: LastingConnection;

  /** Throws `device/bad-info` and `device/expired-info`. */
  constructor(options: LastingOptions, world: DeviceWorld) {
    this.#connection = new LastingConnection(world, options);
  }

  /** Resolves when the device has answered; rejects with why it cannot be reached. */
  get opened(): Promise<void> {
    return this.#connection.opened;
  }

  /** Resolves with why the connection ended. */
  get closed(): Promise<ShoalError> {
    return this.#connection.closed;
  }

  get state(): LastingState {
    return this.#connection.state;
  }

  /** Hears of each break, return and end, with why; returns how to stop listening. */
  onState(listener: StateListener): () => void {
    return this.#connection.onState(listener);
  }

  /** Version of the device's software. */
  get version(): string {
    return this.#connection.info.version;
  }

  /**
   * The live picture, FLV that begins at a keyframe. When the connection breaks and comes back, the stream goes on, with a
   * new file header. A device with as many direct viewers as it wants gives the address of its shared stream instead.
   */
  async live({
    channel = 0,
    quality = 'high',
    params,
  }: OnChannel & { readonly quality?: Quality; readonly params?: UserParams } = {}): Promise<LiveStream> {
    const target = liveText(channel, quality, params);
    const first = await this.#stream(target);
    if (isMoved(first)) return { ...first, sharedAt: first.headers.location };
    const again = { ask: () => this.#stream(target), back: () => this.#connection.back() };
    return { ...lastingLive(first, again), sharedAt: undefined };
  }

  /** What was recorded in a span of at least 5 seconds, FLV in real time. */
  playback(span: Span, { channel = 0, params }: OnChannel & { readonly params?: UserParams } = {}) {
    return this.#stream(playbackText(channel, span, params));
  }

  /** A file, from an offset on. */
  download(file: string, { channel = 0, offset = 0 }: OnChannel & { readonly offset?: number } = {}) {
    return this.#stream(downloadText(channel, file, offset));
  }

  /**
   * Downloads a file into a sink and closes it; goes on where the sink ends, so that one that was cut off is saved anew with a
   * sink of the same file. When the connection breaks and comes back, so does the download. Resolves with the file's size;
   * `signal` stops it.
   */
  async save(file: string, sink: DownloadSink, options: SaveOptions = {}): Promise<number> {
    const { channel = 0, onProgress, signal } = options;
    const begun = sink.size;
    const ask = (offset: number) => this.download(file, { channel, offset });
    const stream = lastingFile(await ask(begun), begun, { ask, back: () => this.#connection.back() });
    const stop = (): void => stream.stop();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
    try {
      const length = lengthOf(stream.headers);
      const total = length === undefined ? undefined : begun + length;
      return await pour(stream.body, sink, { total, ...(onProgress === undefined ? {} : { onProgress }) });
    } finally {
      signal?.removeEventListener('abort', stop);
      stop();
    }
  }

  /** Whatever else a device's maker has defined. */
  request(target: string): Promise<DeviceStream> {
    return this.#stream(target);
  }

  /** The same, whatever its status: for those who look at it themselves. */
  async ask(target: string): Promise<DeviceStream> {
    const exchange = await this.#connection.request(target);
    const answer = await exchange.answered;
    return { ...answer, body: exchange.body, stop: () => exchange.cancel() };
  }

  /** Speaks to the device; waits until it listens. */
  async talk({ channel = 0, params }: OnChannel & { readonly params?: UserParams } = {}): Promise<DeviceTalk> {
    const talk = await this.converse(voiceText(channel, params));
    if (talk.status < 400) return talk;
    talk.stop();
    throw refusalOf(talk);
  }

  /** A request whose body goes to the device, whatever its status: for those who look at it themselves. */
  async converse(target: string): Promise<DeviceTalk> {
    const exchange = await this.#connection.request(target, { sends: true });
    const answer = await exchange.answered;
    return {
      ...answer,
      over: exchange.over,
      write: (bytes) => exchange.write(bytes),
      stop: () => exchange.cancel(),
      async end() {
        exchange.end();
        await exchange.over;
      },
    };
  }

  /** A command every device knows, with its values. */
  inner(
    cmd: string,
    values: UserParams = {},
    { channel = 0, withinMs = COMMAND_WITHIN_MS } = {},
  ): Promise<CommandResult> {
    return this.#command(innerCommandText(channel, cmd, values), withinMs);
  }

  /** A command of the device's maker, as text. */
  command(cmd: string, { channel = 0, withinMs = COMMAND_WITHIN_MS } = {}): Promise<CommandResult> {
    return this.#command(userCommandText(channel, cmd), withinMs);
  }

  /** A command whose whole text the page has written. */
  commandText(target: string, withinMs = COMMAND_WITHIN_MS): Promise<CommandResult> {
    return this.#command(`command?${target}`, withinMs);
  }

  close(): void {
    this.#connection.close();
  }

  async #stream(target: string): Promise<DeviceStream> {
    const stream = await this.ask(target);
    if (stream.status < 400) return stream;
    stream.stop();
    throw refusalOf(stream);
  }

  async #command(target: string, withinMs: number): Promise<CommandResult> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let exchange: Exchange | undefined;
    const late = new Promise<CommandResult>((resolve) => {
      timer = setTimeout(() => {
        exchange?.cancel();
        resolve({ type: 'timeout', status: 0, data: '', error: new ShoalError('device/no-answer') });
      }, withinMs);
    });
    const answered = async (): Promise<CommandResult> => {
      exchange = await this.#connection.request(target);
      const { status } = await exchange.answered;
      const data = await wholeText(exchange.body);
      return { type: status < 400 ? 'success' : 'failure', status, data, error: undefined };
    };
    try {
      return await Promise.race([answered(), late]);
    } catch (thrown) {
      return { type: 'error', status: 0, data: '', error: asShoalError(thrown, 'request/lost') };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Connects to a device. Requests may be made at once; they wait until it has answered. */
export const connectDevice = (options: LastingOptions): Device =>
  new Device({ returnWithinMs: RETURN_WITHIN_MS, ...options }, browserDeviceWorld());

/** A camera that restarts, or a train in a tunnel. */
const RETURN_WITHIN_MS = 60_000;

/** What an answer of 400 and above says. */
export const refusalOf = ({ status, headers }: Answer): ShoalError => {
  const named: ErrorCode | undefined = errorCodes.find((code) => code === headers['x-shoal-error']);
  return new ShoalError(named ?? 'device/refused', { detail: `${status} ${headers['x-shoal-detail'] ?? ''}`.trim() });
};

const wholeText = async (body: ReadableStream<Uint8Array>): Promise<string> => {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = '';
  let bytes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.length;
    if (bytes > COMMAND_BYTES_MAX) throw new ShoalError('request/overrun');
    text += decoder.decode(read.value, { stream: true });
  }
  // Devices written in C end their texts with a zero.
  return (text + decoder.decode()).replace(/\0+$/, '');
};
