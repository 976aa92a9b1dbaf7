// Keeps a device registered at its meeting place: connects, proves its name, and comes back after an outage, later each
// time up to a limit.

import { type MeetingLine, openMeeting } from '../../src/carrier/meeting-line.ts';
import type { OpenSocket } from '../../src/carrier/socket-face.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { MeetingAnswer, MeetingRequest } from '../../src/wire/device.ts';
import type { IceServer } from '../../src/wire/service.ts';
import type { Clock, Timer } from '../src/clock.ts';
import type { DeviceIdentity } from './device-identity.ts';

/** What it works with. */
export interface KeeperParts {
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly address: string;
  readonly identity: DeviceIdentity;
  /** Numbers in [0, 1): devices of one outage do not come back all at once. */
  random(): number;
}

/** What comes of it. */
export interface KeeperEvents {
  registered(iceServers: readonly IceServer[]): void;
  /** Signals of calls; what concerns the registration is kept here. */
  answer(answer: MeetingAnswer): void;
  lost(code: ErrorCode): void;
}

const FIRST_MS = 500;
const MOST_MS = 30_000;

/** See above. */
export class MeetingKeeper {
  readonly #parts: KeeperParts;
  readonly #events: KeeperEvents;
  #line: MeetingLine | undefined;
  #timer: Timer | undefined;
  #waitMs = FIRST_MS;
  #iceServers: readonly IceServer[] = [];
  #state: 'open' | 'closed' = 'open';

  constructor(parts: KeeperParts, events: KeeperEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#connect();
  }

  say(request: MeetingRequest): void {
    this.#line?.say(request);
  }

  close(): void {
    this.#state = 'closed';
    this.#timer?.cancel();
    this.#line?.close();
  }

  #connect(): void {
    this.#line = openMeeting(this.#parts.openSocket, this.#parts.address, {
      answer: (answer) => this.#heed(answer),
      closed: (code) => this.#lost(code),
    });
  }

  #heed(answer: MeetingAnswer): void {
    switch (answer.kind) {
      case 'challenge':
        this.#iceServers = answer.iceServers;
        this.#line?.say(this.#parts.identity.registration(answer.nonce));
        return;
      case 'registered':
        this.#waitMs = FIRST_MS;
        this.#events.registered(this.#iceServers);
        return;
      case 'refused':
        if (answer.call !== 0) return this.#events.answer(answer);
        // The name is taken: its holder may go, so this is tried again like an outage.
        this.#line?.close();
        return this.#lost(answer.code);
      default:
        this.#events.answer(answer);
    }
  }

  #lost(code: ErrorCode): void {
    if (this.#state === 'closed') return;
    this.#line = undefined;
    this.#events.lost(code);
    const waitMs = this.#waitMs * (0.5 + this.#parts.random());
    this.#waitMs = Math.min(MOST_MS, this.#waitMs * 2);
    this.#timer = this.#parts.clock.after(waitMs, () => this.#connect());
  }
}
