import { describe, expect, test } from 'vitest';
import { random } from '../../wasm/testing/random.ts';
import { encodeHeadBody, sealHead } from './head.ts';
import {
  HEAD_BYTES_MAX,
  ORIGIN_REQUEST_BYTES_MAX,
  PIECE_BODY_MAX,
  PIECE_BYTES_MAX,
  PRELUDE_BYTES_MAX,
  WANT_MAX,
} from './limits.ts';
import {
  decodeOriginFrame,
  decodeOriginRequest,
  encodeOriginFrame,
  encodeOriginRequest,
  frameLength,
  type OriginFrame,
  type OriginRequest,
} from './origin.ts';
import { encodePieceHeader } from './piece.ts';
import { counting, headFields, originFrames, originRequests, pieceHeaders } from './testing/samples.ts';

const bad = { kind: 'fault', code: 'wire/bad-field' };
const head = (preludeBytes: number): Uint8Array =>
  sealHead(encodeHeadBody({ ...headFields, prelude: new Uint8Array(preludeBytes) }), new Uint8Array(64));
const pieces = pieceHeaders.map((header) => {
  const piece = new Uint8Array(92 + header.length);
  piece.set(encodePieceHeader(header));
  return piece;
});

test.each(originFrames.map((frame, at): [string, OriginFrame] => [`${frame.kind} (${at})`, frame]))(
  'frame %s is read back as it was written',
  (_name, frame) => expect(decodeOriginFrame(encodeOriginFrame(frame))).toEqual(frame),
);

test.each(originRequests.map((request, at): [string, OriginRequest] => [`${request.kind} (${at})`, request]))(
  'request %s is read back as it was written',
  (_name, request) => expect(decodeOriginRequest(encodeOriginRequest(request))).toEqual(request),
);

describe('frames', () => {
  test('with a byte too many or too few are faults', () => {
    for (const frame of originFrames) {
      const bytes = encodeOriginFrame(frame);
      expect(decodeOriginFrame(Uint8Array.of(...bytes, 0))).toMatchObject({ code: 'wire/long' });
      expect(decodeOriginFrame(bytes.subarray(0, -1))).toMatchObject({ kind: 'fault' });
    }
  });

  test('of an unknown kind, pieces and heads included, are faults', () => {
    for (const type of [0, 0x10, 0x11, 0x18, 0x20, 0xff]) {
      expect(decodeOriginFrame(Uint8Array.of(type, 0, 0))).toMatchObject({ code: 'wire/unknown-kind' });
    }
  });

  test('refuse an end reason nobody knows', () => {
    expect(decodeOriginFrame(Uint8Array.of(0x14, 5))).toMatchObject(bad);
  });

  test('refuse a key that is neither 32 bytes in clear nor 72 wrapped', () => {
    const key = (form: number, length: number): Uint8Array =>
      Uint8Array.of(0x12, 0, 1, form, 0, 0, 0, 0, length, ...counting(length));
    expect(decodeOriginFrame(key(0, 32))).toMatchObject({ kind: 'key', wrapped: false });
    expect(decodeOriginFrame(key(1, 72))).toMatchObject({ kind: 'key', wrapped: true });
    for (const [form, length] of [
      [0, 72],
      [1, 32],
      [0, 0],
      [1, 73],
      [0, 31],
      [2, 32],
    ] as const) {
      expect(decodeOriginFrame(key(form, length))).toMatchObject(bad);
    }
  });
});

describe('requests', () => {
  test('with a byte too many or too few are faults', () => {
    for (const request of originRequests) {
      const bytes = encodeOriginRequest(request);
      expect(decodeOriginRequest(Uint8Array.of(...bytes, 0))).toMatchObject({ code: 'wire/long' });
      expect(decodeOriginRequest(bytes.subarray(0, -1))).toMatchObject({ kind: 'fault' });
    }
  });

  test('refuse a want of nothing and of too much', () => {
    const want = (count: number): Uint8Array =>
      encodeOriginRequest({ kind: 'want', sequences: new Array<number>(count).fill(1) });
    expect(decodeOriginRequest(want(WANT_MAX))).toMatchObject({ kind: 'want' });
    expect(decodeOriginRequest(want(WANT_MAX + 1))).toMatchObject(bad);
    expect(decodeOriginRequest(want(0))).toMatchObject(bad);
  });

  test('above the size limit are refused unread', () => {
    expect(decodeOriginRequest(new Uint8Array(ORIGIN_REQUEST_BYTES_MAX + 1).fill(0x22))).toMatchObject({
      detail: 'request size',
    });
  });

  test('cannot be told from frames by mistake', () => {
    for (const request of originRequests) {
      expect(decodeOriginFrame(encodeOriginRequest(request))).toMatchObject({ code: 'wire/unknown-kind' });
    }
    for (const frame of originFrames) {
      expect(decodeOriginRequest(encodeOriginFrame(frame))).toMatchObject({ code: 'wire/unknown-kind' });
    }
  });
});

describe('frameLength', () => {
  const frames = [...originFrames.map(encodeOriginFrame), ...pieces, head(0), head(PRELUDE_BYTES_MAX)];

  test('knows every frame by its start', () => {
    for (const frame of frames) {
      expect(frameLength(frame)).toBe(frame.length);
      expect(frameLength(Uint8Array.of(...frame.subarray(0, 200), 1, 2, 3))).toBe(frame.length);
    }
    expect(frameLength(head(PRELUDE_BYTES_MAX))).toBeLessThanOrEqual(HEAD_BYTES_MAX);
  });

  test('asks for more where the start does not say it yet, and never guesses', () => {
    for (const frame of frames) {
      for (let length = 0; length < Math.min(frame.length, 120); length++) {
        expect([0, frame.length]).toContain(frameLength(frame.subarray(0, length)));
      }
    }
  });

  const small = frames.filter((frame) => frame.length < 300);
  test.each([
    ['small frames in crumbs', small, 7],
    ['all frames in chunks', frames, 9000],
  ])('splits %s, cut anywhere', (_name, sent, most) => {
    const dice = random(11);
    const whole = Buffer.concat(sent);
    for (let run = 0; run < 20; run++) {
      const found: Uint8Array[] = [];
      let kept = new Uint8Array(0);
      for (let at = 0; at < whole.length; ) {
        const chunk = whole.subarray(at, at + 1 + dice.below(most));
        at += chunk.length;
        kept = takeFrames(Uint8Array.from(Buffer.concat([kept, chunk])), found);
      }
      expect(kept.length).toBe(0);
      expect(found.map((frame) => Buffer.compare(frame, sent[found.indexOf(frame)] ?? kept))).toEqual(
        sent.map(() => 0),
      );
    }
  });

  test('refuses what cannot be a frame', () => {
    for (const type of [0, 0x0f, 0x18, 0x20, 0x30, 0xff]) {
      expect(frameLength(Uint8Array.of(type))).toMatchObject({ code: 'wire/unknown-kind' });
    }
    expect(frameLength(Uint8Array.of(0x10, 0, 0, 0))).toMatchObject(bad);
    const tooLong = PIECE_BODY_MAX + 1;
    expect(frameLength(Uint8Array.of(0x10, 0, tooLong >> 8, tooLong & 255))).toMatchObject(bad);
    expect(frameLength(Uint8Array.of(0x12, 0, 0, 0, 0, 0, 0, 0, 73))).toMatchObject(bad);
    const wide = head(0).slice();
    new DataView(wide.buffer).setUint16(96, PRELUDE_BYTES_MAX + 1);
    expect(frameLength(wide)).toMatchObject(bad);
  });

  test('never promises more than the largest frame', () => {
    const dice = random(12);
    for (let run = 0; run < 5000; run++) {
      const start = Uint8Array.from({ length: dice.below(110) }, () => dice.below(256));
      if (start.length > 0) start[0] = 0x10 + dice.below(8);
      const length = frameLength(start);
      if (typeof length === 'number') expect(length).toBeLessThanOrEqual(Math.max(HEAD_BYTES_MAX, PIECE_BYTES_MAX));
    }
  });
});

/** Takes whole frames off the front; what is left. */
const takeFrames = (bytes: Uint8Array<ArrayBuffer>, found: Uint8Array[]): Uint8Array<ArrayBuffer> => {
  let at = 0;
  for (;;) {
    const length = frameLength(bytes.subarray(at));
    if (typeof length !== 'number') throw new Error(length.detail);
    if (length === 0 || at + length > bytes.length) return bytes.slice(at);
    found.push(bytes.slice(at, at + length));
    at += length;
  }
};
