// Counts what a stream is cut into while somebody is counted who watches it: the measure for what a viewer can have had.

import type { ErrorCode } from '../../../src/errors.ts';
import { PIECE_BODY_AT } from '../../../src/wire/limits.ts';
import { partsBytes } from '../../../src/wire/piece.ts';
import type { Epoch } from '../origin/epoch.ts';
import type { KeptPiece } from '../origin/piece-window.ts';
import type { Stream, Subscriber } from '../origin/stream.ts';
import type { Askable } from './challenges.ts';

interface Moment {
  readonly atMs: number;
  readonly linkBytes: number;
}

const HISTORY_MS = 30_000;

/** See above. It ends with its stream. */
export class CutCounter implements Subscriber {
  /** Not a viewer: whoever counts them leaves it out. */
  readonly inside = true;
  readonly #stream: Stream;
  /** Bytes of all pieces as they cross a link, and of the plain stream. */
  linkBytes = 0;
  plainBytes = 0;
  #history: Moment[] = [];
  #state: 'new' | 'counting' = 'new';

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.subscribe(this);
  }

  /** Whether anybody but us watches; without viewers nothing need be counted, and nothing be pulled for it. */
  get isWatched(): boolean {
    return this.#stream.viewers > 0 && this.#stream.state !== 'closed';
  }

  /** What a viewer may be asked for. */
  get askable(): Askable | undefined {
    const { epoch } = this.#stream;
    if (epoch === undefined) return undefined;
    const { hex, window } = epoch;
    return { epoch: hex, pieces: window.from(window.oldest) };
  }

  /** Remembers where the count stands. */
  mark(now: number): void {
    this.#history.push({ atMs: now, linkBytes: this.linkBytes });
    while ((this.#history[0]?.atMs ?? now) < now - HISTORY_MS) this.#history.shift();
  }

  /** Where the count stood at a time: never less than it did for `from`, never more for `to`. */
  spanOf(fromMs: number, toMs: number): { readonly from: number; readonly to: number } {
    const after = this.#history.find(({ atMs }) => atMs >= fromMs);
    const before = this.#history.findLast(({ atMs }) => atMs <= toMs);
    return { from: after?.linkBytes ?? this.linkBytes, to: before?.linkBytes ?? 0 };
  }

  stop(): void {
    this.#stream.unsubscribe(this);
  }

  /** What was cut before we came is not counted; the first pieces of a later epoch come with its beginning. */
  begin({ window }: Epoch): void {
    if (this.#state === 'counting') for (const piece of window.from(window.oldest)) this.piece(piece);
    this.#state = 'counting';
  }

  piece({ wire }: KeptPiece): void {
    this.linkBytes += partsBytes(wire.length);
    this.plainBytes += wire.length - PIECE_BODY_AT;
  }

  generation(): void {
    // Counts, and reads nothing.
  }

  paused(): void {
    // Nothing is cut meanwhile.
  }

  refused(_code: ErrorCode): void {
    // Nothing is cut.
  }
}
