// The calls of a device: who may come in, and one peer connection for each who did.

import { type CreateCallPeer, DeviceCall } from '../../src/carrier/device-call.ts';
import { Exchange } from '../../src/carrier/exchange.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { DeviceInfo } from '../../src/wire/device-info.ts';
import { REQUESTS_PER_VIEWER_MAX } from '../../src/wire/limits.ts';
import type { IceServer } from '../../src/wire/service.ts';
import type { Clock, Timer } from '../src/clock.ts';
import type { DeviceIdentity } from './device-identity.ts';

/** One who called and was let in. */
export interface Caller {
  readonly id: number;
  readonly info: DeviceInfo;
}

/** What the desk needs of its device. */
export interface CallDeskParts {
  readonly identity: DeviceIdentity;
  readonly createPeer: CreateCallPeer;
  /** Callers at once; a newcomer beyond them is told that the device is busy. */
  readonly callersMax: number;
  readonly clock: Clock;
  /** A caller asks something; resolves when it has been dealt with. */
  serve(caller: Caller, exchange: Exchange): Promise<void>;
  left(caller: Caller): void;
}

/** How the desk answers over the meeting place. */
export interface CallSignals {
  signal(call: number, data: string): void;
  refuse(call: number, code: ErrorCode): void;
  hangUp(call: number): void;
}

interface Line {
  readonly caller: Caller;
  readonly call: DeviceCall;
  readonly exchanges: Set<Exchange>;
  readonly timer: Timer;
  state: 'linking' | 'open';
}

/** A caller that has not made its connection by then is let go. */
const LINK_WITHIN_MS = 15_000;

/** See above. */
export class CallDesk {
  readonly #parts: CallDeskParts;
  readonly #signals: CallSignals;
  readonly #lines = new Map<number, Line>();

  constructor(parts: CallDeskParts, signals: CallSignals) {
    this.#parts = parts;
    this.#signals = signals;
  }

  /** Who is connected, or about to be. */
  get callers(): number {
    return this.#lines.size;
  }

  /** Somebody calls. */
  called(id: number, text: string, iceServers: readonly IceServer[]): void {
    const info = this.#parts.identity.check(text, this.#parts.clock.wall());
    if ('kind' in info) return this.#signals.refuse(id, info.code);
    if (this.#lines.size >= this.#parts.callersMax) return this.#signals.refuse(id, 'device/busy');
    const caller: Caller = { id, info };
    const timer = this.#parts.clock.after(LINK_WITHIN_MS, () => this.#drop(id, true));
    const exchanges = new Set<Exchange>();
    const call = new DeviceCall(
      this.#parts.createPeer,
      { initiator: false, iceServers },
      {
        signal: (data) => this.#signals.signal(id, data),
        opened: ({ own, theirs }) => {
          line.state = 'open';
          timer.cancel();
          call.prove(this.#parts.identity.greeting(own, theirs));
        },
        // Pages have nothing to prove: whoever tries is a stranger.
        proved: () => this.#drop(id, true),
        request: (channel) => {
          if (exchanges.size >= REQUESTS_PER_VIEWER_MAX) return channel.close();
          const exchange = new Exchange('answers', channel);
          exchanges.add(exchange);
          const gone = (): void => void exchanges.delete(exchange);
          exchange.over.then(gone, gone);
          void this.#parts.serve(caller, exchange).catch(() => exchange.cancel());
        },
        wavering: () => undefined,
        closed: () => this.#drop(id, false),
      },
    );
    const line: Line = { caller, call, exchanges, timer, state: 'linking' };
    this.#lines.set(id, line);
  }

  signal(id: number, data: string): void {
    this.#lines.get(id)?.call.signal(data);
  }

  /**
   * The caller has hung up at the meeting place, or is gone from there. A connection that is open does not need the
   * meeting place and ends by itself; one that was still being made never will be.
   */
  hungUp(id: number): void {
    if (this.#lines.get(id)?.state === 'linking') this.#drop(id, false);
  }

  close(): void {
    for (const id of [...this.#lines.keys()]) this.#drop(id, true);
  }

  #drop(id: number, tell: boolean): void {
    const line = this.#lines.get(id);
    if (line === undefined) return;
    this.#lines.delete(id);
    line.timer.cancel();
    // First the connection: a page that is told of a broken connection calls again, one whose request is broken off does not.
    line.call.close();
    for (const exchange of line.exchanges) exchange.lose();
    if (tell) this.#signals.hangUp(id);
    this.#parts.left(line.caller);
  }
}
