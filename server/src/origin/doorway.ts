// The way from a request to a viewer, the same for every form: admitted, not too many, a stream that runs.

import { toHex } from '../../../src/wire/bytes.ts';
import type { CloseCause } from '../../../src/wire/close.ts';
import { isCode } from '../../../src/wire/service.ts';
import { decodeToken } from '../../../src/wire/token.ts';
import type { ByteCore } from '../../../wasm/abi.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { AppGate } from '../accounts/app-gate.ts';
import { NOBODY } from '../accounts/app-gate.ts';
import { withoutToken } from '../accounts/app-tokens.ts';
import { PlaylistReaders } from '../accounts/playlist-readers.ts';
import type { Carrier } from '../accounts/watchers.ts';
import type { Clock } from '../clock.ts';
import type { CodeKeys } from '../keys/code-keys.ts';
import type { ServerConfig } from '../options.ts';
import type { Admit } from './admission.ts';
import { type KeyFrames, keyFramesFor, noKeyFrames } from './content-keys.ts';
import type { Egress, Form, Meter } from './egress.ts';
import type { EgressBudget } from './egress-budget.ts';
import { Holders } from './holders.ts';
import type { QueueLimits } from './send-queue.ts';
import type { Stream } from './stream.ts';
import type { Streams } from './streams.ts';

/** Everything the origin's doors share. */
export interface OriginParts {
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly config: ServerConfig;
  readonly streams: Streams;
  readonly budget: EgressBudget;
  readonly egress: Egress;
  readonly admit: Admit;
  readonly codes: CodeKeys;
  /** Whether the authorization of a request is that of a relay of ours. */
  readonly isRelay?: (authorization: string | undefined) => boolean;
  /** How viewers are told keys where there are none here. */
  readonly forwardKeys?: (asked: {
    readonly path: string;
    readonly code: string | null;
    readonly credentials: string;
  }) => KeyFrames;
  /** Absent where nothing is counted, and where there are no apps. */
  readonly accounts?: Accounts | undefined;
  readonly gate?: AppGate | undefined;
  /** Streams that are there and not for viewers: tracks of a room that are not pushed. */
  readonly hides?: (path: string) => boolean;
}

/** A refusal. */
export interface Refusal {
  readonly kind: 'refused';
  readonly cause: CloseCause;
  readonly retryAfterMs: number;
}

/** Somebody at the door. */
export interface Caller {
  readonly path: string;
  readonly credentials: string;
  readonly ip: string;
  /** The header of its request, by which relays are known. */
  readonly authorization?: string | undefined;
  /** The origin of the page that asks, as browsers say it. */
  readonly page?: string | undefined;
}

/** Which content keys a caller asks for. */
export interface KeyAsk {
  readonly code: string | null;
  readonly keys: 'wanted' | 'left';
}

const LIVE_FORMS: readonly Form[] = ['plain', 'plain-ws', 'pieces-http', 'pieces-ws', 'rtmp'];
const MEGABYTE = 1024 * 1024;

/** See above. */
export class Doorway {
  readonly parts: OriginParts;
  readonly holders = new Holders();
  readonly #readers = new PlaylistReaders();

  constructor(parts: OriginParts) {
    this.parts = parts;
  }

  /** How far behind a reader may be. */
  get limits(): QueueLimits {
    const { readerMegabytes, readerSeconds } = this.parts.config;
    return { bytes: readerMegabytes * MEGABYTE, ms: readerSeconds * 1000 };
  }

  /** A refusal with a time to come back. */
  refusal(cause: CloseCause): Refusal {
    const later = cause === 'origin/overloaded' || cause === 'origin/not-found';
    return { kind: 'refused', cause, retryAfterMs: later ? this.parts.budget.retryAfterMs() : 0 };
  }

  /** Why a caller may not watch, if it may not. */
  async check(caller: Caller): Promise<Refusal | undefined> {
    const { admit, config, egress, hides, streams } = this.parts;
    if (!streams.serves(caller.path) || hides?.(caller.path) === true) return this.refusal('origin/not-found');
    if (this.isRelay(caller)) return undefined;
    if (!(await admit({ ...caller, action: 'play' }))) return this.refusal('origin/refused');
    return egress.count(LIVE_FORMS) > config.maxViewers ? this.refusal('origin/overloaded') : undefined;
  }

  /** Whether somebody is a relay of ours. */
  isRelay({ authorization }: Caller): boolean {
    return this.parts.isRelay?.(authorization) === true;
  }

  /** Whether viewers are asked for anything before they are let in. */
  get asksToAdmit(): boolean {
    const { hook, admitBySource } = this.parts.config;
    return hook !== undefined || admitBySource;
  }

  /** Why the plain form cannot be had of anything, if it cannot. */
  get plainRefusal(): Refusal | undefined {
    return this.parts.forwardKeys === undefined ? undefined : this.refusal('origin/pieces-only');
  }

  /** The stream for a caller that passed the check; it must be subscribed to at once. */
  open(caller: Caller): Stream | Refusal {
    const { streams } = this.parts;
    const stream = streams.open(caller.path, withoutToken(caller.credentials));
    if (stream === 'not-found') return this.refusal('origin/not-found');
    return stream === 'full' ? this.refusal('origin/overloaded') : stream;
  }

  /** Counts what a caller that was let in is sent from now on. */
  count(caller: Caller, meter: Meter, carrier?: Carrier): void {
    const { accounts, gate } = this.parts;
    const named = gate?.payerOf(caller.credentials) ?? NOBODY;
    const isNameless = named === NOBODY && meter.purpose.form === 'hls';
    const payer = isNameless ? this.#readers.of(caller.path, caller.ip) : named;
    const watching = { payer, path: caller.path, ip: caller.ip, form: meter.purpose.form, meter };
    accounts?.watch(carrier === undefined ? watching : { ...watching, carrier });
  }

  /** A caller that was let in reads a playlist: its segments will come without a token. */
  readsPlaylist(caller: Caller): void {
    const payer = this.parts.gate?.payerOf(caller.credentials);
    if (payer !== undefined) this.#readers.note(caller.path, caller.ip, payer);
  }

  /** A connection shows by its join token, which has been checked, whose it is. */
  own(meter: Meter, token: Uint8Array, path: string): void {
    const sealed = decodeToken(token);
    if (!('kind' in sealed)) this.parts.accounts?.own(meter, toHex(sealed.token.viewerKey), path);
  }

  /** Whether a whole copy more fits into the limit. */
  fits(path: string): boolean {
    const { budget, streams } = this.parts;
    const byteRate = streams.running(path)?.epoch?.byteRate ?? 0;
    return budget.limit === Number.POSITIVE_INFINITY || budget.room(false) >= byteRate;
  }

  /** How a viewer with this code is told content keys. */
  async keysFor(caller: Caller, { code, keys }: KeyAsk): Promise<KeyFrames | Refusal> {
    const { codes, config, core, forwardKeys, streams } = this.parts;
    const { path, credentials } = caller;
    if (keys === 'left') return noKeyFrames;
    if (forwardKeys !== undefined) return forwardKeys({ path, code, credentials });
    const id = streams.idOf(path);
    if (this.isRelay(caller)) return keyFramesFor(core, id, undefined);
    if (code === null) {
      const mustWrap = config.publicCodes && config.encrypt;
      return mustWrap ? this.refusal('key/unknown-code') : keyFramesFor(core, id, undefined);
    }
    const key = isCode(code) ? await codes.keyOf(code) : undefined;
    return key === undefined ? this.refusal('key/unknown-code') : keyFramesFor(core, id, key);
  }
}
