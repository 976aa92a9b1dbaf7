import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from './bytes.ts';
import {
  PART_BYTES_MAX,
  PART_HEADER_BYTES,
  PARTS_PER_PIECE_MAX,
  PIECE_BODY_AT,
  PIECE_BODY_MAX,
  PIECE_HEADER_BYTES,
} from './limits.ts';
import {
  decodePart,
  decodePieceHeader,
  encodePieceHeader,
  groupStart,
  NO_TAG_START,
  type PieceHeader,
  partsBytes,
  pieceBytes,
  splitPiece,
} from './piece.ts';
import vectors from './piece-vectors.json' with { type: 'json' };
import { counting, pieceHeaders } from './testing/samples.ts';

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => fromHex(hex) ?? new Uint8Array(0);
const [example] = pieceHeaders;
if (example === undefined) throw new Error('no example');
const withByte = (at: number, value: number): Uint8Array => {
  const bytes = encodePieceHeader(example);
  bytes[at] = value;
  return bytes;
};

describe('the byte core and this room agree on', () => {
  test.each(vectors.pieces.map((piece) => [piece.name, piece] as const))(
    'the header of a piece: %s',
    (_name, piece) => {
      const wire = bytesOf(piece.wire);
      const header = decodePieceHeader(wire);
      expect(header).toEqual({ kind: 'piece', ...piece.header });
      if (header.kind === 'fault') throw new Error(header.detail);
      expect(pieceBytes(header)).toBe(wire.length);
      expect(toHex(encodePieceHeader(header))).toBe(piece.wire.slice(0, PIECE_HEADER_BYTES * 2));
      expect(wire.length - PIECE_BODY_AT).toBe(bytesOf(piece.clear).length);
    },
  );

  test('at least one of every flag', () => {
    const headers = vectors.pieces.map((piece) => piece.header);
    for (const flag of ['keyframe', 'encrypted', 'last'] as const) {
      expect(new Set(headers.map((header) => header[flag]))).toEqual(new Set([true, false]));
    }
    expect(headers.some((header) => header.tagStart === NO_TAG_START)).toBe(true);
  });
});

describe('a piece header', () => {
  test('is read back as it was written', () => {
    for (const header of pieceHeaders) expect(decodePieceHeader(encodePieceHeader(header))).toEqual(header);
  });

  test('is read from a longer piece, and not from a shorter one', () => {
    const bytes = encodePieceHeader(example);
    expect(decodePieceHeader(Uint8Array.of(...bytes, 1, 2, 3))).toEqual(example);
    expect(decodePieceHeader(bytes.subarray(0, -1))).toMatchObject({ code: 'wire/short' });
  });

  test('names the first piece of its group', () => {
    expect(groupStart({ ...example, sequence: 100, groupOffset: 7 })).toBe(93);
  });

  test.each<[string, Uint8Array, string]>([
    ['another frame type', withByte(0, 0x11), 'wire/unknown-kind'],
    ['a flag nobody knows', withByte(1, 8), 'wire/bad-field'],
    ['an empty body', encodePieceHeader({ ...example, length: 0 }), 'wire/bad-field'],
    ['a body above the limit', encodePieceHeader({ ...example, length: PIECE_BODY_MAX + 1 }), 'wire/bad-field'],
    [
      'a tag start behind the body',
      encodePieceHeader({ ...example, keyframe: false, length: 5, tagStart: 5 }),
      'wire/bad-field',
    ],
    ['a keyframe that does not begin with its tag', encodePieceHeader({ ...example, tagStart: 1 }), 'wire/bad-field'],
    ['a keyframe without a tag', encodePieceHeader({ ...example, tagStart: NO_TAG_START }), 'wire/bad-field'],
    ['a group from before the epoch', encodePieceHeader({ ...example, sequence: 3, groupOffset: 4 }), 'wire/bad-field'],
  ])('is refused for %s', (_name, bytes, code) =>
    expect(decodePieceHeader(bytes)).toMatchObject({ kind: 'fault', code }),
  );
});

describe('parts', () => {
  const whole = (length: number): { header: PieceHeader; piece: Uint8Array } => {
    const header = { ...example, length };
    const piece = counting(PIECE_BODY_AT + length);
    piece.set(encodePieceHeader(header));
    return { header, piece };
  };

  test('of every piece size put together are the piece, each within the limit', () => {
    for (const length of [1, 100, 4497, 4498, 4499, 5000, PIECE_BODY_MAX - 1, PIECE_BODY_MAX]) {
      const { header, piece } = whole(length);
      const messages = splitPiece(piece, header);
      const parts = messages.map((message) => decodePart(message));
      const payloads = parts.map((part) => (part.kind === 'part' ? part.payload : new Uint8Array(0)));
      expect(Buffer.compare(Buffer.concat(payloads), piece)).toBe(0);
      const { epochTag, sequence } = header;
      const places = parts.map((_part, index) => ({ kind: 'part', index, count: messages.length, epochTag, sequence }));
      expect(parts).toMatchObject(places);
      expect(Math.max(...messages.map((message) => message.length))).toBeLessThanOrEqual(PART_BYTES_MAX);
      expect(messages.length).toBeLessThanOrEqual(PARTS_PER_PIECE_MAX);
      expect(messages.reduce((sum, message) => sum + message.length, 0)).toBe(partsBytes(piece.length));
    }
  });

  test('own their bytes, so that each can be transferred', () => {
    const { header, piece } = whole(PIECE_BODY_MAX);
    for (const message of splitPiece(piece, header)) expect(message.buffer.byteLength).toBe(message.length);
  });

  const part = (place: number, payload = 4): Uint8Array =>
    Uint8Array.of(0x30, place, 1, 2, 3, 4, 5, 6, 7, 8, ...counting(payload));

  test('say their place', () => {
    expect(decodePart(part(0x12))).toMatchObject({ kind: 'part', index: 1, count: 2 });
  });

  test.each<[string, Uint8Array, string]>([
    ['a count of none', part(0x00), 'wire/bad-field'],
    ['a place behind the last', part(0x22), 'wire/bad-field'],
    ['more parts than a piece can have', part(PARTS_PER_PIECE_MAX + 1), 'wire/bad-field'],
    ['no payload', part(0x01, 0), 'wire/short'],
    ['a header cut short', part(0x01).subarray(0, PART_HEADER_BYTES - 1), 'wire/short'],
    ['another frame type', Uint8Array.of(0x31, ...part(0x01).subarray(1)), 'wire/unknown-kind'],
    ['a byte above the limit', part(0x01, PART_BYTES_MAX - PART_HEADER_BYTES + 1), 'wire/bad-field'],
  ])('are refused for %s', (_name, bytes, code) => expect(decodePart(bytes)).toMatchObject({ kind: 'fault', code }));

  test('at the limit are read', () => {
    expect(decodePart(part(0x01, PART_BYTES_MAX - PART_HEADER_BYTES))).toMatchObject({ kind: 'part' });
  });
});
