// An outlet that keeps what it is sent, and holds it back when told to.

import { Socket } from 'node:net';
import type { CloseCause } from '../../../src/wire/close.ts';
import { Meter } from '../origin/egress.ts';
import type { Outlet } from '../origin/outlet.ts';

/** See above. */
export class FakeOutlet implements Outlet {
  readonly meter = new Meter(1, { form: 'pieces-ws', tag: '', path: '/' }, new Socket(), () => undefined);
  readonly sent: Buffer[] = [];
  hold = false;
  backlog = 0;
  ended: { readonly cause: CloseCause | undefined; readonly retryAfterMs: number } | undefined;
  destroyed = 0;
  #held: (() => void)[] = [];

  send(bytes: Buffer, gone?: () => void): void {
    this.sent.push(bytes);
    this.backlog += bytes.length;
    this.#held.push(() => {
      this.backlog -= bytes.length;
      gone?.();
    });
    if (!this.hold) this.release();
  }

  /** Lets what was held go. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const go of held) go();
  }

  end(cause: CloseCause | undefined, retryAfterMs: number): void {
    this.ended ??= { cause, retryAfterMs };
  }

  destroy(): void {
    this.destroyed++;
  }
}
