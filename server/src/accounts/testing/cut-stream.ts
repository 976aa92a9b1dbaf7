// A stream that is cut when a test says so: signed by nobody, read by no player, and as good as any for counting.

import type { PieceHeader } from '../../../../src/wire/piece.ts';
import type { Epoch } from '../../origin/epoch.ts';
import { type KeptPiece, PieceWindow } from '../../origin/piece-window.ts';
import type { Stream, Subscriber } from '../../origin/stream.ts';
import type { ManualClock } from '../../testing/manual-clock.ts';

const BODY = 1000;
const HEAD = 92;

/** See above. */
export class TestStream implements Stream {
  readonly path: string;
  readonly state = 'live';
  readonly window = new PieceWindow({ ms: 20_000, bytes: 1e9 });
  readonly epoch: Epoch;
  /** Viewers from outside. */
  viewers = 1;
  readonly #clock: ManualClock;
  readonly #subscribers = new Set<Subscriber>();

  constructor(path: string, clock: ManualClock) {
    this.path = path;
    this.#clock = clock;
    this.epoch = {
      id: new Uint8Array(10),
      hex: '00'.repeat(10),
      window: this.window,
      substreams: 4,
      byteRate: 10_000,
      encrypted: true,
      generation: 0,
      head: undefined,
      headAt: () => undefined,
      contentKey: () => undefined,
    };
  }

  /** Bytes of one piece over a link. */
  static readonly pieceBytes = BODY + HEAD + 10;

  get counting(): number {
    return this.#subscribers.size;
  }

  /** Cuts one piece. */
  cut(): void {
    const sequence = this.window.next;
    const wire = Buffer.alloc(HEAD + BODY, sequence);
    wire.writeUInt32BE(sequence, 8);
    const header = { sequence, keyframe: sequence % 20 === 0 } as PieceHeader;
    const piece: KeptPiece = { header, wire, clear: undefined, head: undefined, atMs: this.#clock.now() };
    this.window.add(piece);
    for (const subscriber of this.#subscribers) subscriber.piece(piece);
  }

  wallMs(): number {
    return this.#clock.wall();
  }

  nextInMs(): number {
    return 0;
  }

  subscribe(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    subscriber.begin(this.epoch);
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  hold(): void {
    throw new Error('accounts hold nothing');
  }

  release(): void {
    throw new Error('accounts hold nothing');
  }

  sendAway(): void {
    throw new Error('accounts send nobody away');
  }

  restart(): void {
    throw new Error('accounts start nothing');
  }

  close(): void {
    this.#subscribers.clear();
  }
}
