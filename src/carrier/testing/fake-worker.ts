/**
 * A worker on a message channel: comlink at both ends, and a death the test decides.
 */

import type { WorkerFace } from '../browser/worker-host.ts';
import { exposeCalls } from '../calls.ts';
import type { WorkerControl } from '../worker-control.ts';

/** A worker. */
export class FakeWorker implements WorkerFace {
  readonly #page: MessagePort;
  readonly #inside: MessagePort;
  readonly #errors = new Set<(event: Event) => void>();
  terminated = 0;

  constructor(control: Partial<WorkerControl>) {
    const { port1, port2 } = new MessageChannel();
    this.#page = port1;
    this.#inside = port2;
    exposeCalls(control, port2);
    port1.start();
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#page.postMessage(message, transfer);
  }

  addEventListener(type: string, listener: (event: Event) => void): void {
    if (type === 'error') this.#errors.add(listener);
    else this.#page.addEventListener(type, listener);
  }

  removeEventListener(type: string, listener: (event: Event) => void): void {
    this.#page.removeEventListener(type, listener);
  }

  terminate(): void {
    this.terminated += 1;
    this.#page.close();
    this.#inside.close();
  }

  say(message: unknown): void {
    this.#inside.postMessage(message);
  }

  /** An error nobody caught. */
  crash(): void {
    for (const listener of this.#errors) listener(new Event('error', { cancelable: true }));
  }
}
