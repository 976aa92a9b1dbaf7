/**
 * What comes over the links of an HLS viewer, turned into inputs of its engine: hellos are checked, sheets and pieces are
 * verified, and everything malformed becomes a fault of the link it came over.
 */
import type { ByteCore } from '../../wasm/abi.ts';
import type { HlsInput } from '../core/hls/io.ts';
import { type Fault, fault } from '../errors.ts';
import { Greeting } from '../viewer/greeting.ts';
import { Intake } from '../viewer/intake.ts';
import { LinkDesk, type LinkSeat } from '../viewer/link-desk.ts';
import type { ClockPort, Lane, LinkEvents, LinkPort } from '../viewer/ports.ts';
import { ReceiptDesk } from '../viewer/receipt-desk.ts';
import { fromHex } from '../wire/bytes.ts';
import {
  decodeHlsMessage,
  encodeHlsMessage,
  type HlsMessage,
  type SegmentKey,
  type SheetPart,
  tagOfKey,
} from '../wire/hls-link.ts';
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
  readonly receipts: ReceiptDesk;
  readonly #parts: LinkSideParts;
  readonly #greeting: Greeting;
  readonly #desk = new LinkDesk();
  readonly #intake = new Intake();
  /** Segments being pulled, by the number their parts carry. */
  readonly #pulled = new Map<number, SegmentKey>();
  #port: LinkPort | undefined;
  #stream: Uint8Array | undefined;

  constructor(parts: LinkSideParts) {
    this.#parts = parts;
    this.#greeting = new Greeting(parts.core, parts.seed);
    this.receipts = new ReceiptDesk({
      core: parts.core,
      seed: parts.seed,
      send: (link, bytes) => this.#port?.send(link, 'control', bytes),
      tell: (request) => parts.tell(request),
      // Trackers ask for pieces of FLV only.
      piece: () => undefined,
    });
  }

  get viewerKey(): Uint8Array {
    return this.#greeting.viewerKey;
  }

  carriedBy(port: LinkPort | undefined): void {
    this.#port = port;
  }

  events(): LinkEvents {
    return {
      signal: (link, data) => this.#parts.handle({ kind: 'link-signal', link, data }),
      opened: (link, fingerprints) => {
        this.#desk.opened(link, fingerprints);
        const hello = this.#greeting.hello(fingerprints);
        if (hello !== undefined) this.#port?.send(link, 'control', encodeHlsMessage(hello));
      },
      closed: (link) => {
        this.forget(link);
        this.#parts.handle({ kind: 'link-closed', link });
      },
      message: (link, lane, bytes) => this.#message(link, lane, bytes),
    };
  }

  /** Takes what the tracker says about tokens and receipts, and the stream they are for. */
  told(answer: TrackerAnswer): void {
    this.receipts.told(answer);
    if (answer.kind === 'joined') this.#stream = fromHex(answer.stream);
    if (answer.kind === 'joined' || answer.kind === 'renewed') this.#greeting.granted(answer.token, answer.tokenKeys);
  }

  forget(link: number): void {
    this.#desk.closed(link);
    this.receipts.closed(link);
    this.#intake.forget(link);
    this.#parts.sheets.forget(link);
  }

  #message(link: number, lane: Lane, bytes: Uint8Array<ArrayBuffer>): void {
    if (lane === 'pieces') return this.#part(link, bytes);
    const seat = this.#desk.admitControl(this.#parts.clock.now(), link);
    if (seat === undefined) return;
    if ('kind' in seat) return this.#fault(link, seat);
    const message = decodeHlsMessage(bytes);
    if (message.kind === 'fault') return this.#fault(link, message);
    if (seat.state === 'greeting') return this.#hello(link, seat, message);
    if (message.kind === 'receipt') return this.receipts.heard(link, message);
    if (message.kind === 'sheet') return this.#sheet(link, message);
    this.#parts.handle({ kind: 'hls-said', link, message });
  }

  #hello(link: number, seat: LinkSeat, message: HlsMessage): void {
    if (message.kind !== 'hello') return this.#fault(link, fault('link/bad-hello', `${message.kind} before hello`));
    if (this.#stream === undefined) return this.#fault(link, fault('link/failed', 'not let in yet'));
    const at = { fingerprints: seat.fingerprints, wallMs: this.#parts.clock.wallMs() };
    const viewer = this.#greeting.check(message, this.#stream, at);
    if (typeof viewer !== 'string') return this.#fault(link, viewer);
    seat.state = 'neighbour';
    this.receipts.met(link, message.token);
    this.#parts.handle({ kind: 'link-opened', link, viewer });
  }

  /** A segment is wanted whose sheet may be here already. */
  wanted(key: SegmentKey): void {
    const early = this.#parts.sheets.early(key);
    if (early !== undefined) this.#judge(early.link, key, early.part);
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

  #part(link: number, bytes: Uint8Array<ArrayBuffer>): void {
    const seat = this.#desk.admitPart(this.#parts.clock.now(), link);
    if (seat === undefined) return;
    if ('kind' in seat) return this.#fault(link, seat);
    this.#parts.arrived(link, bytes.length);
    const part = decodePart(bytes);
    if (part.kind === 'fault') return this.#fault(link, part);
    const key = this.#pulled.get(part.epochTag);
    // What was asked for may have come from elsewhere meanwhile.
    if (key === undefined) return;
    // The intake knows pieces by one number: that of the segment takes the upper half.
    const whole = this.#intake.take(link, { ...part, sequence: part.epochTag * 0x10000 + part.sequence }, bytes);
    if (whole === undefined) return;
    const fate = this.#parts.shelf.putPiece(key, part.sequence, whole.payloads);
    if (fate === 'bad') return this.#parts.handle({ kind: 'segment-piece-bad', link });
    if (fate !== 'kept') return;
    this.receipts.received(
      link,
      whole.messages.reduce((sum, each) => sum + each.length, 0),
    );
    const size = whole.payloads.reduce((sum, payload) => sum + payload.length, 0);
    this.#parts.handle({ kind: 'segment-piece', key, piece: part.sequence, bytes: size, from: link });
  }

  #fault(link: number, { code, detail }: Fault): void {
    this.forget(link);
    this.#parts.handle({ kind: 'link-fault', link, code, detail });
  }
}
