/**
 * What comes over links, turned into inputs of the engine: hellos are checked, parts are joined and verified, and
 * everything malformed becomes a fault of the link it came over.
 */

import type { ByteCore } from '../../wasm/abi.ts';
import type { ViewerInput } from '../core/viewer/io.ts';
import type { SwarmView } from '../core/viewer/swarm-view.ts';
import { type Fault, fault } from '../errors.ts';
import { encodeLinkMessage, isHead } from '../wire/link.ts';
import { decodePart, decodePieceHeader, pieceBytes } from '../wire/piece.ts';
import type { TrackerAnswer, TrackerRequest } from '../wire/tracker.ts';
import { Greeting } from './greeting.ts';
import { Intake, type WholePiece } from './intake.ts';
import { LinkDesk, type LinkSeat } from './link-desk.ts';
import type { PieceShelf } from './piece-shelf.ts';
import type { ClockPort, Lane, LinkEvents, LinkPort } from './ports.ts';
import { ReceiptDesk } from './receipt-desk.ts';

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
  readonly receipts: ReceiptDesk;
  readonly #parts: LinkSideParts;
  readonly #greeting: Greeting;
  readonly #intake = new Intake();
  readonly #desk = new LinkDesk();
  #port: LinkPort | undefined;

  constructor(parts: LinkSideParts) {
    this.#parts = parts;
    this.#greeting = new Greeting(parts.core, parts.seed);
    this.receipts = new ReceiptDesk({
      core: parts.core,
      seed: parts.seed,
      send: (link, bytes) => this.#port?.send(link, 'control', bytes),
      tell: (request) => parts.tell(request),
      piece: (epoch, sequence) => (epoch === parts.view.epochText ? parts.shelf.store?.read(sequence) : undefined),
    });
  }

  /** The key the join token must name. */
  get viewerKey(): Uint8Array {
    return this.#greeting.viewerKey;
  }

  /** The links themselves; there are none where there are no data channels. */
  carriedBy(port: LinkPort | undefined): void {
    this.#port = port;
  }

  events(): LinkEvents {
    return {
      signal: (link, data) => this.#parts.handle({ kind: 'link-signal', link, data }),
      opened: (link, fingerprints) => {
        this.#desk.opened(link, fingerprints);
        const hello = this.#greeting.hello(fingerprints);
        if (hello !== undefined) this.#port?.send(link, 'control', encodeLinkMessage(hello));
      },
      closed: (link) => {
        this.forget(link);
        this.#parts.handle({ kind: 'link-closed', link });
      },
      message: (link, lane, bytes) => this.#message(link, lane, bytes),
    };
  }

  /** Takes what the tracker says about tokens and receipts. */
  told(answer: TrackerAnswer): void {
    this.receipts.told(answer);
    if (answer.kind === 'joined' || answer.kind === 'renewed') this.#greeting.granted(answer.token, answer.tokenKeys);
  }

  forget(link: number): void {
    this.#desk.closed(link);
    this.receipts.closed(link);
    this.#intake.forget(link);
  }

  enterEpoch(): void {
    this.#intake.clear();
  }

  #message(link: number, lane: Lane, bytes: Uint8Array<ArrayBuffer>): void {
    if (lane === 'pieces') return this.#part(link, bytes);
    const seat = this.#desk.admitControl(this.#parts.clock.now(), link);
    if (seat === undefined) return;
    if ('kind' in seat) return this.#fault(link, seat);
    if (isHead(bytes) && seat.state === 'neighbour') return this.#parts.head(bytes, link);
    const word = this.#desk.read(seat, bytes);
    if (word.kind === 'fault') return this.#fault(link, word);
    if (word.kind === 'hello') return this.#hello(link, seat, word.hello);
    if (word.message.kind === 'receipt') return this.receipts.heard(link, word.message);
    this.#parts.handle({ kind: 'link-said', link, message: word.message });
  }

  #hello(link: number, seat: LinkSeat, hello: Parameters<Greeting['check']>[0]): void {
    const { view, clock } = this.#parts;
    if (view.head === undefined) return this.#fault(link, fault('link/failed', 'no head yet'));
    const wallMs = view.clock.known ? view.clock.wall(clock.now()) : clock.wallMs();
    const viewer = this.#greeting.check(hello, view.head.stream, { fingerprints: seat.fingerprints, wallMs });
    if (typeof viewer !== 'string') return this.#fault(link, viewer);
    seat.state = 'neighbour';
    this.receipts.met(link, hello.token);
    this.#parts.handle({ kind: 'link-opened', link, viewer });
  }

  #part(link: number, bytes: Uint8Array<ArrayBuffer>): void {
    const { view, shelf } = this.#parts;
    const seat = this.#desk.admitPart(this.#parts.clock.now(), link);
    if (seat === undefined || shelf.store === undefined) return;
    if ('kind' in seat) return this.#fault(link, seat);
    const part = decodePart(bytes);
    if (part.kind === 'fault') return this.#fault(link, part);
    if (part.epochTag !== view.epochTag) {
      if (part.index === 0) this.#parts.handle({ kind: 'piece-rejected', from: link, reason: 'foreign' });
      return;
    }
    if (part.sequence < view.staleBelow) return;
    if (shelf.has(part.sequence)) {
      if (part.index > 0) return;
      const header = decodePieceHeader(part.payload);
      if (header.kind === 'fault') return this.#fault(link, header);
      return this.#parts.handle({
        kind: 'piece-duplicate',
        sequence: part.sequence,
        bytes: pieceBytes(header),
        from: link,
      });
    }
    const whole = this.#intake.take(link, part, bytes);
    if (whole !== undefined) this.#piece(link, whole);
  }

  #piece(link: number, whole: WholePiece): void {
    const header = decodePieceHeader(whole.payloads[0] ?? new Uint8Array(0));
    if (header.kind === 'fault') return this.#fault(link, header);
    if (header.sequence !== whole.sequence)
      return this.#parts.handle({ kind: 'piece-rejected', from: link, reason: 'bad' });
    const admission = this.#parts.shelf.admit(whole.sequence, whole.payloads, whole.messages);
    if (admission === 'ok') {
      this.receipts.received(
        link,
        whole.messages.reduce((sum, message) => sum + message.length, 0),
      );
      return this.#parts.handle({ kind: 'piece', header, from: link });
    }
    if (admission === 'duplicate' || admission === 'full') return;
    this.#parts.handle({ kind: 'piece-rejected', from: link, reason: admission === 'foreign' ? 'foreign' : 'bad' });
  }

  #fault(link: number, { code, detail }: Fault): void {
    this.forget(link);
    this.#parts.handle({ kind: 'link-fault', link, code, detail });
  }
}
