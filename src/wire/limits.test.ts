import { describe, expect, test } from 'vitest';
import { toBase64Url } from './bytes.ts';
import { encodeHeadBody, sealHead } from './head.ts';
import * as limits from './limits.ts';
import { encodeLinkMessage } from './link.ts';
import { encodeOriginRequest } from './origin.ts';
import { splitPiece } from './piece.ts';
import { encodeReceipts, RECEIPTS_BYTES_MAX } from './receipts.ts';
import { trackerAnswers, trackerRequests } from './testing/json-samples.ts';
import { headFields, linkMessages, originRequests, pieceHeaders } from './testing/samples.ts';
import { decodeTrackerRequest, encodeTrackerMessage, type TrackerAnswer } from './tracker.ts';

describe('sizes fit into each other', () => {
  test('a piece is header, signature and body', () => {
    expect(limits.PIECE_BODY_AT).toBe(limits.PIECE_HEADER_BYTES + limits.SIGNATURE_BYTES);
    expect(limits.PIECE_BYTES_MAX).toBe(limits.PIECE_BODY_AT + limits.PIECE_BODY_MAX);
    expect(limits.PIECE_BODY_MAX).toBeLessThan(0xffff);
  });

  test('header and signature are at most 2 % of a stream of full pieces', () => {
    expect(limits.PIECE_BODY_AT / limits.PIECE_BODY_MAX).toBeLessThan(0.02);
  });

  test('the largest piece fits into its parts, and one part less would not do', () => {
    const payload = limits.PART_BYTES_MAX - limits.PART_HEADER_BYTES;
    expect(limits.PARTS_PER_PIECE_MAX * payload).toBeGreaterThanOrEqual(limits.PIECE_BYTES_MAX);
    expect((limits.PARTS_PER_PIECE_MAX - 1) * payload).toBeLessThan(limits.PIECE_BYTES_MAX);
    expect(limits.PARTS_PER_PIECE_MAX).toBeLessThan(16);
    const [header] = pieceHeaders;
    if (header === undefined) throw new Error('no example');
    expect(splitPiece(new Uint8Array(limits.PIECE_BYTES_MAX), header).length).toBe(limits.PARTS_PER_PIECE_MAX);
  });

  test('the largest head fits, and its prelude length into 16 bits', () => {
    const head = sealHead(
      encodeHeadBody({ ...headFields, prelude: new Uint8Array(limits.PRELUDE_BYTES_MAX) }),
      new Uint8Array(limits.SIGNATURE_BYTES),
    );
    expect(head.length).toBeLessThanOrEqual(limits.HEAD_BYTES_MAX);
    expect(limits.PRELUDE_BYTES_MAX).toBeLessThanOrEqual(0xffff);
  });

  test('a head fits into one data-channel message of every browser', () => {
    expect(limits.HEAD_BYTES_MAX).toBeLessThan(65_536);
  });

  test('the fullest link messages and origin requests are within their limits', () => {
    for (const message of linkMessages)
      expect(encodeLinkMessage(message).length).toBeLessThanOrEqual(limits.LINK_MESSAGE_BYTES_MAX);
    for (const request of originRequests) {
      expect(encodeOriginRequest(request).length).toBeLessThanOrEqual(limits.ORIGIN_REQUEST_BYTES_MAX);
    }
  });

  test('the largest hand-in of receipts fits into a tracker message', () => {
    const entry = { token: new Uint8Array(158), received: 0, sent: 0, signature: new Uint8Array(64) };
    const body = encodeReceipts({ sequence: 0, entries: Array.from({ length: limits.RECEIPTS_MAX }, () => entry) });
    expect(body.length).toBe(RECEIPTS_BYTES_MAX);
    const signature = toBase64Url(new Uint8Array(64));
    const text = encodeTrackerMessage({ kind: 'receipts', body: toBase64Url(body), signature });
    expect(text.length).toBeLessThanOrEqual(limits.TRACKER_MESSAGE_BYTES_MAX);
    expect(decodeTrackerRequest(text).kind).toBe('receipts');
    const longer = encodeTrackerMessage({ kind: 'receipts', body: `${toBase64Url(body)}AAAA`, signature });
    expect(decodeTrackerRequest(longer).kind).toBe('fault');
  });

  test('a mask has a bit for every substream, and lists a byte for their length', () => {
    expect(limits.SUBSTREAMS_MAX).toBe(32);
    expect(limits.SUBSTREAMS_MIN).toBeGreaterThan(0);
    for (const most of [limits.WANT_MAX, limits.MISSING_MAX, limits.ANCESTORS_MAX, limits.HAVE_BYTES_MAX]) {
      expect(most).toBeLessThanOrEqual(255);
    }
  });

  test('a token is its fields and a signature', () => {
    const fields = 1 + 1 + 4 + 6 + 6 + 4 + limits.VIEWER_ID_BYTES + limits.ID_BYTES + limits.ID_BYTES;
    expect(limits.TOKEN_BYTES).toBe(fields + limits.SIGNATURE_BYTES);
  });

  test('the fullest tracker messages are within their limit, escaped or not', () => {
    const [first] = trackerAnswers;
    const fullest: TrackerAnswer[] = trackerAnswers.map((answer) => {
      if (answer.kind === 'signal') return { ...answer, data: '"'.repeat(limits.SIGNAL_BYTES_MAX) };
      if (answer.kind === 'joined' || answer.kind === 'neighbours') {
        return { ...answer, neighbours: new Array<string>(limits.NEIGHBOURS_PER_ANSWER_MAX).fill('0011223344556677') };
      }
      return answer;
    });
    expect(first?.kind).toBe('joined');
    for (const message of [...fullest, ...trackerRequests]) {
      expect(encodeTrackerMessage(message).length).toBeLessThanOrEqual(limits.TRACKER_MESSAGE_BYTES_MAX);
    }
  });
});

describe('rates leave room for honest use', () => {
  test('bursts are more than a second of the rate', () => {
    expect(limits.LINK_CONTROL_BURST).toBeGreaterThan(limits.LINK_CONTROL_RATE);
    expect(limits.LINK_PIECES_BURST).toBeGreaterThan(limits.LINK_PIECES_RATE);
    expect(limits.TRACKER_BURST).toBeGreaterThan(limits.TRACKER_RATE);
    expect(limits.ORIGIN_BURST).toBeGreaterThan(limits.ORIGIN_RATE);
  });

  test('a link can carry a whole 20 Mbit/s stream from one parent, in parts', () => {
    const piecesPerSec = 20_000_000 / 8 / limits.PIECE_BODY_MAX;
    expect(limits.LINK_PIECES_RATE).toBeGreaterThan(piecesPerSec * limits.PARTS_PER_PIECE_MAX);
  });

  test('a new neighbour may ask for every substream at once', () => {
    expect(limits.LINK_CONTROL_BURST).toBeGreaterThan(2 * limits.SUBSTREAMS_MAX);
  });

  test('a viewer may dial as many neighbours as one answer names, three signals each', () => {
    expect(limits.TRACKER_BURST).toBeGreaterThan(3 * limits.NEIGHBOURS_PER_ANSWER_MAX);
  });
});

test('every limit is a positive whole number', () => {
  for (const [name, value] of Object.entries(limits)) expect(Number.isSafeInteger(value) && value > 0, name).toBe(true);
});
