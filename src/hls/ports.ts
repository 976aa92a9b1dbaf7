/**
 * What a running HLS viewer needs from the world beside what viewers of FLV have: fetching from the segments' servers.
 */
import type { ByteCore } from '../../wasm/abi.ts';
import type { ClockPort, LinkEvents, LinkPort, RandomBytes, TrackerEvents, TrackerPort } from '../viewer/ports.ts';
import type { ByteRange, HlsNotice } from './face.ts';

/** What came of a fetch. */
export type Fetched =
  /** Exactly what was asked for, even where the server sent more. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Status 0: no answer at all. */
  | { readonly kind: 'failed'; readonly status: number };

/** Fetches; the returned call breaks it off without an answer. */
export type FetchPort = (
  address: string,
  range: ByteRange | undefined,
  answer: (fetched: Fetched) => void,
) => () => void;

/** Everything a viewer is given. */
export interface HlsWorld {
  readonly core: ByteCore;
  readonly clock: ClockPort;
  readonly random: RandomBytes;
  readonly fetch: FetchPort;
  /** A URI of a playlist as a whole address. */
  resolve(uri: string, playlist: string): string | undefined;
  tracker(events: TrackerEvents): TrackerPort;
  /** Undefined where there are no data channels. */
  links(events: LinkEvents): LinkPort | undefined;
  notice(notice: HlsNotice): void;
}
