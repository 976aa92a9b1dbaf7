/**
 * Where a virtual stream's bytes come from: a shared stream without a screen, seen through the few things that matter
 * behind an address.
 */
import { ShoalError } from '../errors.ts';
import { createStream, type DataStreamOptions } from '../player/data-stream.ts';
import type { Sharing } from '../player/options.ts';

/** Bytes since the source was opened. */
export interface Flow {
  readonly p2pBytes: number;
  readonly cdnBytes: number;
  readonly uploadedBytes: number;
}

/** What a source says. */
export interface FlvSourceEvents {
  /** Whole tags; a file header stands in front of the first ones only. */
  bytes(flv: Uint8Array<ArrayBuffer>): void;
  /** The stream is over. */
  ended(): void;
  /** Sharing made it worse, so the origin alone delivers for so long. */
  fellBack(forMs: number): void;
  /** Sharing came to nothing; the plain address is read as it is. */
  unshared(error: ShoalError): void;
  /** Something went wrong and is worked around. */
  error(error: ShoalError): void;
  /** Nothing comes any more, and nothing will. */
  lost(error: ShoalError): void;
}

/** A running source. */
export interface FlvSource {
  flow(): Promise<Flow>;
  setSharing(sharing: Sharing): void;
  stop(): void;
}

/** Opens the source of a stream. Throws `options/invalid`. */
export type OpenSource = (url: string, sharing: Sharing, events: FlvSourceEvents) => FlvSource;

/** Nothing at all. */
export const NO_FLOW: Flow = { p2pBytes: 0, cdnBytes: 0, uploadedBytes: 0 };

/** What all streams of a page have in common. */
export type SourceOptions = Omit<DataStreamOptions, 'url' | 'onData' | 'sharing' | 'autoplay' | 'debug'>;

/** Opens shared streams. */
export const openSharedWith =
  (options: SourceOptions): OpenSource =>
  (url, sharing, events) => {
    let plainBytes = 0;
    const stream = createStream({
      ...options,
      url,
      sharing,
      onData: (flv) => {
        if (stream.mode === 'plain') plainBytes += flv.byteLength;
        events.bytes(new Uint8Array(flv));
      },
    });
    stream.on('ended', () => events.ended());
    stream.on('fellBack', ({ to, reason, forMs }) => {
      if (to === 'origin') events.fellBack(forMs ?? 0);
      else events.unshared(new ShoalError(reason === 'stalls' ? 'origin/unreachable' : reason));
    });
    let last = new ShoalError('origin/unreachable');
    stream.on('error', (error) => {
      last = error;
      if (stream.state !== 'failed') events.error(error);
      else events.lost(error);
    });
    stream.on('state', ({ state }) => {
      if (state === 'source-outage') events.error(new ShoalError('source/outage'));
      if (state === 'failed') queueMicrotask(() => events.lost(last));
    });
    return {
      async flow() {
        const { viewer } = await stream.stats();
        return {
          p2pBytes: viewer?.neighbourBytes ?? 0,
          cdnBytes: (viewer?.originBytes ?? 0) + plainBytes,
          uploadedBytes: viewer?.uploadedBytes ?? 0,
        };
      },
      setSharing: (wanted) => stream.setSharing(wanted),
      stop: () => stream.destroy(),
    };
  };
