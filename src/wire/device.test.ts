import { describe, expect, test } from 'vitest';
import {
  decodeCallMessage,
  decodeMeetingAnswer,
  decodeMeetingRequest,
  encodeCallMessage,
  encodeMeeting,
} from './device.ts';
import { DEVICE_INFO_MAX, SIGNAL_BYTES_MAX, SIGNATURE_BYTES } from './limits.ts';
import { meetingAnswers, meetingRequests } from './testing/device-samples.ts';

describe('messages at the meeting place', () => {
  test.each(meetingRequests)('come back as they were said: $kind', (request) =>
    expect(decodeMeetingRequest(encodeMeeting(request))).toEqual(request),
  );
  test.each(meetingAnswers)('come back as they were answered: $kind', (answer) =>
    expect(decodeMeetingAnswer(encodeMeeting(answer))).toEqual(answer),
  );

  test.each([
    ['no JSON', '{'],
    ['an unknown kind', '{"kind":"dance"}'],
    ['a register without a proof', '{"kind":"register","version":1,"productId":"a","deviceName":"b","key":""}'],
    ['a name that is none', JSON.stringify({ ...meetingRequests[0], productId: 'a b' })],
    ['an info that is too long', JSON.stringify({ kind: 'call', version: 1, info: 'x'.repeat(DEVICE_INFO_MAX + 1) })],
    ['a signal that is too long', JSON.stringify({ kind: 'signal', call: 1, data: 'x'.repeat(SIGNAL_BYTES_MAX + 1) })],
    ['a call that is no number', '{"kind":"hang-up","call":"1"}'],
    ['a refusal with an unknown code', '{"kind":"refuse","call":1,"code":"device/bored"}'],
    ['far too much', ' '.repeat(40_000)],
  ])('are refused: %s', (_what, text) =>
    expect(decodeMeetingRequest(text)).toMatchObject({ code: 'device/bad-message' }),
  );

  test.each([
    ['ICE servers that are none', '{"kind":"challenge","nonce":"a","iceServers":[{}]}'],
    ['an unknown kind', '{"kind":"dance"}'],
    ['a call without a number', '{"kind":"called","info":""}'],
    ['a refusal without a code', '{"kind":"refused","call":1}'],
  ])('are refused as answers: %s', (_what, text) =>
    expect(decodeMeetingAnswer(text)).toMatchObject({ code: 'device/bad-message' }),
  );
});

describe('messages of a call', () => {
  test('come back as they were said', () => {
    const signature = new Uint8Array(SIGNATURE_BYTES).fill(7);
    expect(decodeCallMessage(encodeCallMessage({ kind: 'beat' }))).toEqual({ kind: 'beat' });
    expect(decodeCallMessage(encodeCallMessage({ kind: 'proof', signature }))).toEqual({ kind: 'proof', signature });
  });

  test.each([0, 2, 63, 65, 5000])('are refused with %i bytes', (length) =>
    expect(decodeCallMessage(new Uint8Array(length))).toMatchObject({ code: 'device/bad-message' }),
  );

  test('are refused when a single byte is no beat', () =>
    expect(decodeCallMessage(Uint8Array.of(1))).toMatchObject({ code: 'device/bad-message' }));
});
