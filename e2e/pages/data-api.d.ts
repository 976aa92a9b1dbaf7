// What the page of bytes offers to the test that drives it.

import type { DataStream, DataStreamOptions } from '../../src/index.ts';
import type { FlvCount } from './flv-count.d.ts';

/** Options a test can send into the page. */
export type DataPlayOptions = Omit<DataStreamOptions, 'onData' | 'consent' | 'tokenProvider' | 'debug' | 'log'>;

declare global {
  var data: {
    readonly files: FlvCount[];
    stream: DataStream | undefined;
    play(options: DataPlayOptions): void;
  };
}
