/**
 * From stored pieces to clear FLV: keeps the order the engine gave, waits where a key is not there yet, and hands the
 * sink whole tags in fresh buffers.
 */
import type { PieceStore } from '../../wasm/abi.ts';
import type { Head } from '../wire/head.ts';
import type { SinkPort } from './ports.ts';

type Step =
  | { readonly kind: 'play'; readonly sequence: number }
  | { readonly kind: 'skip' }
  | { readonly kind: 'ended' };

export class Playback {
  readonly #sink: SinkPort;
  #store: PieceStore | undefined;
  /** Steps the engine ordered that cannot be taken yet. */
  #waiting: Step[] = [];
  #playedBytes = 0;
  /** Another epoch has come while this one was played. */
  #seam = false;

  constructor(sink: SinkPort) {
    this.#sink = sink;
  }

  /** Clear bytes handed to the sink so far. */
  get playedBytes(): number {
    return this.#playedBytes;
  }

  /** A fresh run: prelude first. */
  run(head: Head, store: PieceStore): void {
    this.#store = store;
    this.#waiting = [];
    store.dropPartial();
    this.#sink.start(this.#seam);
    this.#seam = false;
    if (head.prelude.length > 0) this.#deliver(head.prelude.slice());
  }

  /** The store is about to be freed: nothing more is played from it. */
  leave(): void {
    this.#seam ||= this.#store !== undefined;
    this.#store = undefined;
    this.#waiting = [];
  }

  step(step: Step): void {
    this.#waiting.push(step);
  }

  /** Takes as many steps as can be taken; the piece whose key is missing, if one is. */
  flush(): number | undefined {
    const store = this.#store;
    if (store === undefined) return undefined;
    const stuck = this.#waiting.findIndex((step) => !this.#take(step, store));
    this.#waiting = stuck < 0 ? [] : this.#waiting.slice(stuck);
    this.#drain(store);
    const [locked] = this.#waiting;
    return locked?.kind === 'play' ? locked.sequence : undefined;
  }

  #take(step: Step, store: PieceStore): boolean {
    switch (step.kind) {
      case 'play': {
        const played = store.play(step.sequence);
        if (played === 'missing') store.dropPartial();
        return played !== 'no-key';
      }
      case 'skip':
        this.#drain(store);
        store.dropPartial();
        return true;
      case 'ended':
        this.#drain(store);
        this.#sink.ended();
        return true;
    }
  }

  #drain(store: PieceStore): void {
    const clear = store.takePlayed();
    if (clear !== undefined) this.#deliver(clear);
  }

  #deliver(flv: Uint8Array): void {
    this.#playedBytes += flv.length;
    this.#sink.bytes(flv as Uint8Array<ArrayBuffer>);
  }
}
