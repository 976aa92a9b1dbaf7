/**
 * The head that holds, in the bytes it came in: signed as it is, it is passed on as it is.
 */

import type { ByteCore } from '../../wasm/abi.ts';
import type { SwarmView } from '../core/viewer/swarm-view.ts';
import type { Fault } from '../errors.ts';
import type { Head } from '../wire/head.ts';
import { checkHead } from './head-check.ts';

export class HeadDesk {
  readonly #core: ByteCore;
  readonly #pinned: readonly Uint8Array[];
  readonly #view: SwarmView;
  /** The newest head looked at; whether it holds is for the engine to say. */
  #offered: { readonly head: Head; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;
  #bytes: Uint8Array<ArrayBuffer> | undefined;

  constructor(core: ByteCore, pinned: readonly Uint8Array[], view: SwarmView) {
    this.#core = core;
    this.#pinned = pinned;
    this.#view = view;
  }

  /** Looks at a head: what it says, or why it is not believed. */
  look(bytes: Uint8Array<ArrayBuffer>, from: 'origin' | number): Head | Fault {
    const head = checkHead(this.#core, bytes, { pinned: this.#pinned, current: this.#view.head, from });
    if (head.kind === 'fault') return head;
    this.#settle();
    this.#offered = { head, bytes };
    return head;
  }

  /** The head that holds. */
  bytes(): Uint8Array<ArrayBuffer> | undefined {
    this.#settle();
    return this.#bytes;
  }

  /** Keeps the bytes of the head last looked at, if the engine took it. */
  #settle(): void {
    if (this.#offered?.head === this.#view.head) this.#bytes = this.#offered?.bytes ?? this.#bytes;
  }
}
