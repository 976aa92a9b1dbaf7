/**
 * A file that survives its connection: when that breaks, the rest is asked for as soon as the device is back.
 */
import { asShoalError } from '../carrier/calls.ts';
import { ShoalError } from '../errors.ts';
import { lengthOf } from './download-sink.ts';
import type { LiveSource } from './lasting-live.ts';

/** How the rest is asked for. */
export interface FileAgain {
  ask(offset: number): Promise<LiveSource>;
  /** Resolves when the device can be asked again; rejects with why it never can. */
  back(): Promise<void>;
}

/** Breaks in a row without a byte in between; more of them are no accident. */
const VAIN_MAX = 3;

/** Goes on with `first`, whose bytes begin at `begun`, for as long as the rest can be asked for. */
export const lastingFile = (first: LiveSource, begun: number, again: FileAgain): LiveSource => {
  const length = lengthOf(first.headers);
  let source = first;
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined = first.body.getReader();
  let at = begun;
  let vain = 0;
  let state: 'running' | 'stopped' = 'running';
  const stop = (): void => {
    state = 'stopped';
    source.stop();
  };
  const renewed = async (): Promise<ReadableStreamDefaultReader<Uint8Array>> => {
    source = await again.ask(at);
    if (state === 'stopped') source.stop();
    const left = lengthOf(source.headers);
    if (length !== undefined && left !== undefined && at + left !== begun + length) {
      source.stop();
      throw new ShoalError('device/no-such-file', { detail: 'the file has changed meanwhile' });
    }
    return source.body.getReader();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          try {
            reader ??= await renewed();
            const { done, value } = await reader.read();
            if (done) return controller.close();
            at += value.length;
            vain = 0;
            return controller.enqueue(value);
          } catch (thrown) {
            const why = asShoalError(thrown, 'request/lost');
            if (why.code !== 'request/lost' || state === 'stopped' || ++vain > VAIN_MAX) throw why;
            reader = undefined;
            await again.back();
          }
        }
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
  return { status: first.status, headers: first.headers, body, stop };
};
