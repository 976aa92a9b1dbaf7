/**
 * What opens a stream: the code its connection is opened with, and the content keys under it, asked for in good time and
 * put into the store.
 */

import type { ErrorCode, Fault } from '../errors.ts';
import type { Head } from '../wire/head.ts';
import type { OriginFrame } from '../wire/origin.ts';
import { codeOfFailure, Keyring } from './keyring.ts';
import type { PieceShelf } from './piece-shelf.ts';
import type { ViewerWorld } from './world.ts';

/** What the desk works with. */
export interface KeyDeskParts {
  readonly world: Pick<ViewerWorld, 'clock' | 'codes' | 'core' | 'random'>;
  readonly shelf: PieceShelf;
  /** Asks the origin for the key of a generation. */
  ask(generation: number): void;
}

export class KeyDesk {
  readonly #parts: KeyDeskParts;
  readonly #keyring: Keyring;
  #code: string | undefined;

  constructor(parts: KeyDeskParts) {
    this.#parts = parts;
    this.#keyring = new Keyring(parts.world.core);
  }

  /** When the next generation is to be asked for. */
  get askAt(): number {
    return this.#keyring.askAt;
  }

  /** Hands over the code, fetched first where it is not known; there is none where nobody gives codes. */
  withCode(use: (code: string | undefined) => void, failed: (code: ErrorCode) => void): void {
    const { codes } = this.#parts.world;
    if (codes === undefined || this.#code !== undefined) return use(this.#code);
    codes.fetch().then(
      ({ code, key }) => {
        this.#code = code;
        this.#keyring.useCodeKey(key);
        use(code);
      },
      (error: unknown) => failed(codeOfFailure(error)),
    );
  }

  /** The origin does not know the code, or not any more: the next connection needs another. */
  forgetCode(): void {
    this.#code = undefined;
  }

  /** Another epoch has keys of its own. Whoever had some of the last needs one at once, for the picture goes on. */
  enterEpoch(head: Head): void {
    const seam = this.#keyring.generation >= 0;
    this.#keyring.clear();
    if (head.encrypted && seam) this.#parts.ask(head.generation);
  }

  /** Puts a key into the store; says why when it is not one. */
  came(frame: Extract<OriginFrame, { kind: 'key' }>, head: Head | undefined): Fault | undefined {
    const { world, shelf } = this.#parts;
    if (head === undefined || shelf.store === undefined) return undefined;
    const dice = (world.random(1)[0] ?? 0) / 256;
    const opened = this.#keyring.open(frame, head, { now: world.clock.now(), dice });
    if (opened.kind === 'fault') return opened;
    shelf.store.setKey(opened.generation, opened.key);
    return undefined;
  }

  /** Asks for the next generation in good time, and at once for the one of a piece that playback waits for. */
  tick(now: number, locked: number | undefined): void {
    this.#ask(this.#keyring.nextDue(now));
    if (locked !== undefined && this.#keyring.missingDue(now)) this.#ask(this.#parts.shelf.generationOf(locked));
  }

  #ask(generation: number | undefined): void {
    if (generation !== undefined) this.#parts.ask(generation);
  }
}
