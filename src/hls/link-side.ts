/**
 * What comes over the links of an HLS viewer, turned into inputs of its engine: hellos are checked, sheets and pieces are
 * verified, and everything malformed becomes a fault of the link it came over.
 */
import type { ByteCore } from '../../wasm/abi.ts';
import type { HlsInput } from '../core/hls/io.ts';
import { type Fault, fault } from '../errors.ts';
import type { WholePiece } from '../viewer/intake.ts';
import type { LinkSeat } from '../viewer/link-desk.ts';
import { LinkDoor } from '../viewer/link-door.ts';
import type { ClockPort, LinkEvents, LinkPort } from '../viewer/ports.ts';
import type { ReceiptDesk } from '../viewer/receipt-desk.ts';
import { fromHex } from '../wire/bytes.ts';
import { decodeHlsMessage, type HlsMessage, type SegmentKey, type SheetPart, tagOfKey } from '../wire/hls-link.ts';
import { decodePart } from '../wire/piece.ts';
import type { TrackerAnswer, TrackerRequest } from '../wire/tracker.ts';
import type { SheetDesk } from './sheet-desk.ts';
import type { Shelf } from './shelf.ts';

/** What the link side works with. */
export interface LinkSideParts {
  readonly core: ByteCore;
  readonly clock: ClockPort;
  readonly seed: Uint8Array;
  readonly shelf: Shelf;
  readonly sheets: SheetDesk;
  handle(input: HlsInput): void;
  /** Bytes came on the lane of pieces, of use or not. */
  arrived(link: number, bytes: number): void;
  /** Whether the player waits for a segment. */
  isWanted(key: SegmentKey): boolean;
  /** Says something to the tracker. */
  tell(request: TrackerRequest): void;
}

/** A player waits for a few segments at a time. */
const PULLED_MAX = 256;

export class HlsLinkSide {
  readonly #parts: LinkSideParts;
  readonly #door: LinkDoor;
  /** Segments being pulled, by the number their parts carry. */
  readonly #pulled = new Map<number, SegmentKey>();
  #stream: Uint8Array | undefined;

  constructor(parts: LinkSideParts) {
    this.#parts = parts;
    this.#door = new LinkDoor({
      core: parts.core,
      seed: parts.seed,
      now: () => parts.clock.now(),
      handle: (news) => parts.handle(news),
      tell: (request) => parts.tell(request),
      // Trackers ask for pieces of FLV only.
      piece: () => undefined,
      control: (link, seat, bytes) => this.#control(link, seat, bytes),
      part: (link, bytes) => this.#part(link, bytes),
      gone: (link) => parts.sheets.forget(link),
    });
  }

  get receipts(): ReceiptDesk {
    return this.#door.receipts;
  }

  get viewerKey(): Uint8Array {
    return this.#door.viewerKey;
  }

  carriedBy(port: LinkPort | undefined): void {
    this.#door.carriedBy(port);
  }

  events(): LinkEvents {
    return this.#door.events();
  }

  /** Takes what the tracker says about tokens and receipts, and the stream they are for. */
  told(answer: TrackerAnswer): void {
    if (answer.kind === 'joined') this.#stream = fromHex(answer.stream);
    this.#door.told(answer);
  }

  forget(link: number): void {
    this.#door.forget(link);
  }

  /** A segment is wanted whose sheet may be here already. */
  wanted(key: SegmentKey): void {
    const early = this.#parts.sheets.early(key);
    if (early !== undefined) this.#judge(early.link, key, early.part);
  }

  #control(link: number, seat: LinkSeat, bytes: Uint8Array<ArrayBuffer>): Fault | undefined {
    const message = decodeHlsMessage(bytes);
    if (message.kind === 'fault') return message;
    if (seat.state === 'greeting') return this.#hello(link, seat, message);
    if (message.kind === 'receipt') this.receipts.heard(link, message);
    else if (message.kind === 'sheet') this.#sheet(link, message);
    else this.#parts.handle({ kind: 'hls-said', link, message });
    return undefined;
  }

  #hello(link: number, seat: LinkSeat, hello: HlsMessage): Fault | undefined {
    if (hello.kind !== 'hello') return fault('link/bad-hello', `${hello.kind} before hello`);
    if (this.#stream === undefined) return fault('link/failed', 'not let in yet');
    return this.#door.greet(link, seat, { hello, stream: this.#stream, wallMs: this.#parts.clock.wallMs() });
  }

  #sheet(link: number, { key, sheet }: Extract<HlsMessage, { readonly kind: 'sheet' }>): void {
    if (this.#parts.isWanted(key)) this.#judge(link, key, sheet);
    else if (this.#parts.shelf.get(key) === undefined) this.#parts.sheets.keep(link, key, sheet);
  }

  #judge(link: number, key: SegmentKey, sheet: SheetPart): void {
    const fate = this.#parts.sheets.take(link, key, sheet);
    switch (fate.kind) {
      case 'partial':
        return;
      case 'refused':
        return this.#parts.handle({ kind: 'sheet-refused', key, link, why: fate.why });
      case 'good':
        this.#pull(key);
        return this.#parts.handle({ kind: 'sheet', key, pieces: fate.pieces, from: link });
    }
  }

  /** Parts of it are looked at from now on. */
  #pull(key: SegmentKey): void {
    this.#pulled.set(tagOfKey(key), key);
    if (this.#pulled.size > PULLED_MAX) this.#pulled.delete(this.#pulled.keys().next().value ?? 0);
  }

  #part(link: number, bytes: Uint8Array<ArrayBuffer>): Fault | undefined {
    this.#parts.arrived(link, bytes.length);
    const part = decodePart(bytes);
    if (part.kind === 'fault') return part;
    const key = this.#pulled.get(part.epochTag);
    // What was asked for may have come from elsewhere meanwhile.
    if (key === undefined) return undefined;
    // The intake knows pieces by one number: that of the segment takes the upper half.
    const whole = this.#door.intake.take(link, { ...part, sequence: part.epochTag * 0x10000 + part.sequence }, bytes);
    if (whole === undefined) return undefined;
    const fate = this.#parts.shelf.putPiece(key, part.sequence, whole.payloads);
    if (fate === 'kept') this.#kept(link, { key, piece: part.sequence, whole });
    else if (fate === 'bad') this.#parts.handle({ kind: 'segment-piece-bad', link });
    return undefined;
  }

  #kept(
    link: number,
    { key, piece, whole }: { readonly key: SegmentKey; readonly piece: number; readonly whole: WholePiece },
  ): void {
    this.receipts.received(
      link,
      whole.messages.reduce((sum, each) => sum + each.length, 0),
    );
    const size = whole.payloads.reduce((sum, payload) => sum + payload.length, 0);
    this.#parts.handle({ kind: 'segment-piece', key, piece, bytes: size, from: link });
  }
}
