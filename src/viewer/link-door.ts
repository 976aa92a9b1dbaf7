/**
 * The door of a viewer's links, whatever is said on them: who opens one has to greet with a good token, both lanes are
 * limited in rate, both ends sign for what crossed, and everything malformed becomes a fault of the link it came over.
 */
import type { ByteCore } from '../../wasm/abi.ts';
import type { ViewerInput } from '../core/viewer/io.ts';
import type { Fault } from '../errors.ts';
import { encodeLinkMessage, type LinkMessage } from '../wire/link.ts';
import type { TrackerAnswer, TrackerRequest } from '../wire/tracker.ts';
import { Greeting } from './greeting.ts';
import { Intake } from './intake.ts';
import { LinkDesk, type LinkSeat, type LinkWord } from './link-desk.ts';
import type { Lane, LinkEvents, LinkPort } from './ports.ts';
import { ReceiptDesk } from './receipt-desk.ts';

/** What becomes of links. */
export type LinkNews = Extract<
  ViewerInput,
  { readonly kind: 'link-signal' | 'link-opened' | 'link-closed' | 'link-fault' }
>;

/** What the door works with. */
export interface LinkDoorParts {
  readonly core: ByteCore;
  readonly seed: Uint8Array;
  now(): number;
  handle(news: LinkNews): void;
  /** Says something to the tracker. */
  tell(request: TrackerRequest): void;
  /** A held piece that the tracker asks to be shown. */
  piece(epoch: string, sequence: number): Uint8Array | undefined;
  /** Something on the control lane, and on the lane of pieces, where there is room for it. */
  control(link: number, seat: LinkSeat, bytes: Uint8Array<ArrayBuffer>): Fault | undefined;
  part(link: number, bytes: Uint8Array<ArrayBuffer>): Fault | undefined;
  /** A link is no more. */
  gone(link: number): void;
}

type Hello = Extract<LinkMessage, { readonly kind: 'hello' }>;

export class LinkDoor {
  readonly receipts: ReceiptDesk;
  readonly intake = new Intake();
  readonly #parts: LinkDoorParts;
  readonly #greeting: Greeting;
  readonly #desk = new LinkDesk();
  #port: LinkPort | undefined;

  constructor(parts: LinkDoorParts) {
    this.#parts = parts;
    this.#greeting = new Greeting(parts.core, parts.seed);
    this.receipts = new ReceiptDesk({ ...parts, send: (link, bytes) => this.#port?.send(link, 'control', bytes) });
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
      message: (link, lane, bytes) => {
        const why = this.#message(link, lane, bytes);
        if (why !== undefined) this.fault(link, why);
      },
    };
  }

  /** Takes what the tracker says about tokens and receipts. */
  told(answer: TrackerAnswer): void {
    this.receipts.told(answer);
    if (answer.kind === 'joined' || answer.kind === 'renewed') this.#greeting.granted(answer.token, answer.tokenKeys);
  }

  /** Reads a message of viewers of FLV in the light of the link's state. */
  read(seat: LinkSeat, bytes: Uint8Array): LinkWord {
    return this.#desk.read(seat, bytes);
  }

  /** Somebody greets who wants a stream at a time; it becomes a neighbour, or there is a fault. */
  greet(
    link: number,
    seat: LinkSeat,
    { hello, stream, wallMs }: { readonly hello: Hello; readonly stream: Uint8Array; readonly wallMs: number },
  ): Fault | undefined {
    const viewer = this.#greeting.check(hello, stream, { fingerprints: seat.fingerprints, wallMs });
    if (typeof viewer !== 'string') return viewer;
    seat.state = 'neighbour';
    this.receipts.met(link, hello.token);
    this.#parts.handle({ kind: 'link-opened', link, viewer });
    return undefined;
  }

  forget(link: number): void {
    this.#desk.closed(link);
    this.receipts.closed(link);
    this.intake.forget(link);
    this.#parts.gone(link);
  }

  fault(link: number, { code, detail }: Fault): void {
    this.forget(link);
    this.#parts.handle({ kind: 'link-fault', link, code, detail });
  }

  #message(link: number, lane: Lane, bytes: Uint8Array<ArrayBuffer>): Fault | undefined {
    const now = this.#parts.now();
    const seat = lane === 'pieces' ? this.#desk.admitPart(now, link) : this.#desk.admitControl(now, link);
    if (seat === undefined || 'kind' in seat) return seat;
    return lane === 'pieces' ? this.#parts.part(link, bytes) : this.#parts.control(link, seat, bytes);
  }
}
