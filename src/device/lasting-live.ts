/**
 * A live picture that survives its connection: when that breaks, the same is asked again as soon as the device is back,
 * and the new bytes follow the old ones, from a file header and a keyframe on.
 */
import { asShoalError } from '../carrier/calls.ts';
import { ShoalError } from '../errors.ts';
import { WholeTags } from './whole-tags.ts';

/** Bytes as a device sends them. */
export interface LiveSource {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ReadableStream<Uint8Array>;
  stop(): void;
}

/** How it asks again. */
export interface LiveAgain {
  ask(): Promise<LiveSource>;
  /** Resolves when the device can be asked again; rejects with why it never can. */
  back(): Promise<void>;
}

/** A redirection: the answer to whoever comes when the device has as many direct viewers as it wants. */
export const isMoved = ({ status }: { readonly status: number }): boolean => status === 302;

/** Goes on with `first` for as long as it can be asked for again. */
export const lastingLive = (first: LiveSource, again: LiveAgain): LiveSource => {
  const tags = new WholeTags();
  let source = first;
  let reader = first.body.getReader();
  let state: 'running' | 'stopped' = 'running';
  const stop = (): void => {
    state = 'stopped';
    source.stop();
  };
  const renew = async (why: ShoalError): Promise<void> => {
    if (why.code !== 'request/lost' || !tags.isFlv) throw why;
    tags.reset();
    await again.back();
    source = await again.ask();
    if (state === 'stopped') source.stop();
    if (isMoved(source)) {
      source.stop();
      throw new ShoalError('device/moved', { detail: source.headers.location ?? '' });
    }
    reader = source.body.getReader();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          try {
            const { done, value } = await reader.read();
            if (done) return controller.close();
            const whole = tags.push(value);
            if (whole.length > 0) return controller.enqueue(whole);
          } catch (thrown) {
            await renew(asShoalError(thrown, 'request/lost'));
          }
        }
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
  return { status: first.status, headers: first.headers, body, stop };
};
