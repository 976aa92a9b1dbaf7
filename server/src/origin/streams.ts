// All streams of a server, each pulled from its first viewer until a while after its last.

import { randomBytes } from 'node:crypto';
import type { ByteCore } from '../../../wasm/abi.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { ServerConfig } from '../options.ts';
import { sourceOf } from '../sources/select.ts';
import type { StartSource } from '../sources/source.ts';
import type { SourceTable } from '../sources/source-table.ts';
import { CutEpoch } from './cut-epoch.ts';
import { CutStream } from './cut-stream.ts';
import type { WindowLimits } from './piece-window.ts';
import type { Stream } from './stream.ts';
import { type OriginKeys, streamId } from './stream-keys.ts';

/** A stream that is to run. */
export interface Running {
  readonly path: string;
  /** The query of the viewer that woke it. */
  readonly query: string;
  readonly wokenBy: 'viewer' | 'publisher';
  /** Its id. */
  readonly id: Uint8Array;
  readonly window: WindowLimits;
  /** Whether there is a source for it here, now. */
  cutsHere(): boolean;
  /** Cuts it here; its epochs begin after this wall time. */
  cut(after: () => number): Stream;
  /** Nobody watches any more. */
  idle(stream: Stream): void;
}

/** Streams that other servers cut, too. */
export interface Elsewhere {
  /** Whether another server has a path. */
  serves(path: string): boolean;
  /** Runs a stream, here or as another server cuts it. */
  run(running: Running): Stream;
}

/** What the streams of a server share. */
export interface StreamsParts {
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: ServerConfig;
  readonly sources: SourceTable;
  /** The source of a path that somebody publishes, or that is made from another; it goes before all others. */
  readonly madeSource: (path: string) => StartSource | undefined;
  readonly keys: OriginKeys;
  readonly random: () => number;
  /** Absent: whatever is served is cut here. */
  readonly elsewhere?: Elsewhere;
}

const MEGABYTE = 1024 * 1024;

/** A publisher that has gone: viewers wait until it comes back. */
const ABSENT: StartSource = () => ({ stop: () => undefined });

/** See above. */
export class Streams {
  readonly #parts: StreamsParts;
  readonly #streams = new Map<string, Stream>();

  constructor(parts: StreamsParts) {
    this.#parts = parts;
  }

  /** A stream that runs already. */
  running(path: string): Stream | undefined {
    return this.#streams.get(path);
  }

  all(): readonly Stream[] {
    return [...this.#streams.values()];
  }

  /** Whether a path has a source. */
  serves(path: string): boolean {
    return this.#sourceOf(path) !== undefined || this.#parts.elsewhere?.serves(path) === true;
  }

  /** Whether a path runs, or may. */
  hasRoom(path: string): boolean {
    return this.#streams.has(path) || this.#streams.size < this.#parts.config.maxStreams;
  }

  /** Somebody publishes a path from now on: its stream runs without viewers too. */
  publishBegan(path: string): void {
    this.running(path)?.restart();
    const stream = this.#open(path, '', 'publisher');
    if (typeof stream !== 'string') stream.hold();
  }

  /** Nobody publishes it any more. */
  publishEnded(path: string): void {
    this.running(path)?.release();
  }

  /** The id of the stream at a path. */
  idOf(path: string): Uint8Array<ArrayBuffer> {
    return streamId(this.#parts.core, this.#parts.keys.publicKey, path);
  }

  /** Runs a stream that another process gives up, where it has a source here: its viewers will come. */
  adopt({ path, query }: { readonly path: string; readonly query: string }): void {
    if (this.#sourceOf(path) !== undefined) this.open(path, query);
  }

  /** The stream at a path, started if need be; or why not. */
  open(path: string, query: string): Stream | 'not-found' | 'full' {
    return this.#open(path, query, 'viewer');
  }

  #open(path: string, query: string, wokenBy: Running['wokenBy']): Stream | 'not-found' | 'full' {
    const running = this.#streams.get(path);
    if (running !== undefined) return running;
    if (!this.serves(path)) return 'not-found';
    if (!this.hasRoom(path)) return 'full';
    const asked = this.#runningOf(path, query, wokenBy);
    const stream = this.#parts.elsewhere?.run(asked) ?? asked.cut(() => 0);
    this.#parts.log.write('info', 'stream-pulled', { stream: path });
    this.#streams.set(path, stream);
    return stream;
  }

  #runningOf(path: string, query: string, wokenBy: Running['wokenBy']): Running {
    const { config, log } = this.#parts;
    const idle = (stream: Stream): void => {
      log.write('info', 'stream-left', { stream: path });
      this.#streams.delete(path);
      stream.close();
    };
    const running: Running = {
      path,
      query,
      wokenBy,
      id: this.idOf(path),
      window: { ms: config.windowSeconds * 1000, bytes: config.windowMegabytes * MEGABYTE },
      cutsHere: () => this.#sourceOf(path) !== undefined,
      cut: (after) => this.#cut(running, after),
      idle,
    };
    return running;
  }

  #cut({ path, query, id, window, idle }: Running, after: () => number): Stream {
    const { clock, config, core, keys, log, random } = this.#parts;
    const contentSecret = config.encrypt ? randomBytes(32) : undefined;
    return new CutStream(
      {
        path,
        clock,
        log,
        start: (events, waker) => (this.#sourceOf(path) ?? ABSENT)(events, waker),
        random,
        lingerMs: config.linger * 1000,
        rotateMs: config.rotate * 1000,
        epoch: (events, { lastStartMs, byteRate }) =>
          new CutEpoch(
            {
              core,
              clock,
              keys,
              stream: id,
              contentSecret,
              window,
              startMs: Math.max(clock.wall(), lastStartMs + 1, after() + 1),
              random: randomBytes(4).readUInt32BE(),
              usualByteRate: byteRate,
            },
            events,
          ),
        idle,
      },
      query,
    );
  }

  #sourceOf(path: string): StartSource | undefined {
    return this.#parts.madeSource(path) ?? sourceOf(this.#parts.sources, path, this.#parts.clock);
  }

  /** Stops all of them. */
  close(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }
}
