// How a stream is asked for at an upstream.

import type { LineTarget } from './upstream-line.ts';

/** What is the same for all upstreams. */
export interface RelayAsk {
  readonly path: string;
  /** The query of the viewer that woke the stream: what the origin admits by, where it knows no relays. */
  readonly query: string;
  readonly from: 'keyframe' | number;
  readonly keys: 'wanted' | 'left';
  readonly authorization: string | undefined;
}

/** The piece form of a stream at an upstream. */
export const pieceFormAt = (upstream: string, ask: RelayAsk): LineTarget => {
  const url = new URL(`${upstream.replace(/\/$/, '')}${ask.path}.pieces`);
  url.search = ask.authorization === undefined ? ask.query : '';
  url.searchParams.set('from', String(ask.from));
  url.searchParams.set('tag', 'relay');
  if (ask.keys === 'left') url.searchParams.set('keys', 'off');
  return { url, authorization: ask.authorization };
};
