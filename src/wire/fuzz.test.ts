/**
 * Every binary decoder against broken input, and the harness against decoders that are broken on purpose.
 */
import { describe, expect, test } from 'vitest';
import { type Fault, fault } from '../errors.ts';
import { decodeHead, encodeHeadBody, type SealedHead, sealHead } from './head.ts';
import { decodeLinkMessage, encodeLinkMessage, type LinkMessage } from './link.ts';
import { decodeOriginFrame, decodeOriginRequest, encodeOriginFrame, encodeOriginRequest } from './origin.ts';
import { decodePart, decodePieceHeader, encodePieceHeader, type Part, type PieceHeader, splitPiece } from './piece.ts';
import { decodeReceipts, encodeReceipts, type Receipts } from './receipts.ts';
import { fuzz, type Target, truncate } from './testing/fuzz.ts';
import {
  counting,
  headFields,
  linkMessages,
  originFrames,
  originRequests,
  pieceHeaders,
  tokenFields,
} from './testing/samples.ts';
import { decodeToken, encodeTokenBody, type SealedToken, sealToken } from './token.ts';

const signature = counting(64, 3);
const HEADER_BYTES = 28;

const link: Target<LinkMessage> = {
  name: 'link message',
  decode: decodeLinkMessage,
  encode: encodeLinkMessage,
  samples: linkMessages.map(encodeLinkMessage),
};
const part: Target<Part> = {
  name: 'part',
  decode: decodePart,
  encode: ({ index, count, epochTag, sequence, payload }) => {
    const bytes = new Uint8Array(10 + payload.length);
    const view = new DataView(bytes.buffer);
    bytes.set([0x30, (index << 4) | count]);
    view.setUint32(2, epochTag);
    view.setUint32(6, sequence);
    bytes.set(payload, 10);
    return bytes;
  },
  samples: pieceHeaders.flatMap((header) => splitPiece(counting(92 + Math.min(300, header.length)), header)),
};
const receiptsOf = (count: number): Receipts => ({
  sequence: 7 + count,
  entries: Array.from({ length: count }, (_, at) => ({
    token: counting(158, at),
    received: 1000 + at,
    sent: 0xffff_ffff_ffff,
    signature: counting(64, at),
  })),
});
const targets = [
  link,
  {
    name: 'origin frame',
    decode: decodeOriginFrame,
    encode: encodeOriginFrame,
    samples: originFrames.map(encodeOriginFrame),
  },
  {
    name: 'origin request',
    decode: decodeOriginRequest,
    encode: encodeOriginRequest,
    samples: originRequests.map(encodeOriginRequest),
  },
  {
    name: 'head',
    decode: decodeHead,
    encode: ({ head, signature: seal }) => sealHead(encodeHeadBody(head), seal),
    samples: [sealHead(encodeHeadBody(headFields), signature)],
  } satisfies Target<SealedHead>,
  {
    name: 'token',
    decode: decodeToken,
    encode: ({ token, signature: seal }) => sealToken(encodeTokenBody(token), seal),
    samples: [sealToken(encodeTokenBody(tokenFields), signature)],
  } satisfies Target<SealedToken>,
  {
    name: 'piece header',
    decode: (bytes) => (bytes.length > HEADER_BYTES ? fault('wire/long', 'header') : decodePieceHeader(bytes)),
    encode: encodePieceHeader,
    samples: pieceHeaders.map(encodePieceHeader),
  } satisfies Target<PieceHeader>,
  {
    name: 'receipts',
    decode: decodeReceipts,
    encode: encodeReceipts,
    samples: [0, 1, 3].map((count) => encodeReceipts(receiptsOf(count))),
  } satisfies Target<Receipts>,
] as readonly Target<unknown>[];

describe.each(targets.map((target) => [target.name, target] as const))('%s', (_name, target) => {
  test('accepts its own examples as they are', () => {
    for (const sample of target.samples) expect(target.encode?.(target.decode(sample))).toEqual(sample);
  });

  test('refuses every example that is cut short', () => expect(truncate(target)).toBeUndefined());

  test.each([1, 2, 3])('gives a faithful value or a typed fault, whatever comes (seed %i)', (seed) =>
    expect(fuzz(target, seed, 3000)).toBeUndefined(),
  );
});

test('a part gives back its bytes or a typed fault, whatever comes', () => {
  for (const seed of [1, 2, 3]) expect(fuzz(part, seed, 3000)).toBeUndefined();
});

describe('the harness catches a decoder that', () => {
  const caught = <T>(decode: (bytes: Uint8Array) => T | Fault, encode?: (value: T) => Uint8Array): string | undefined =>
    fuzz({ name: 'canary', decode, samples: link.samples, ...(encode === undefined ? {} : { encode }) }, 1, 3000);

  test('reads past the end', () => {
    const decode = (bytes: Uint8Array) => ({
      kind: 'x',
      word: new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0),
    });
    expect(caught(decode)).toContain('threw RangeError');
  });

  test('forgets to check for bytes left over', () => {
    const decode = (bytes: Uint8Array): LinkMessage | Fault => {
      const message = decodeLinkMessage(bytes);
      return message.kind === 'fault' && message.code === 'wire/long' ? { kind: 'unsubscribe', substream: 0 } : message;
    };
    expect(caught(decode, encodeLinkMessage)).toContain('accepted, but encodes to');
  });

  test('makes up a code', () => {
    const decode = (): Fault => ({ ...fault('wire/short', ''), code: 'wire/whatever' as Fault['code'] });
    expect(caught(decode)).toContain('unknown code');
  });

  test('writes into what it reads', () => {
    const decode = (bytes: Uint8Array): Fault => {
      bytes.fill(0);
      return fault('wire/short', '');
    };
    expect(caught(decode)).toContain('changed its input');
  });

  test('gives nothing', () => expect(caught(() => undefined as unknown as Fault)).toContain('gave undefined'));

  test('accepts what is cut short', () => {
    const decode = (bytes: Uint8Array): LinkMessage | Fault =>
      bytes.length < 2 ? fault('wire/short', '') : { kind: 'unsubscribe', substream: 0 };
    expect(truncate({ name: 'canary', decode, samples: link.samples })).toContain('were accepted');
  });
});
