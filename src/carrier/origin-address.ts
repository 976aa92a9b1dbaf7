/**
 * Where the pieces of a stream are: the stream's own address with `.pieces`, and what the first request says in its
 * query. The same address serves WebSocket and plain HTTP.
 */
import type { OriginOpening } from '../viewer/ports.ts';

/** A stream on its origin. */
export interface StreamPlace {
  /** Scheme, host and port of the origin: `https://live.example`. */
  readonly origin: string;
  /** The stream's path without `.flv`: `/live/demo`. */
  readonly path: string;
}

/** All substreams a mask can name. */
export const FULL_MASK = 0xffff_ffff;

/** The http(s) address of a `.pieces` request. */
export const piecesAddress = (place: StreamPlace, opening: OriginOpening): string => {
  const query = [`mask=${opening.mask >>> 0}`, `from=${opening.from}`];
  if (opening.code !== undefined) query.push(`code=${encodeURIComponent(opening.code)}`);
  if (opening.credentials !== '') query.push(opening.credentials);
  return `${place.origin}${place.path}.pieces?${query.join('&')}`;
};

/** The ws(s) form of an http(s) address. */
export const socketAddress = (address: string): string => address.replace(/^http/, 'ws');
