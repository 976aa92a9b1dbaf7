/**
 * A data channel that lives on the page, as its worker sees it: bytes go over a MessagePort, and what is on its way
 * there counts as not yet sent.
 */
import type { ChannelFace } from './lanes.ts';

type Kind = 'open' | 'message' | 'close' | 'error';
type Listener = (event: { readonly data: unknown }) => void;

/** Stands in for a channel that could not be transferred. */
export class ForwardedChannel implements ChannelFace {
  readyState: 'connecting' | 'open' | 'closed' = 'connecting';
  binaryType = 'arraybuffer';
  readonly #forward: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly #listeners = new Map<Kind, Listener>();
  #sent = 0;
  #taken = 0;
  #held = 0;

  constructor(forward: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#forward = forward;
  }

  get bufferedAmount(): number {
    return this.#sent - this.#taken + this.#held;
  }

  /** One listener for each kind is all a link needs. */
  addEventListener(kind: Kind, listener: Listener): void {
    this.#listeners.set(kind, listener);
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    this.#sent += data.length;
    this.#forward(data);
  }

  /** The page hangs up when the link does. */
  close(): void {
    this.readyState = 'closed';
  }

  /** What the page reported of the channel. */
  become(state: 'open' | 'closed'): void {
    if (this.readyState === 'closed') return;
    this.readyState = state;
    this.#listeners.get(state === 'open' ? 'open' : 'close')?.({ data: undefined });
  }

  hear(data: ArrayBuffer): void {
    if (this.readyState !== 'closed') this.#listeners.get('message')?.({ data });
  }

  measure(taken: number, held: number): void {
    this.#taken = taken;
    this.#held = held;
  }
}
