/**
 * A sink that keeps everything it is given, run by run.
 */
import { concat } from '../../../wasm/testing/flv-maker.ts';
import type { SinkPort } from '../ports.ts';

/** One run of bytes: from a fresh demuxer to the next. */
export interface Run {
  readonly chunks: Uint8Array[];
}

export class RecordingSink implements SinkPort {
  readonly runs: Run[] = [];
  /** Which runs another epoch began while one was played. */
  readonly seams: boolean[] = [];
  readonly rates: number[] = [];
  readonly seeks: number[] = [];
  ends = 0;
  /** Called with each delivery. */
  onBytes: ((flv: Uint8Array) => void) | undefined;
  onStart: (() => void) | undefined;
  onSeek: ((dtsMs: number) => void) | undefined;

  start(seam: boolean): void {
    this.runs.push({ chunks: [] });
    this.seams.push(seam);
    this.onStart?.();
  }

  bytes(flv: Uint8Array<ArrayBuffer>): void {
    const run = this.runs.at(-1);
    if (run === undefined) throw new Error('bytes before a start');
    if (flv.buffer.byteLength !== flv.byteLength) throw new Error('a delivery must own its buffer');
    run.chunks.push(flv);
    this.onBytes?.(flv);
  }

  rate(rate: number): void {
    this.rates.push(rate);
  }

  seek(dtsMs: number): void {
    this.seeks.push(dtsMs);
    this.onSeek?.(dtsMs);
  }

  ended(): void {
    this.ends++;
  }

  /** All bytes of a run. */
  bytesOf(run: number): Uint8Array {
    return concat(...(this.runs.at(run)?.chunks ?? []));
  }

  /** Bytes given in all. */
  get total(): number {
    return this.runs.reduce((sum, { chunks }) => sum + chunks.reduce((bytes, chunk) => bytes + chunk.length, 0), 0);
  }
}
