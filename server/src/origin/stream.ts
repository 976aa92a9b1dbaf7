// One stream as it is served: its epoch, and the viewers its pieces go to. Whether it is cut here or comes from another
// server makes no difference to them.

import type { ErrorCode } from '../../../src/errors.ts';
import type { EndReason } from '../../../src/wire/origin.ts';
import type { Epoch } from './epoch.ts';
import type { KeptPiece } from './piece-window.ts';
import type { StreamState } from './stream-state.ts';

/** A viewer as its stream sees it. */
export interface Subscriber {
  /** Part of this server, such as a recording: it keeps the stream running and is not counted as a viewer. */
  readonly inside?: true;
  /** An epoch has begun, or was there already. */
  begin(epoch: Epoch): void;
  piece(piece: KeptPiece): void;
  /** The content key changes with the next piece. */
  generation(generation: number): void;
  /** No pieces for now, or for good. */
  paused(reason: EndReason): void;
  /** The stream cannot be had: nothing was ever received. */
  refused(code: ErrorCode): void;
}

/** See above. */
export interface Stream {
  readonly path: string;
  readonly state: StreamState;
  /** The newest epoch that has a head and a piece. */
  readonly epoch: Epoch | undefined;
  /** Viewers from outside. */
  readonly viewers: number;
  /** The wall clock of whoever cuts it, by which its pieces are stamped. */
  wallMs(): number;
  /** Ms until the key after this generation's is used; 0 when keys do not change. */
  nextInMs(generation: number): number;
  subscribe(subscriber: Subscriber): void;
  unsubscribe(subscriber: Subscriber): void;
  /** Runs without viewers too. */
  hold(): void;
  /** Runs for its viewers only. */
  release(): void;
  /** Viewers from outside have to go: the stream is not for them any longer. */
  sendAway(): void;
  /** Takes its source anew at once: a publisher has come. */
  restart(): void;
  /** Stops everything; viewers have been told or are gone. */
  close(): void;
}
