/**
 * What one link may do before it is a neighbour, and how much it may say: the hello is due first, both lanes are rate
 * limited, and everything malformed is a fault for the engine to judge.
 */

import { Bucket } from '../core/kit/bucket.ts';
import { type Fault, fault } from '../errors.ts';
import { LINK_CONTROL_BURST, LINK_CONTROL_RATE, LINK_PIECES_BURST, LINK_PIECES_RATE } from '../wire/limits.ts';
import { decodeLinkMessage, type LinkMessage } from '../wire/link.ts';
import type { Fingerprints } from './ports.ts';

/** A transport that is open, and how far its other side has proved itself. */
export interface LinkSeat {
  state: 'greeting' | 'neighbour';
  readonly fingerprints: Fingerprints;
  readonly control: Bucket;
  readonly pieces: Bucket;
}

/** What a control message turned out to be. */
export type LinkWord =
  | { readonly kind: 'message'; readonly message: LinkMessage }
  | { readonly kind: 'hello'; readonly hello: Extract<LinkMessage, { kind: 'hello' }> }
  | Fault;

export class LinkDesk {
  readonly #seats = new Map<number, LinkSeat>();

  opened(link: number, fingerprints: Fingerprints): void {
    this.#seats.set(link, {
      state: 'greeting',
      fingerprints,
      control: new Bucket(LINK_CONTROL_RATE, LINK_CONTROL_BURST),
      pieces: new Bucket(LINK_PIECES_RATE, LINK_PIECES_BURST),
    });
  }

  closed(link: number): void {
    this.#seats.delete(link);
  }

  seat(link: number): LinkSeat | undefined {
    return this.#seats.get(link);
  }

  /** Whether a control message may be looked at; a fault when there are too many. */
  admitControl(now: number, link: number): LinkSeat | Fault | undefined {
    const seat = this.#seats.get(link);
    if (seat === undefined || seat.control.take(now)) return seat;
    return fault('link/flood', 'control messages');
  }

  /** Whether a part may be looked at: only from neighbours, and not too many. */
  admitPart(now: number, link: number): LinkSeat | Fault | undefined {
    const seat = this.#seats.get(link);
    if (seat === undefined || seat.state === 'greeting') return undefined;
    return seat.pieces.take(now) ? seat : fault('link/flood', 'pieces');
  }

  /** Reads a control message in the light of the link's state. */
  read(seat: LinkSeat, bytes: Uint8Array): LinkWord {
    const message = decodeLinkMessage(bytes);
    if (message.kind === 'fault') return message;
    if (seat.state === 'neighbour') return { kind: 'message', message };
    return message.kind === 'hello'
      ? { kind: 'hello', hello: message }
      : fault('link/bad-hello', `${message.kind} before hello`);
  }
}
