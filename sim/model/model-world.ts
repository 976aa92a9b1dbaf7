/**
 * What the model needs to know of a world: the same stream, people and network as the exact level, worked out once.
 */
import { substreamsFor } from '../../src/wire/head.ts';
import { PIECE_BODY_AT } from '../../src/wire/limits.ts';
import { partsBytes } from '../../src/wire/piece.ts';
import { planGroup } from '../ghost-cutter.ts';
import { type NetworkOptions, wireBytes } from '../network.ts';
import type { Weather } from '../worlds.ts';

/** A piece of every group of pictures. */
export interface PieceSlot {
  /** After the group's start, ms. */
  readonly atMs: number;
  /** On the way from the origin. */
  readonly originBytes: number;
  /** On a link as the engine counts them, headers of parts included, and as the line carries them. */
  readonly linkBytes: number;
  readonly wireBytes: number;
  readonly packets: number;
}

/** The world in numbers. */
export interface ModelWorld extends NetworkOptions {
  /** Viewers at a time. */
  readonly viewers: number;
  readonly seed: number;
  readonly gopMs: number;
  readonly slots: readonly PieceSlot[];
  /** Bytes of the pieces of a keyframe. */
  readonly keyBytes: number;
  readonly piecesPerSec: number;
  readonly substreams: number;
  readonly bytesPerSec: number;
  /** Mean uplink over all viewers in units of the bitrate. */
  readonly uplinkMean: number;
  readonly capBytesPerSec: number;
  /** What the origin may send, and round trips until it begins to. */
  readonly originBytesPerSec: number;
  readonly httpRtts: number;
  /** Everybody plays this long after the cut. */
  readonly playoutMs: number;
  /** Mean session; Infinity when nobody leaves by itself. */
  readonly sessionMs: number;
}

/** Payload of a full packet. */
const PACKET_BYTES = 1_163;

/** Works out the numbers. */
export const modelWorld = (
  weather: Weather,
  people: { readonly viewers: number; readonly sessionMs: number; readonly seed: number },
): ModelWorld => {
  const { slots: plan, keyPieces } = planGroup(weather);
  const slots = plan.map(({ atMs, bytes }) => {
    const originBytes = PIECE_BODY_AT + bytes;
    const linkBytes = partsBytes(originBytes);
    const packets = Math.ceil(linkBytes / PACKET_BYTES);
    return { atMs, originBytes, linkBytes, wireBytes: wireBytes(linkBytes), packets };
  });
  const piecesPerSec = (slots.length * 1000) / weather.gopMs;
  const { lines, unreachable, rttMedianMs, rttSpread, loss, lineLoss, jitterMs } = weather;
  return {
    ...people,
    ...{ lines, unreachable, rttMedianMs, rttSpread, loss, lineLoss, jitterMs },
    slots,
    piecesPerSec,
    gopMs: weather.gopMs,
    substreams: substreamsFor(piecesPerSec),
    bytesPerSec: weather.bitsPerSec / 8,
    uplinkMean: weather.uplinkMean,
    capBytesPerSec: weather.capBytesPerSec,
    originBytesPerSec: weather.originBytesPerSec,
    httpRtts: weather.httpRtts,
    keyBytes: keyPieces * (slots[0]?.originBytes ?? 0),
    playoutMs: weather.delayMs,
  };
};
