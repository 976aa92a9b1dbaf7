import { describe, expect, test } from 'vitest';
import { REQUEST_BODY_MAX, REQUEST_TARGET_MAX } from './limits.ts';
import { decodeRequestFrame, encodeRequestFrame } from './request.ts';
import { requestFrames } from './testing/request-samples.ts';

const text = (kind: number, value: unknown): Uint8Array =>
  Uint8Array.from([kind, ...new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))]);

describe('frames of a request', () => {
  test.each(requestFrames)('come back as they were written: $kind', (frame) =>
    expect(decodeRequestFrame(encodeRequestFrame(frame))).toEqual(frame),
  );

  test.each([
    ['nothing', new Uint8Array(0)],
    ['an unknown kind', Uint8Array.of(0x6f)],
    ['an ask without a target', text(0x60, {})],
    ['an ask for nothing', text(0x60, { target: '' })],
    ['an ask that is too long', text(0x60, { target: 'x'.repeat(REQUEST_TARGET_MAX + 1) })],
    ['no JSON', text(0x60, '{')],
    ['an answer without a status', text(0x61, { headers: {} })],
    ['a status that is none', text(0x61, { status: 9000, headers: {} })],
    ['headers that are none', text(0x61, { status: 200, headers: { 'X Y': 'z' } })],
    ['a header that is no text', text(0x61, { status: 200, headers: { length: 5 } })],
    [
      'too many headers',
      text(0x61, { status: 200, headers: Object.fromEntries([...Array(20)].map((_, at) => [`h${at}`, ''])) }),
    ],
    ['an empty body', Uint8Array.of(0x62)],
    ['a body that is too long', new Uint8Array(REQUEST_BODY_MAX + 2).fill(0x62)],
    ['an end with something after it', Uint8Array.of(0x63, 0)],
    ['no room', Uint8Array.of(0x65, 0, 0, 0, 0)],
  ])('are refused: %s', (_what, bytes) =>
    expect(decodeRequestFrame(bytes)).toMatchObject({ code: 'request/malformed' }),
  );
});
