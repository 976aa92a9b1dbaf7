import { describe, expect, test } from 'vitest';
import { decodeHlsMessage, encodeHlsMessage, type HlsMessage, splitSegmentPiece, tagOfKey } from './hls-link.ts';
import { HLS_KEYS_MAX, HLS_PIECE_BYTES, HLS_WANT_MAX, LINK_MESSAGE_BYTES_MAX, PART_BYTES_MAX } from './limits.ts';
import { encodeLinkMessage } from './link.ts';
import { decodePart } from './piece.ts';
import { fuzz, type Target, truncate } from './testing/fuzz.ts';
import { hlsMessages } from './testing/hls-samples.ts';
import { counting } from './testing/samples.ts';

const target: Target<HlsMessage> = {
  name: 'segment message',
  decode: decodeHlsMessage,
  encode: encodeHlsMessage,
  samples: hlsMessages.map(encodeHlsMessage),
};

describe('messages about segments', () => {
  test.each(hlsMessages.map((message) => [message.kind, message] as const))(
    '%s survives the wire',
    (_kind, message) => {
      const bytes = encodeHlsMessage(message);
      expect(bytes.length).toBeLessThanOrEqual(LINK_MESSAGE_BYTES_MAX);
      expect(decodeHlsMessage(bytes)).toEqual(message);
    },
  );

  test('are refused when they are cut short', () => expect(truncate(target)).toBeUndefined());

  test.each([1, 2, 3])('give a faithful value or a typed fault, whatever comes (seed %i)', (seed) =>
    expect(fuzz(target, seed, 3000)).toBeUndefined(),
  );

  test('have limits: keys, pieces, size', () => {
    const key = '00'.repeat(8);
    const many = encodeHlsMessage({ kind: 'held', keys: Array.from({ length: HLS_KEYS_MAX + 1 }, () => key) });
    expect(decodeHlsMessage(many)).toMatchObject({ kind: 'fault', code: 'wire/bad-field' });
    const pieces = Array.from({ length: HLS_WANT_MAX + 1 }, (_, at) => at);
    expect(decodeHlsMessage(encodeHlsMessage({ kind: 'want', key, pieces }))).toMatchObject({ code: 'wire/bad-field' });
    expect(decodeHlsMessage(new Uint8Array(LINK_MESSAGE_BYTES_MAX + 1))).toMatchObject({ code: 'hls/bad-message' });
  });

  test('know none of the words of viewers of FLV but hello, status and bye', () => {
    const subscribe = encodeLinkMessage({ kind: 'subscribe', substream: 1, from: 0, rank: 0 });
    expect(decodeHlsMessage(subscribe)).toMatchObject({ kind: 'fault', code: 'hls/bad-message', detail: 'subscribe' });
  });
});

test('a piece crosses in parts that are read like those of any piece', () => {
  const piece = counting(HLS_PIECE_BYTES, 3);
  const parts = splitSegmentPiece('89abcdef01234567', 700, piece).map((part) => {
    expect(part.length).toBeLessThanOrEqual(PART_BYTES_MAX);
    return decodePart(part);
  });
  expect(parts.map((part) => part.kind === 'part' && [part.index, part.count, part.epochTag, part.sequence])).toEqual([
    [0, 2, tagOfKey('89abcdef01234567'), 700],
    [1, 2, 0x89abcdef, 700],
  ]);
  expect(Buffer.concat(parts.map((part) => (part.kind === 'part' ? part.payload : new Uint8Array(0))))).toEqual(
    Buffer.from(piece),
  );
});
