import { describe, expect, test } from 'vitest';
import { HEAD_FRAME } from './head.ts';
import {
  ANCESTORS_MAX,
  HAVE_BYTES_MAX,
  LINK_MESSAGE_BYTES_MAX,
  MISSING_MAX,
  SUBSTREAMS_MAX,
  WANT_MAX,
} from './limits.ts';
import { decodeLinkMessage, encodeLinkMessage, isHead, type LinkMessage } from './link.ts';
import { counting, linkMessages } from './testing/samples.ts';

const named = linkMessages.map((message, at): [string, LinkMessage] => [`${message.kind} (${at})`, message]);
const withByte = (message: LinkMessage, at: number, value: number): Uint8Array => {
  const bytes = encodeLinkMessage(message);
  bytes[at] = value;
  return bytes;
};

test.each(named)('%s is read back as it was written', (_name, message) => {
  expect(decodeLinkMessage(encodeLinkMessage(message))).toEqual(message);
});

test('every kind is among the examples', () => {
  const kinds = new Set(linkMessages.map((message) => message.kind));
  expect([...kinds].sort()).toEqual([
    'absent',
    'accept',
    'ancestors',
    'bye',
    'drop',
    'hello',
    'missing',
    'receipt',
    'refuse',
    'status',
    'subscribe',
    'unsubscribe',
    'want',
  ]);
});

describe('refuses', () => {
  const bad = { kind: 'fault', code: 'wire/bad-field' };

  test('an unknown kind, and nothing at all', () => {
    expect(decodeLinkMessage(Uint8Array.of(0x3e, 0))).toMatchObject({ code: 'wire/unknown-kind' });
    expect(decodeLinkMessage(new Uint8Array(0))).toMatchObject({ code: 'wire/short' });
  });

  test('a head or a piece part in place of a message', () => {
    expect(decodeLinkMessage(Uint8Array.of(HEAD_FRAME, 1))).toMatchObject({ code: 'wire/unknown-kind' });
    expect(decodeLinkMessage(Uint8Array.of(0x30, 1))).toMatchObject({ code: 'wire/unknown-kind' });
  });

  test('a message with a byte too many or too few', () => {
    for (const message of linkMessages) {
      const bytes = encodeLinkMessage(message);
      expect(decodeLinkMessage(Uint8Array.of(...bytes, 0))).toMatchObject({ code: 'wire/long' });
      expect(decodeLinkMessage(bytes.subarray(0, -1))).toMatchObject({ code: 'wire/short' });
    }
  });

  test('a substream above the width of a mask', () => {
    for (const kind of ['subscribe', 'unsubscribe', 'refuse', 'drop', 'accept', 'ancestors'] as const) {
      const message = linkMessages.find((each) => each.kind === kind);
      if (message === undefined) throw new Error(`no example of ${kind}`);
      expect(decodeLinkMessage(withByte(message, 1, SUBSTREAMS_MAX))).toMatchObject(bad);
      expect(decodeLinkMessage(withByte(message, 1, SUBSTREAMS_MAX - 1))).not.toMatchObject({ kind: 'fault' });
    }
  });

  test('a reason nobody knows', () => {
    expect(decodeLinkMessage(withByte({ kind: 'refuse', substream: 1, reason: 'full' }, 2, 7))).toMatchObject(bad);
    expect(decodeLinkMessage(withByte({ kind: 'drop', substream: 1, reason: 'full' }, 2, 255))).toMatchObject(bad);
    expect(decodeLinkMessage(withByte({ kind: 'bye', reason: 'idle' }, 1, 4))).toMatchObject(bad);
  });

  test('lists above their limits, even when all bytes are there', () => {
    const sequences = (count: number): number[] => new Array<number>(count).fill(1);
    for (const [kind, most] of [
      ['want', WANT_MAX],
      ['missing', MISSING_MAX],
      ['absent', WANT_MAX],
    ] as const) {
      expect(decodeLinkMessage(encodeLinkMessage({ kind, sequences: sequences(most) }))).toMatchObject({ kind });
      expect(decodeLinkMessage(encodeLinkMessage({ kind, sequences: sequences(most + 1) }))).toMatchObject(bad);
      expect(decodeLinkMessage(encodeLinkMessage({ kind, sequences: [] }))).toMatchObject(bad);
    }
    const ancestors = Array.from({ length: ANCESTORS_MAX + 1 }, () => counting(8));
    expect(decodeLinkMessage(encodeLinkMessage({ kind: 'accept', substream: 0, first: 0, ancestors }))).toMatchObject(
      bad,
    );
    expect(decodeLinkMessage(encodeLinkMessage({ kind: 'ancestors', substream: 0, ancestors }))).toMatchObject(bad);
  });

  test('a status with too much of anything', () => {
    const status = linkMessages.find((message) => message.kind === 'status');
    if (status === undefined) throw new Error('no example of a status');
    const have = new Uint8Array(HAVE_BYTES_MAX + 1);
    expect(decodeLinkMessage(encodeLinkMessage({ ...status, have }))).toMatchObject(bad);
    const lags = new Uint8Array(SUBSTREAMS_MAX + 1);
    const ranks = new Array<number>(SUBSTREAMS_MAX + 1).fill(0);
    expect(decodeLinkMessage(encodeLinkMessage({ ...status, lags, ranks }))).toMatchObject(bad);
  });

  test('a message above the size limit without reading it', () => {
    const huge = new Uint8Array(LINK_MESSAGE_BYTES_MAX + 1);
    huge[0] = 0x31;
    expect(decodeLinkMessage(huge)).toMatchObject({ code: 'wire/bad-field', detail: 'message size' });
    expect(decodeLinkMessage(huge.subarray(1))).toMatchObject({ code: 'wire/unknown-kind' });
  });
});

test('lists and ids are copies, so the received buffer can be reused', () => {
  const bytes = encodeLinkMessage({ kind: 'ancestors', substream: 1, ancestors: [counting(8)] });
  const message = decodeLinkMessage(bytes);
  bytes.fill(0);
  expect(message).toEqual({ kind: 'ancestors', substream: 1, ancestors: [counting(8)] });
});

test('a head is told by its first byte', () => {
  expect(isHead(Uint8Array.of(HEAD_FRAME))).toBe(true);
  expect(isHead(new Uint8Array(0))).toBe(false);
  for (const message of linkMessages) expect(isHead(encodeLinkMessage(message))).toBe(false);
});
