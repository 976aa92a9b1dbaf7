/**
 * One link between two link ports in one process (so one clock), and pieces sent over it as viewers send them: in
 * parts, on the unreliable lane. Runs in Node and in a page.
 */

import type { CreatePeer } from '../../src/carrier/peer-dial.ts';
import { createSimplePeerLinks } from '../../src/carrier/simple-peer-links.ts';
import { Intake } from '../../src/viewer/intake.ts';
import type { LinkEvents, LinkPort } from '../../src/viewer/ports.ts';
import { PIECE_BODY_MAX, PIECE_BYTES_MAX } from '../../src/wire/limits.ts';
import { decodePart, encodePieceHeader, type PieceHeader, splitPiece } from '../../src/wire/piece.ts';

/** What to send over what. */
export interface HopOrder {
  readonly pieces: number;
  readonly everyMs: number;
}

/** What the link needs from outside. */
export interface HopWorld {
  readonly createPeer: CreatePeer;
  /** The signal of side `a` or `b` as the other side may see it. */
  carry(from: 'a' | 'b', data: string): Promise<string>;
}

/** One-way delays of whole pieces and round trips of small messages, ms. */
export interface HopSamples {
  readonly hopsMs: readonly number[];
  readonly roundTripsMs: readonly number[];
}

const LINK = 1;
const OPEN_WITHIN_MS = 15_000;
const ARRIVE_WITHIN_MS = 5_000;

/** Opens a link, sends the pieces, closes it. Pieces that got lost are not among the samples. */
export const measureHops = async (order: HopOrder, world: HopWorld): Promise<HopSamples> => {
  const pair = await openPair(world);
  const hopsMs: number[] = [];
  const roundTripsMs: number[] = [];
  for (let sequence = 0; sequence < order.pieces; sequence++) {
    const began = performance.now();
    const [hop, trip] = [await pair.piece(sequence), await pair.ping()];
    if (hop !== undefined) hopsMs.push(hop);
    if (trip !== undefined) roundTripsMs.push(trip);
    await after(order.everyMs - (performance.now() - began));
  }
  pair.close();
  return { hopsMs, roundTripsMs };
};

interface Pair {
  /** The one-way delay of a piece; undefined when it did not arrive. */
  piece(sequence: number): Promise<number | undefined>;
  ping(): Promise<number | undefined>;
  close(): void;
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

const openPair = async ({ createPeer, carry }: HopWorld): Promise<Pair> => {
  const intake = new Intake();
  let arrived: ((sequence: number) => void) | undefined;
  let answered: (() => void) | undefined;
  const opened = { a: false, b: false };
  let bothOpen: () => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  const sides: Partial<Record<'a' | 'b', LinkPort>> = {};
  const events = (own: 'a' | 'b', other: 'a' | 'b', message: LinkEvents['message']): LinkEvents => ({
    message,
    signal: (_, data) => void carry(own, data).then((carried) => sides[other]?.signal(LINK, carried), refuse),
    opened() {
      opened[own] = true;
      if (opened.a && opened.b) bothOpen();
    },
    closed: (_, code) => refuse(new Error(`link closed: ${code}`)),
  });
  const a = createSimplePeerLinks(
    createPeer,
    events('a', 'b', (_, lane) => lane === 'control' && answered?.()),
  );
  const b = createSimplePeerLinks(
    createPeer,
    events('b', 'a', (_, lane, bytes) => {
      if (lane === 'control') b.send(LINK, 'control', bytes);
      const part = lane === 'pieces' ? decodePart(bytes) : undefined;
      const whole = part?.kind === 'part' ? intake.take(LINK, part, bytes) : undefined;
      if (whole !== undefined) arrived?.(whole.sequence);
    }),
  );
  sides.a = a;
  sides.b = b;
  await new Promise<void>((resolve, reject) => {
    bothOpen = resolve;
    refuse = reject;
    setTimeout(() => reject(new Error('the link did not open')), OPEN_WITHIN_MS);
    b.dial(LINK, { initiator: false, iceServers: [] });
    a.dial(LINK, { initiator: true, iceServers: [] });
  });
  return {
    piece: (sequence) =>
      timed((done) => {
        arrived = (whole) => whole === sequence && done();
        for (const message of partsOf(sequence)) a.send(LINK, 'pieces', message);
      }),
    ping: () =>
      timed((done) => {
        answered = done;
        a.send(LINK, 'control', new Uint8Array(16));
      }),
    close() {
      a.hangUp(LINK);
      b.hangUp(LINK);
    },
  };
};

const timed = (begin: (done: () => void) => void): Promise<number | undefined> =>
  new Promise((resolve) => {
    const began = performance.now();
    const timer = setTimeout(() => resolve(undefined), ARRIVE_WITHIN_MS);
    begin(() => {
      clearTimeout(timer);
      resolve(performance.now() - began);
    });
  });

const partsOf = (sequence: number): Uint8Array<ArrayBuffer>[] => {
  const header: PieceHeader = {
    kind: 'piece',
    keyframe: false,
    encrypted: true,
    last: false,
    length: PIECE_BODY_MAX,
    epochTag: 1,
    sequence,
    dtsMs: 0,
    cutMs: 0,
    generation: 0,
    tagStart: 0,
    groupOffset: 0,
  };
  const piece = new Uint8Array(PIECE_BYTES_MAX);
  piece.set(encodePieceHeader(header));
  return splitPiece(piece, header);
};
