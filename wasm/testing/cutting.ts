// What tests of the byte core share: one origin's names and keys, a source cut in random chunks, a store that knows
// the key.

import type { ByteCore, CutEvent, Cutter, CutterOptions, PieceStore } from '../abi.ts';
import { concat } from './flv-maker.ts';
import { random } from './random.ts';

/** A cut piece. */
export type Piece = Extract<CutEvent, { kind: 'piece' }>;

/** Stream and epoch of all cases. */
export const names = { stream: new Uint8Array(32).fill(1), epoch: new Uint8Array(10).fill(2) };
/** The origin's seed. */
export const signingSeed = new Uint8Array(32).fill(3);
/** The stream's secret. */
export const contentSecret = new Uint8Array(32).fill(4);

/** Takes all events. */
export const drain = (cutter: Cutter): CutEvent[] => {
  const events: CutEvent[] = [];
  for (let event = cutter.next(); event !== undefined; event = cutter.next()) events.push(event);
  return events;
};

/** The pieces among events. */
export const piecesOf = (events: readonly CutEvent[]): Piece[] => events.filter((event) => event.kind === 'piece');

/** Cuts a whole source that arrives in random chunks at random times. */
export const cut = (core: ByteCore, source: Uint8Array, options: Partial<CutterOptions> = {}): CutEvent[] => {
  const cutter = core.createCutter({ ...names, signingSeed, contentSecret, ...options });
  const dice = random(1);
  const events: CutEvent[] = [];
  let nowMs = 1_700_000_000_000;
  for (let at = 0; at < source.length; ) {
    const length = 1 + dice.below(dice.below(4) === 0 ? 40 : 9000);
    cutter.push(source.subarray(at, at + length), nowMs);
    events.push(...drain(cutter));
    at += length;
    nowMs += dice.below(30);
  }
  cutter.finish(nowMs);
  events.push(...drain(cutter));
  cutter.free();
  return events;
};

/** A store of these names, with the key of one generation. */
export const openStore = (core: ByteCore, capBytes = 4_000_000, generation = 0): PieceStore => {
  const store = core.createStore({ ...names, publicKey: core.publicKey(signingSeed), capBytes });
  store.setKey(generation, core.contentKey(contentSecret, names.epoch, generation));
  return store;
};

/** Plays consecutive pieces that are all there and returns all whole tags. */
export const playAll = (store: PieceStore, from: number, to: number): Uint8Array<ArrayBuffer> => {
  const out: Uint8Array[] = [];
  for (let sequence = from; sequence < to; sequence++) {
    const played = store.play(sequence);
    if (played !== 'ok') throw new Error(`piece ${sequence} is ${played}`);
    const bytes = store.takePlayed();
    if (bytes !== undefined) out.push(bytes);
  }
  return concat(...out);
};

/** Flags of a piece. */
export const flagsOf = (piece: Piece): number => piece.wire[1] ?? 0;
/** Whether a group starts with a piece. */
export const startsGroup = (piece: Piece): boolean => (flagsOf(piece) & 1) !== 0;
