import { describe, expect, test } from 'vitest';
import {
  CHANNEL_DESC_MAX,
  CHANNEL_NAME_MAX,
  PUSH_CHANNELS_MAX,
  ROOM_ANSWER_BYTES_MAX,
  ROOM_MEMBERS_MAX,
  ROOM_MESSAGE_BYTES_MAX,
  ROOM_NAME_MAX,
  ROOM_TOKEN_MAX,
} from './limits.ts';
import { decodeRoomAnswer, decodeRoomRequest, encodeRoom, isStreamCode, type RoomRequest } from './room.ts';
import { roomAnswers, roomRequests } from './testing/room-samples.ts';

const code = '8888_81265058829fd2e50c8ec2ac78d55127';
const enter = roomRequests[0];
const push = roomRequests.find(({ kind }) => kind === 'start-push');

describe('messages of a room', () => {
  test.each(roomRequests)('come back as they were said: $kind', (request) =>
    expect(decodeRoomRequest(encodeRoom(request))).toEqual(request),
  );
  test.each(roomAnswers)('come back as they were answered: $kind', (answer) =>
    expect(decodeRoomAnswer(encodeRoom(answer))).toEqual(answer),
  );

  test.each([
    ['no JSON', '{'],
    ['no number to answer to', JSON.stringify({ kind: 'leave' })],
    ['number zero, which is nobody', JSON.stringify({ kind: 'leave', ask: 0 })],
    ['an unknown kind', JSON.stringify({ kind: 'dance', ask: 1 })],
    ['a room without a name', JSON.stringify({ ...enter, room: '' })],
    ['a name that is too long', JSON.stringify({ ...enter, user: 'x'.repeat(ROOM_NAME_MAX + 1) })],
    ['a name that breaks a line', JSON.stringify({ ...enter, user: 'a\nb' })],
    ['a token that is too long', JSON.stringify({ ...enter, token: 'x'.repeat(ROOM_TOKEN_MAX + 1) })],
    ['a bizid that is none', JSON.stringify({ ...enter, bizid: '8888' })],
    ['a track nobody has', JSON.stringify({ kind: 'open', ask: 1, track: 'third' })],
    ['formats there are not', JSON.stringify({ ...push, record: 8 })],
    ['a form there is not', JSON.stringify({ ...push, encode: ['dash'] })],
    ['a channel name that is too long', JSON.stringify({ ...push, channelName: 'x'.repeat(CHANNEL_NAME_MAX + 1) })],
    ['a description that is too long', JSON.stringify({ ...push, channelDesc: 'x'.repeat(CHANNEL_DESC_MAX + 1) })],
    ['a channel that is no code', JSON.stringify({ kind: 'stop-push', ask: 1, channels: ['8888_x'] })],
    [
      'too many channels',
      JSON.stringify({
        kind: 'stop-push',
        ask: 1,
        channels: Array.from({ length: PUSH_CHANNELS_MAX + 1 }, () => code),
      }),
    ],
    ['nothing to record', JSON.stringify({ kind: 'start-record', ask: 1, track: 'main', formats: 0 })],
    ['far too much', JSON.stringify({ ...enter, padding: 'x'.repeat(ROOM_MESSAGE_BYTES_MAX) })],
  ])('are refused: %s', (_what, text) => expect(decodeRoomRequest(text)).toMatchObject({ code: 'room/bad-message' }));

  test.each([
    ['a failure with an unknown code', JSON.stringify({ kind: 'failed', ask: 1, code: 'room/rain', detail: '' })],
    ['a push of no state', JSON.stringify({ kind: 'push', track: 'main', state: 'odd', channelId: code, urls: [] })],
    ['a member without tracks', JSON.stringify({ kind: 'member', user: 'a' })],
    ['news with a number', JSON.stringify({ kind: 'gone', ask: 1, user: 'a' })],
    ['an answer without its number', JSON.stringify({ kind: 'closed', track: 'main' })],
  ])('are refused as answers: %s', (_what, text) =>
    expect(decodeRoomAnswer(text)).toMatchObject({ code: 'room/bad-message' }),
  );

  test('the longest texts there can be still fit', () => {
    const wide = '\u{1f600}'.repeat(ROOM_NAME_MAX / 2);
    const request: RoomRequest = {
      kind: 'start-push',
      ask: 0xffff_ffff,
      track: 'main',
      encode: ['flv', 'hls', 'rtmp'],
      record: 7,
      channelName: '"'.repeat(CHANNEL_NAME_MAX),
      channelDesc: '"'.repeat(CHANNEL_DESC_MAX),
    };
    expect(encodeRoom(request).length).toBeLessThan(ROOM_MESSAGE_BYTES_MAX);
    const members = Array.from({ length: ROOM_MEMBERS_MAX }, () => ({ user: wide, tracks: ['main', 'aux'] as const }));
    const answer = encodeRoom({ kind: 'entered', ask: 1, bypass: 'auto', record: 'auto', formats: 7, members });
    expect(answer.length).toBeLessThan(ROOM_ANSWER_BYTES_MAX);
    expect(decodeRoomAnswer(answer)).toMatchObject({ kind: 'entered' });
  });

  test('a stream code is a number and 32 hexadecimal digits', () => {
    expect(isStreamCode(code)).toBe(true);
    for (const text of ['', '8888', code.toUpperCase(), `${code}0`, `x${code}`]) expect(isStreamCode(text)).toBe(false);
  });
});
