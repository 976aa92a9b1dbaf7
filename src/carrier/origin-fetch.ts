/**
 * The origin over plain HTTP, for networks that block WebSockets: one endless response of the same frames. It cannot
 * ask for anything, so it always carries all substreams and what is sent to it is dropped.
 */
import type { ErrorCode } from '../errors.ts';
import type { OriginEvents, OriginOpening, OriginPort } from '../viewer/ports.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { FULL_MASK, piecesAddress, type StreamPlace } from './origin-address.ts';

/** The browser's fetch, Node's, or a test's. */
export type FetchBytes = (address: string, init: { readonly signal: AbortSignal }) => Promise<Response>;

/** Makes the origin port of a stream over HTTP. */
export const createOriginFetch = (fetchBytes: FetchBytes, place: StreamPlace, events: OriginEvents): OriginPort => {
  let current: AbortController | undefined;
  return {
    open(opening) {
      current?.abort();
      const mine = new AbortController();
      current = mine;
      const told: Told = {
        opened: () => !mine.signal.aborted && events.opened(),
        frame: (bytes) => !mine.signal.aborted && events.frame(bytes),
        closed(code, retryAfterMs) {
          if (mine.signal.aborted) return;
          mine.abort();
          events.closed(code, retryAfterMs);
        },
      };
      follow(fetchBytes, addressOf(place, opening), { told, signal: mine.signal });
    },
    send: () => undefined,
    close() {
      current?.abort();
      current = undefined;
    },
  };
};

interface Told {
  opened(): unknown;
  frame(bytes: Uint8Array<ArrayBuffer>): unknown;
  closed(code: ErrorCode, retryAfterMs: number): void;
}

const addressOf = (place: StreamPlace, opening: OriginOpening): string =>
  piecesAddress(place, { ...opening, mask: FULL_MASK });

const follow = async (
  fetchBytes: FetchBytes,
  address: string,
  run: { readonly told: Told; readonly signal: AbortSignal },
): Promise<void> => {
  const { told, signal } = run;
  try {
    const response = await fetchBytes(address, { signal });
    if (!response.ok || response.body === null) {
      told.closed(codeOfStatus(response.status), retryAfter(response.headers.get('retry-after')));
      return;
    }
    told.opened();
    const splitter = new FrameSplitter((bytes) => told.frame(bytes));
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const fault = splitter.push(value);
      if (fault !== undefined) {
        told.closed('origin/bad-frame', 0);
        return;
      }
    }
    told.closed('origin/unreachable', 0);
  } catch {
    // A refused connection, a cut response and an abort look alike here; an abort is silenced by `told`.
    told.closed('origin/unreachable', 0);
  }
};

/** What an HTTP status of the origin means. */
export const codeOfStatus = (status: number): ErrorCode => {
  if (status === 401 || status === 403) return 'origin/refused';
  if (status === 404 || status === 410) return 'origin/not-found';
  if (status === 429 || status === 503) return 'origin/overloaded';
  return 'origin/unreachable';
};

const retryAfter = (header: string | null): number =>
  header !== null && /^\d{1,5}$/.test(header) ? Math.min(Number(header) * 1000, 3_600_000) : 0;
