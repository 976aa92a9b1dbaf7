// Where a stream comes from. A source makes no decision and retries nothing: it reports each outcome once and is then
// spent; its stream makes another one.

import type { ErrorCode } from '../../../src/errors.ts';

/** What a source reports. */
export interface SourceEvents {
  /** FLV bytes, beginning with a file header. */
  bytes(chunk: Uint8Array): void;
  /** The source said that it is over. */
  ended(): void;
  /** It could not be reached, broke off, or answered nonsense. */
  failed(code: ErrorCode, detail: string): void;
}

/** A running source. */
export interface Source {
  /** Stops without an event. */
  stop(): void;
}

/** Starts a source; `query` is the query of the viewer that woke the stream. */
export type StartSource = (events: SourceEvents, query: string) => Source;
