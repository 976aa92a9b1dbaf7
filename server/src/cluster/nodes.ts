// Which other processes there are. Each says every few seconds that it is there; one that has been silent for a while is
// gone, and so is one that says goodbye.

import type { Clock, Timer } from '../clock.ts';
import { encodeCluster, readNodeMessage } from './cluster-messages.ts';
import { NODES_CHANNEL } from './names.ts';
import type { SharedStore } from './shared-store.ts';

const BEAT_MS = 2000;
/** Four beats may be lost, not five. */
const SILENT_MS = 9000;

/** What it works with. */
export interface NodesParts {
  readonly store: SharedStore;
  readonly clock: Clock;
  /** This process. */
  readonly node: string;
  /** A process has gone. */
  gone(node: string): void;
}

/** See above. */
export class Nodes {
  readonly #parts: NodesParts;
  readonly #heardAt = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(parts: NodesParts) {
    this.#parts = parts;
  }

  /** The others that are there. */
  get others(): readonly string[] {
    return [...this.#heardAt.keys()];
  }

  async start(): Promise<void> {
    const { store } = this.#parts;
    this.#beat();
    await store
      .listen(NODES_CHANNEL, (text) => {
        const message = readNodeMessage(text);
        if (message?.kind === 'here') this.heard(message.node);
        if (message?.kind === 'bye') this.lose(message.node);
      })
      .catch(() => undefined);
    this.#say('here');
  }

  /** A process has been heard of, and is given its time from now on. */
  heard(node: string): void {
    if (node !== this.#parts.node) this.#heardAt.set(node, this.#parts.clock.now());
  }

  /** A process cannot be reached any more. */
  lose(node: string): void {
    if (this.#heardAt.delete(node)) this.#parts.gone(node);
  }

  /** The store is away, and all others with it. */
  forget(): void {
    this.#heardAt.clear();
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#say('bye');
  }

  #beat(): void {
    const { clock } = this.#parts;
    this.#timer = clock.after(BEAT_MS, () => {
      this.#beat();
      void this.#say('here');
      for (const [node, at] of this.#heardAt) if (clock.now() - at > SILENT_MS) this.lose(node);
    });
  }

  /** A store that is away hears nothing; the next beat may. */
  async #say(kind: 'here' | 'bye'): Promise<void> {
    const { store, node } = this.#parts;
    await store.publish(NODES_CHANNEL, encodeCluster({ kind, node })).catch(() => undefined);
  }
}
