/**
 * Everything that happens on links, after the transport: who becomes a neighbour, what neighbours say and want, and how
 * those that break the protocol are cut.
 */
import type { ErrorCode } from '../../errors.ts';
import type { LinkMessage } from '../../wire/link.ts';
import { partsBytes } from '../../wire/piece.ts';
import type { Millis } from '../engine.ts';
import type { Children } from './children.ts';
import type { Feeds } from './feeds.ts';
import type { LinkNumber, Source } from './io.ts';
import type { Membership } from './membership.ts';
import { Neighbour } from './neighbour.ts';
import type { Repair } from './repair.ts';
import type { StatusReport } from './status-report.ts';
import type { SwarmView } from './swarm-view.ts';
import type { UploadBudget } from './upload-budget.ts';

/** Pieces of an unknown epoch a neighbour may send in a row: more is no seam between epochs. */
const FOREIGN_MAX = 600;
/** Wants a neighbour may be sent a second. */
const WANTS_PER_SEC = 12;

/** Who is told of what happens on links. */
export interface NeighbourhoodParts {
  readonly membership: Membership;
  readonly feeds: Feeds;
  readonly children: Children;
  readonly repair: Repair;
  readonly status: StatusReport;
  readonly budget: UploadBudget;
  hasten(timer: 'feeds' | 'repair', at: Millis): void;
  fault(code: ErrorCode, detail: string): void;
}

export class Neighbourhood {
  readonly #view: SwarmView;
  readonly #parts: NeighbourhoodParts;

  constructor(view: SwarmView, parts: NeighbourhoodParts) {
    this.#view = view;
    this.#parts = parts;
  }

  /** A link is open and its other side has proved who it is. */
  opened(now: Millis, link: LinkNumber, viewer: string): void {
    if (!this.#parts.membership.opensAs(link, viewer)) {
      this.#parts.membership.linkClosed(now, link);
      this.#view.out.put({ kind: 'hang-up', link, reason: 'too-many-links' });
      return;
    }
    const neighbour = new Neighbour(link, viewer, now, WANTS_PER_SEC);
    this.#view.neighbours.add(neighbour);
    if (this.#view.head !== undefined) this.#view.out.put({ kind: 'tell-head', link });
    this.#parts.status.greet(now, neighbour);
  }

  /** A neighbour says something. */
  said(now: Millis, link: LinkNumber, message: LinkMessage): void {
    const neighbour = this.#view.neighbours.get(link);
    if (neighbour === undefined) return;
    neighbour.heardAt = now;
    switch (message.kind) {
      case 'hello':
        return this.cut(now, link, 'link/bad-message', 'second hello');
      case 'subscribe':
        return this.#parts.children.subscribe(now, neighbour, message);
      case 'unsubscribe':
        return this.#parts.children.unsubscribe(neighbour, message.substream);
      case 'accept':
      case 'refuse':
      case 'drop':
      case 'ancestors':
        return this.#parts.feeds.said(now, neighbour, message);
      case 'status': {
        const first = neighbour.status === undefined;
        neighbour.hear(now, message);
        if (first) this.#parts.hasten('feeds', now);
        return;
      }
      case 'want':
        return this.#serve(now, neighbour, message.sequences);
      case 'missing':
        return this.#parts.repair.parentMisses(now, link, message.sequences);
      case 'absent':
        this.#parts.repair.absent(now, link, message.sequences);
        return this.#parts.hasten('repair', now);
      case 'receipt':
        // The byte side keeps these; nothing here depends on them.
        return;
      case 'bye':
        this.#view.out.put({ kind: 'hang-up', link, reason: 'leaving' });
        return this.closed(now, link);
    }
  }

  #serve(now: Millis, neighbour: Neighbour, sequences: readonly number[]): void {
    const absent: number[] = [];
    for (const sequence of sequences) {
      const fits = this.#view.pieces.has(sequence) && this.#parts.budget.takeRepair(now, this.#view.pieceBytes);
      if (fits) this.#repair(now, neighbour.link, sequence);
      else absent.push(sequence);
    }
    if (absent.length > 0)
      this.#view.out.put({ kind: 'tell', link: neighbour.link, message: { kind: 'absent', sequences: absent } });
  }

  /** A repair does not wait: whoever asks is late already. */
  #repair(now: Millis, link: LinkNumber, sequence: number): void {
    this.#parts.children.outgoing.left(now, this.#view.pieceBytes);
    this.#view.out.put({ kind: 'push', links: [link], sequence });
  }

  /** Bytes that really left, told by whoever carries them. */
  uploaded(now: Millis, link: LinkNumber, bytes: number): void {
    this.#view.counters.uploadedBytes += bytes;
    this.#view.neighbours.get(link)?.pushed(now, bytes);
  }

  /** A neighbour that broke the protocol is told, left, and not met again. */
  cut(now: Millis, link: LinkNumber, code: ErrorCode, detail: string): void {
    const neighbour = this.#view.neighbours.get(link);
    if (neighbour !== undefined) {
      this.#parts.membership.ban(neighbour.viewer);
      this.#view.out.put({ kind: 'tell', link, message: { kind: 'bye', reason: 'bad-behaviour' } });
    }
    this.#parts.fault(code, detail);
    this.#view.out.put({ kind: 'hang-up', link, reason: 'bad-behaviour' });
    this.closed(now, link);
  }

  /** A link is gone, or never came to be. */
  closed(now: Millis, link: LinkNumber): void {
    this.#parts.membership.linkClosed(now, link);
    if (this.#view.neighbours.remove(link) === undefined) return;
    this.#parts.children.linkLost(link);
    this.#parts.feeds.linkLost(now, link);
  }

  /** A whole piece came over a link, wanted or not. */
  arrived(now: Millis, from: Source, bytes: number): void {
    if (from === 'origin') return;
    const neighbour = this.#view.neighbours.get(from);
    if (neighbour === undefined) return;
    neighbour.heardAt = now;
    neighbour.foreign = 0;
    neighbour.bytesIn += bytes;
    neighbour.laneBytesIn += partsBytes(bytes);
    this.#parts.status.received(now, neighbour);
  }

  /** Lets go of strangers that only ever broke their word, so that others can take their place. */
  dismissHopeless(now: Millis): void {
    for (const neighbour of this.#view.neighbours.all()) {
      if (!neighbour.reputation.isHopeless) continue;
      this.#parts.membership.ban(neighbour.viewer);
      this.#view.out.put({ kind: 'hang-up', link: neighbour.link, reason: 'idle' });
      this.closed(now, neighbour.link);
    }
  }

  /** A piece did not verify, or is of another epoch. */
  rejected(now: Millis, from: Source, reason: 'foreign' | 'bad'): void {
    this.#view.counters.piecesRejected++;
    if (from === 'origin') {
      if (reason === 'bad') this.#parts.fault('origin/bad-frame', 'piece');
      return;
    }
    const neighbour = this.#view.neighbours.get(from);
    if (neighbour === undefined) return;
    if (reason === 'bad') return this.cut(now, from, 'link/bad-piece', neighbour.viewer);
    neighbour.foreign++;
    if (neighbour.foreign > FOREIGN_MAX) this.cut(now, from, 'link/flood', neighbour.viewer);
  }

  /** Takes leave of everybody. */
  leaveAll(now: Millis): void {
    for (const neighbour of [...this.#view.neighbours.all()]) {
      const { link } = neighbour;
      this.#view.out.put({ kind: 'tell', link, message: { kind: 'bye', reason: 'leaving' } });
      this.#view.out.put({ kind: 'hang-up', link, reason: 'leaving' });
      this.closed(now, link);
    }
  }
}
