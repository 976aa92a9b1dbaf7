/**
 * What page and worker say to each other about segments, over a MessagePort: bytes are transferred.
 */
import type { ByteRange, HlsNotice } from '../hls/face.ts';

/** From the page. */
export type HlsAsk =
  | {
      readonly kind: 'load';
      readonly id: number;
      readonly address: string;
      readonly range: ByteRange | undefined;
      /** How long it can wait, ms. */
      readonly withinMs: number;
    }
  | { readonly kind: 'call-off'; readonly id: number }
  /** A playlist came; it may hold seals. */
  | { readonly kind: 'playlist'; readonly address: string; readonly text: string }
  /** A segment that the page got before the worker was there. */
  | {
      readonly kind: 'give';
      readonly address: string;
      readonly range: ByteRange | undefined;
      readonly bytes: ArrayBuffer;
    };

/** From the worker. */
export type HlsAnswer =
  | {
      readonly kind: 'loaded';
      readonly id: number;
      readonly bytes: ArrayBuffer;
      readonly from: 'server' | 'neighbours';
      readonly underWayMs: number;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly status: number }
  | { readonly kind: 'notice'; readonly notice: HlsNotice };
