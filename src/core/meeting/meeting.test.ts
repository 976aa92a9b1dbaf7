import { describe, expect, test } from 'vitest';
import { toBase64Url } from '../../wire/bytes.ts';
import { DEVICE_BURST, DEVICE_CALLS_MAX } from '../../wire/limits.ts';
import { call, infoOf, Place, WALL } from './testing/place.ts';

describe('a device and a page', () => {
  test('meet, signal and part', () => {
    const place = new Place();
    place.device(1, 7);
    place.open(2);
    place.say(2, call(infoOf(7)));
    expect(place.heard()).toEqual(['1 challenge', '1 registered', '2 challenge', '2 called 1', '1 called 1']);
    place.say(2, { kind: 'signal', call: 1, data: 'offer' });
    place.say(1, { kind: 'signal', call: 1, data: 'answer' });
    place.say(2, { kind: 'hang-up', call: 1 });
    place.say(1, { kind: 'signal', call: 1, data: 'late' });
    expect(place.heard()).toEqual(['1 signal 1 offer', '2 signal 1 answer', '1 hung-up 1']);
    expect(place.meeting.counts).toEqual({ devices: 1, calls: 0 });
  });

  test('part when either is gone', () => {
    const place = new Place();
    place.device(1, 7);
    place.open(2);
    place.say(2, call(infoOf(7)));
    place.heard();
    place.handle({ kind: 'closed', connection: 1 });
    expect(place.heard()).toEqual(['2 hung-up 1']);
    expect(place.meeting.counts).toEqual({ devices: 0, calls: 0 });
  });

  test('part when the device does not want to', () => {
    const place = new Place();
    place.device(1, 7);
    place.open(2);
    place.say(2, call(infoOf(7)));
    place.heard();
    place.say(1, { kind: 'refuse', call: 1, code: 'device/busy' });
    expect(place.heard()).toEqual(['2 refused 1 device/busy']);
  });
});

describe('a caller', () => {
  test.each([
    ['whose info is signed by another key', infoOf(7, {}, 8), 'device/bad-info'],
    ['whose info has expired', infoOf(7, { expiresMs: WALL }), 'device/expired-info'],
    ['of a device that is not there', infoOf(7, { deviceName: 'window' }), 'device/not-there'],
    ['of a device of this name with another key', infoOf(9), 'device/not-there'],
    ['with nonsense', 'XP2P', 'device/bad-info'],
  ])('%s is refused', (_who, info, code) => {
    const place = new Place();
    place.device(1, 7);
    place.open(2);
    place.heard();
    place.say(2, call(info));
    expect(place.heard()).toEqual([`2 refused 0 ${code}`]);
  });

  test('has no say in the calls of others', () => {
    const place = new Place();
    place.device(1, 7);
    place.open(2);
    place.say(2, call(infoOf(7)));
    place.open(3);
    place.heard();
    place.say(3, { kind: 'signal', call: 1, data: 'intrusion' });
    place.say(3, { kind: 'hang-up', call: 1 });
    expect(place.heard()).toEqual([]);
    expect(place.meeting.counts.calls).toBe(1);
  });

  test('makes no more calls than there is room for', () => {
    const place = new Place();
    place.device(1, 7);
    place.open(2);
    place.heard();
    for (let at = 0; at <= DEVICE_CALLS_MAX; at++) place.say(2, call(infoOf(7)));
    expect(place.heard().at(-1)).toBe('2 refused 0 device/busy');
  });
});

describe('a name', () => {
  test('belongs to the key that holds it', () => {
    const place = new Place();
    place.device(1, 7);
    place.heard();
    place.device(2, 8);
    expect(place.heard()).toEqual(['2 challenge', '2 refused 0 device/name-taken']);
  });

  test('goes to the newer connection of the same key', () => {
    const place = new Place();
    place.device(1, 7);
    place.heard();
    place.device(2, 7);
    expect(place.heard()).toEqual(['2 challenge', '1 close', '2 registered']);
    place.handle({ kind: 'closed', connection: 1 });
    place.open(3);
    place.heard();
    place.say(3, call(infoOf(7)));
    expect(place.heard()).toEqual(['3 called 1', '2 called 1']);
  });

  test('is not given without proof', () => {
    const place = new Place();
    place.open(1);
    const fields = { productId: 'cam', deviceName: 'door' };
    const key = toBase64Url(new Uint8Array(32).fill(7));
    const proof = toBase64Url(new Uint8Array(64).fill(9));
    place.heard();
    place.say(1, { kind: 'register', version: 1, ...fields, key, proof });
    expect(place.heard()).toEqual(['1 close']);
  });
});

describe('a stranger is cut off', () => {
  test('for nonsense', () => {
    const place = new Place();
    place.open(1);
    place.heard();
    place.handle({ kind: 'nonsense', connection: 1 });
    expect(place.heard()).toEqual(['1 close']);
  });

  test('for talking too much', () => {
    const place = new Place();
    place.open(1);
    place.heard();
    for (let at = 0; at <= DEVICE_BURST; at++) place.say(1, { kind: 'hang-up', call: 5 });
    expect(place.heard()).toEqual(['1 close']);
    place.now = 60_000;
    place.open(2);
    expect(place.heard()).toEqual(['2 challenge']);
  });

  test('for coming too often from one address, or when all places are taken', () => {
    const place = new Place({ connections: 4, connectionsPerAddress: 2 });
    for (const connection of [1, 2, 3]) place.open(connection, 'same');
    expect(place.heard()).toEqual(['1 challenge', '2 challenge', '3 close']);
    for (const connection of [4, 5, 6]) place.open(connection);
    expect(place.heard()).toEqual(['4 challenge', '5 challenge', '6 close']);
    place.handle({ kind: 'closed', connection: 1 });
    place.open(7, 'same');
    expect(place.heard()).toEqual(['7 challenge']);
  });
});
