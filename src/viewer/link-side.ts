/**
 * What comes over links, turned into inputs of the engine: hellos are checked, parts are joined and verified, and
 * everything malformed becomes a fault of the link it came over.
 */

import type { ByteCore } from '../../wasm/abi.ts';
import type { ViewerInput } from '../core/viewer/io.ts';
import type { SwarmView } from '../core/viewer/swarm-view.ts';
import { type Fault, fault } from '../errors.ts';
import { isHead, type LinkMessage } from '../wire/link.ts';
import { decodePart, decodePieceHeader, type Part, pieceBytes } from '../wire/piece.ts';
import type { TrackerAnswer, TrackerRequest } from '../wire/tracker.ts';
import type { WholePiece } from './intake.ts';
import type { LinkSeat } from './link-desk.ts';
import { LinkDoor } from './link-door.ts';
import type { PieceShelf } from './piece-shelf.ts';
import type { ClockPort, LinkEvents, LinkPort } from './ports.ts';
import type { ReceiptDesk } from './receipt-desk.ts';

/** What the link side works with. */
export interface LinkSideParts {
  readonly core: ByteCore;
  readonly clock: ClockPort;
  readonly seed: Uint8Array;
  readonly view: SwarmView;
  readonly shelf: PieceShelf;
  handle(input: ViewerInput): void;
  head(bytes: Uint8Array<ArrayBuffer>, from: number): void;
  /** Says something to the tracker. */
  tell(request: TrackerRequest): void;
}

export class LinkSide {
  readonly #parts: LinkSideParts;
  readonly #door: LinkDoor;

  constructor(parts: LinkSideParts) {
    this.#parts = parts;
    this.#door = new LinkDoor({
      core: parts.core,
      seed: parts.seed,
      now: () => parts.clock.now(),
      handle: (news) => parts.handle(news),
      tell: (request) => parts.tell(request),
      piece: (epoch, sequence) => (epoch === parts.view.epochText ? parts.shelf.store?.read(sequence) : undefined),
      control: (link, seat, bytes) => this.#control(link, seat, bytes),
      part: (link, bytes) => this.#part(link, bytes),
      gone: () => undefined,
    });
  }

  get receipts(): ReceiptDesk {
    return this.#door.receipts;
  }

  /** The key the join token must name. */
  get viewerKey(): Uint8Array {
    return this.#door.viewerKey;
  }

  /** The links themselves; there are none where there are no data channels. */
  carriedBy(port: LinkPort | undefined): void {
    this.#door.carriedBy(port);
  }

  events(): LinkEvents {
    return this.#door.events();
  }

  /** Takes what the tracker says about tokens and receipts. */
  told(answer: TrackerAnswer): void {
    this.#door.told(answer);
  }

  forget(link: number): void {
    this.#door.forget(link);
  }

  enterEpoch(): void {
    this.#door.intake.clear();
  }

  #control(link: number, seat: LinkSeat, bytes: Uint8Array<ArrayBuffer>): Fault | undefined {
    if (isHead(bytes) && seat.state === 'neighbour') {
      this.#parts.head(bytes, link);
      return undefined;
    }
    const word = this.#door.read(seat, bytes);
    if (word.kind === 'fault') return word;
    if (word.kind === 'hello') return this.#hello(link, seat, word.hello);
    if (word.message.kind === 'receipt') this.receipts.heard(link, word.message);
    else this.#parts.handle({ kind: 'link-said', link, message: word.message });
    return undefined;
  }

  #hello(link: number, seat: LinkSeat, hello: Extract<LinkMessage, { readonly kind: 'hello' }>): Fault | undefined {
    const { view, clock } = this.#parts;
    if (view.head === undefined) return fault('link/failed', 'no head yet');
    const wallMs = view.clock.known ? view.clock.wall(clock.now()) : clock.wallMs();
    return this.#door.greet(link, seat, { hello, stream: view.head.stream, wallMs });
  }

  #part(link: number, bytes: Uint8Array<ArrayBuffer>): Fault | undefined {
    const { view, shelf } = this.#parts;
    if (shelf.store === undefined) return undefined;
    const part = decodePart(bytes);
    if (part.kind === 'fault') return part;
    if (part.epochTag !== view.epochTag) {
      if (part.index === 0) this.#parts.handle({ kind: 'piece-rejected', from: link, reason: 'foreign' });
      return undefined;
    }
    if (part.sequence < view.staleBelow) return undefined;
    if (shelf.has(part.sequence)) return part.index > 0 ? undefined : this.#duplicate(link, part);
    const whole = this.#door.intake.take(link, part, bytes);
    return whole === undefined ? undefined : this.#piece(link, whole);
  }

  #duplicate(link: number, { payload, sequence }: Pick<Part, 'payload' | 'sequence'>): Fault | undefined {
    const header = decodePieceHeader(payload);
    if (header.kind === 'fault') return header;
    this.#parts.handle({ kind: 'piece-duplicate', sequence, bytes: pieceBytes(header), from: link });
    return undefined;
  }

  #piece(link: number, whole: WholePiece): Fault | undefined {
    const header = decodePieceHeader(whole.payloads[0] ?? new Uint8Array(0));
    if (header.kind === 'fault') return header;
    const admission =
      header.sequence === whole.sequence
        ? this.#parts.shelf.admit(whole.sequence, whole.payloads, whole.messages)
        : 'bad';
    if (admission === 'ok') {
      this.receipts.received(
        link,
        whole.messages.reduce((sum, message) => sum + message.length, 0),
      );
      this.#parts.handle({ kind: 'piece', header, from: link });
    } else if (admission !== 'duplicate' && admission !== 'full') {
      this.#parts.handle({ kind: 'piece-rejected', from: link, reason: admission === 'foreign' ? 'foreign' : 'bad' });
    }
    return undefined;
  }
}
