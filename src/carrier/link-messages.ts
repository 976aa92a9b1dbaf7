/**
 * What the worker's half of the links and the page's half tell each other over their MessagePort. Channels cross it
 * once where the browser can transfer them; otherwise their bytes do.
 */
import type { DialOptions, Fingerprints, Lane } from '../viewer/ports.ts';
import type { ChannelFace } from './lanes.ts';

/** From the worker. */
export type LinkRequest =
  | { readonly kind: 'dial'; readonly link: number; readonly options: DialOptions }
  | { readonly kind: 'signal'; readonly link: number; readonly data: string }
  | { readonly kind: 'hang-up'; readonly link: number }
  /** For a channel that stayed on the page. */
  | { readonly kind: 'send'; readonly link: number; readonly lane: Lane; readonly bytes: Uint8Array<ArrayBuffer> };

/** From the page. */
export type LinkReport =
  | { readonly kind: 'channels'; readonly link: number; readonly channels: Readonly<Record<Lane, ChannelFace>> }
  /** The channels stay on the page; their bytes follow as `heard`. */
  | { readonly kind: 'forwarding'; readonly link: number }
  | { readonly kind: 'lane'; readonly link: number; readonly lane: Lane; readonly state: 'open' | 'closed' }
  | { readonly kind: 'heard'; readonly link: number; readonly lane: Lane; readonly bytes: ArrayBuffer }
  /** Bytes of `send` handed to the channel so far, and how many of them it still holds. */
  | { readonly kind: 'backlog'; readonly link: number; readonly taken: number; readonly held: number }
  | { readonly kind: 'signal'; readonly link: number; readonly data: string }
  | { readonly kind: 'identified'; readonly link: number; readonly fingerprints: Fingerprints }
  | { readonly kind: 'closed'; readonly link: number };
