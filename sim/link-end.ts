/**
 * One end of a link between two viewers, with two lanes as in the browser: control messages in order and for sure, pieces
 * unordered and given up when they take too long.
 */
import type { Head } from '../src/wire/head.ts';
import type { LinkMessage } from '../src/wire/link.ts';
import { partsBytes, pieceBytes } from '../src/wire/piece.ts';
import { ACKNOWLEDGED_SHARE } from './calibration/real-links.ts';
import { codeOf, detailOf, type EventWheel, kindOf, type Sink } from './event-wheel.ts';
import type { GhostLine } from './ghost-line.ts';
import type { GhostPiece } from './ghost-piece.ts';
import { messageBytes } from './message-bytes.ts';
import { LIFETIME_MS, type Network, type Place, wireBytes } from './network.ts';

/** Who sits at an end. */
export interface LinkOwner extends Place {
  readonly name: string;
  readonly ghostLine: GhostLine;
  heard(link: number, message: LinkMessage): void;
  headCame(link: number, head: Head, epochTag: number): void;
  pieceCame(link: number, piece: GhostPiece, state: PieceState): void;
  linkLost(link: number): void;
}

/** Whether the bytes are those the origin signed. */
export type PieceState = 'good' | 'bad';

const SAID = 0;
const PIECE = 1;
const BAD_PIECE = 2;
const HEAD = 3;
const CLOSED = 4;
/** To this end itself: what the router dropped is sent again. */
const AGAIN = 5;
/** Added to a code when the message has already waited for the downlink. */
const QUEUED = 8;
const KIND = 7;

const HEAD_BYTES = 400;
/** A queue on the downlink shorter than this is not worth an event. */
const QUEUE_MS = 0.25;

/** A piece that is being sent, in tries: what the router drops goes again. */
interface Launch {
  readonly piece: GhostPiece;
  readonly state: PieceState;
  /** When it was handed to the channel, which gives it up some time later. */
  readonly since: number;
  readonly onWire: number;
  /** Of its bytes on the wire, those that have not left. */
  readonly left: number;
}

/** What a link needs of the world. */
export interface LinkStage {
  readonly wheel: EventWheel;
  readonly network: Network;
}

export class LinkEnd implements Sink {
  readonly owner: LinkOwner;
  readonly link: number;
  readonly #stage: LinkStage;
  readonly #wayMs: number;
  readonly #loss: number;
  readonly #bytesPerMs: number;
  #far: LinkEnd | undefined;
  #channelUntil = 0;
  #orderedUntil = 0;
  #state: 'open' | 'closed' = 'open';

  constructor(
    stage: LinkStage,
    owner: LinkOwner,
    way: { readonly link: number; readonly rttMs: number; readonly loss: number },
  ) {
    this.#stage = stage;
    this.owner = owner;
    this.link = way.link;
    this.#wayMs = way.rttMs / 2;
    this.#loss = way.loss;
    this.#bytesPerMs = stage.network.channelBytesPerMs(way.rttMs, way.loss);
  }

  /** Whoever is at the other end. */
  get far(): LinkOwner | undefined {
    return this.#far?.owner;
  }

  join(far: LinkEnd): void {
    this.#far = far;
  }

  say(message: LinkMessage): void {
    this.#sendOrdered(SAID, messageBytes(message), message);
  }

  sayHead(head: Head, epochTag: number): void {
    this.#sendOrdered(HEAD, HEAD_BYTES, { head, epochTag });
  }

  /** Sends a piece; how many bytes were handed to the channel. What becomes of them there the sender does not learn. */
  push(piece: GhostPiece, state: PieceState): number {
    const { now } = this.#stage.wheel;
    const bytes = partsBytes(pieceBytes(piece));
    const onWire = wireBytes(bytes);
    if (!this.owner.ghostLine.carriesPieces) return 0;
    this.#channelUntil = Math.max(now, this.#channelUntil) + onWire / this.#bytesPerMs;
    if (this.#channelUntil - now > LIFETIME_MS) {
      this.#channelUntil = now + LIFETIME_MS;
      return 0;
    }
    this.#launch({ piece, state, since: now, onWire, left: onWire });
    return bytes;
  }

  #launch(launch: Launch): void {
    const { wheel, network } = this.#stage;
    const { piece, state, since, onWire } = launch;
    const line = this.owner.ghostLine;
    const left = line.handIn(wheel.now, launch.left);
    if (left > 0) {
      const again = wheel.now + network.sentAgainMs(2 * this.#wayMs);
      if (again - since < LIFETIME_MS) wheel.schedule(again, this, AGAIN, { ...launch, left });
      return;
    }
    const lossMs = network.lossMs(partsBytes(pieceBytes(piece)), 2 * this.#wayMs, this.#loss);
    const arrives = Math.max(line.emptyAt, this.#channelUntil) + lossMs;
    if (arrives - since <= LIFETIME_MS + this.#wayMs)
      this.#deliver(state === 'good' ? PIECE : BAD_PIECE, arrives, onWire, piece);
  }

  /** This end hangs up; the other learns of it after a while. */
  close(afterMs: number): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const far = this.#far;
    if (far !== undefined)
      this.#stage.wheel.schedule(this.#stage.wheel.now + afterMs + this.#wayMs, far, CLOSED, undefined);
  }

  fire(code: number, what: unknown): void {
    if (this.#state === 'closed') return;
    const kind = kindOf(code);
    if (kind === AGAIN) return this.#launch(what as Launch);
    if (kind < QUEUED) {
      const { wheel } = this.#stage;
      const until = this.owner.ghostLine.arrive(wheel.now, detailOf(code));
      if (until - wheel.now > QUEUE_MS) return wheel.schedule(until, this, code + QUEUED, what);
    }
    switch (kind & KIND) {
      case SAID:
        return this.owner.heard(this.link, what as LinkMessage);
      case PIECE:
      case BAD_PIECE:
        this.#acknowledge(detailOf(code));
        return this.owner.pieceCame(this.link, what as GhostPiece, (kind & KIND) === PIECE ? 'good' : 'bad');
      case HEAD: {
        const { head, epochTag } = what as { readonly head: Head; readonly epochTag: number };
        return this.owner.headCame(this.link, head, epochTag);
      }
      case CLOSED:
        this.#state = 'closed';
        return this.owner.linkLost(this.link);
    }
  }

  /** The transport's own words take their share of the way back; the next one says what a lost one said. */
  #acknowledge(onWire: number): void {
    this.owner.ghostLine.handIn(this.#stage.wheel.now, onWire * ACKNOWLEDGED_SHARE);
  }

  #sendOrdered(code: number, bytes: number, what: unknown): void {
    const { wheel, network } = this.#stage;
    const onWire = wireBytes(bytes);
    const isDropped = this.owner.ghostLine.isFull(wheel.now);
    const left = this.owner.ghostLine.depart(wheel.now, onWire);
    const rttMs = 2 * this.#wayMs;
    const lossMs = isDropped ? network.sentAgainMs(rttMs) : network.lossMs(bytes, rttMs, this.#loss);
    this.#orderedUntil = Math.max(this.#orderedUntil, left + Math.min(lossMs, TWICE_LOST_MS));
    this.#deliver(code, this.#orderedUntil, onWire, what);
  }

  #deliver(kind: number, leaves: number, onWire: number, what: unknown): void {
    const far = this.#far;
    const { wheel, network } = this.#stage;
    if (far === undefined || this.#state === 'closed' || network.severs(this.owner, far.owner)) return;
    const at = leaves + this.#wayMs + network.jitterMs() + far.owner.ghostLine.downMs(onWire);
    wheel.schedule(at, far, codeOf(kind, onWire), what);
  }
}

/** A control message that is lost twice comes after another timeout. */
const TWICE_LOST_MS = 1_200;
