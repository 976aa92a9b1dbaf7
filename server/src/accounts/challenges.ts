// Asks a viewer, at times it cannot foresee, to show that it holds pieces that were just cut: a keyed hash over each, which
// nobody can give without the piece.

import { randomBytes } from 'node:crypto';
import { sameBytes, toBase64Url } from '../../../src/wire/bytes.ts';
import { PROOFS_MAX } from '../../../src/wire/limits.ts';
import { NONCE_BYTES, PROOF_BYTES, proofText } from '../../../src/wire/receipts.ts';
import type { TrackerAnswer, TrackerRequest } from '../../../src/wire/tracker.ts';

/** A piece that can be asked for. */
export interface AskablePiece {
  readonly header: { readonly sequence: number };
  /** Header, signature and body. */
  readonly wire: Uint8Array;
  /** When it was cut, on the server's clock. */
  readonly atMs: number;
}

/** What a stream has to ask for. */
export interface Askable {
  /** Hexadecimal. */
  readonly epoch: string;
  /** Kept pieces, oldest first. */
  readonly pieces: Iterable<AskablePiece>;
}

/** A challenge under way. */
export interface Challenge {
  readonly ask: Extract<TrackerAnswer, { readonly kind: 'prove' }>;
  /** What is expected, in the order that was asked. */
  readonly proofs: readonly Uint8Array[];
  readonly askedAt: number;
}

/** Every viewer holds what was cut this long ago, and has not let go of it yet, ms. */
const SETTLED_MS = 3000;
const KEPT_MS = 5000;
const PIECES = PROOFS_MAX;

/** What challenges are made with. */
export interface ChallengeParts {
  hash(bytes: Uint8Array): Uint8Array;
  /** Numbers in [0, 1) that nobody foresees. */
  random(): number;
}

/** Makes a challenge for a viewer that came at a time; undefined when there is nothing it must hold. */
export const makeChallenge = (
  { hash, random }: ChallengeParts,
  { epoch, pieces }: Askable,
  viewer: { readonly key: Uint8Array; readonly since: number; readonly now: number },
): Challenge | undefined => {
  const settled = [...pieces].filter(({ atMs }) => atMs >= viewer.since && viewer.now - atMs >= SETTLED_MS);
  const newest = settled.at(-1)?.atMs ?? 0;
  const askable = settled.filter(({ atMs }) => newest - atMs <= KEPT_MS);
  if (askable.length === 0) return undefined;
  const asked = Array.from({ length: PIECES }, () => askable[Math.floor(random() * askable.length)]).filter(
    (piece) => piece !== undefined,
  );
  const nonce = new Uint8Array(randomBytes(NONCE_BYTES));
  return {
    ask: { kind: 'prove', nonce: toBase64Url(nonce), epoch, sequences: asked.map(({ header }) => header.sequence) },
    proofs: asked.map(({ wire }) => hash(proofText(nonce, viewer.key, wire)).subarray(0, PROOF_BYTES)),
    askedAt: viewer.now,
  };
};

/** How many of the pieces an answer shows. */
export const countHeld = (
  { ask, proofs }: Challenge,
  answer: Extract<TrackerRequest, { readonly kind: 'proofs' }>,
): number => {
  if (answer.nonce !== ask.nonce) return 0;
  return proofs.filter((proof, at) => {
    const given = Buffer.from(answer.proofs[at] ?? '', 'base64url');
    return sameBytes(given, proof);
  }).length;
};
