/**
 * Segments from their own server, by fetch: the answer is exactly the bytes that were asked for, or a failure.
 */
import type { ByteRange } from '../hls/face.ts';
import type { Fetched, FetchPort } from '../hls/ports.ts';

/** A server that says nothing for so long is as good as gone; the player tries again. */
const WITHIN_MS = 30_000;
const PARTIAL = 206;

/** Makes the port. */
export const createSegmentFetch =
  (send: typeof fetch): FetchPort =>
  (address, range, answer) => {
    const abort = new AbortController();
    let state: 'waiting' | 'over' = 'waiting';
    const end = (fetched: Fetched): void => {
      clearTimeout(timer);
      if (state === 'over') return;
      state = 'over';
      answer(fetched);
    };
    const timer = setTimeout(() => {
      end({ kind: 'failed', status: 0 });
      abort.abort();
    }, WITHIN_MS);
    get(send, { address, range, signal: abort.signal }).then(end, () => end({ kind: 'failed', status: 0 }));
    return () => {
      state = 'over';
      clearTimeout(timer);
      abort.abort();
    };
  };

interface Asked {
  readonly address: string;
  readonly range: ByteRange | undefined;
  readonly signal: AbortSignal;
}

const get = async (send: typeof fetch, { address, range, signal }: Asked): Promise<Fetched> => {
  const headers = range === undefined ? {} : { range: `bytes=${range.first}-${range.last}` };
  const response = await send(address, { signal, headers, credentials: 'omit' });
  if (!response.ok) return { kind: 'failed', status: response.status };
  const body = new Uint8Array(await response.arrayBuffer());
  if (range === undefined) return { kind: 'bytes', bytes: body };
  const bytes = response.status === PARTIAL ? body : body.slice(range.first, range.last + 1);
  return bytes.length === range.last - range.first + 1
    ? { kind: 'bytes', bytes }
    : { kind: 'failed', status: response.status };
};
