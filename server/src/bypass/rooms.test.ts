import { describe, expect, test } from 'vitest';
import { ROOM_BURST, ROOM_MEMBERS_MAX } from '../../../src/wire/limits.ts';
import type { RoomAnswer, RoomRequest } from '../../../src/wire/room.ts';
import { GRACE_MS, Rooms, type RoomsInput, type RoomsOutput } from './rooms.ts';

const LIMITS = { connections: 200, connectionsPerAddress: 100 };

const stage = (limits = LIMITS) => {
  let keys = 0;
  const rooms = new Rooms({
    limits,
    admit: ({ bizid }) => (bizid === 1 ? { bypass: 'auto', record: 'auto', formats: 7 } : 'room/no-such-app'),
    freshKey: () => `key${++keys}`,
  });
  const tell = (now: number, input: RoomsInput): RoomsOutput[] => {
    rooms.handle(now, input);
    const outputs: RoomsOutput[] = [];
    for (let output = rooms.poll(); output !== undefined; output = rooms.poll()) outputs.push(output);
    return outputs;
  };
  const say = (connection: number, request: RoomRequest, now = 0) => tell(now, { kind: 'said', connection, request });
  const open = (connection: number, address = 'a') => tell(0, { kind: 'opened', connection, address });
  const enter = (connection: number, user: string, over: object = {}) => {
    open(connection);
    const about = { kind: 'enter', ask: 1, version: 1, bizid: 1, room: 'r', user, token: '' } as const;
    return say(connection, { ...about, ...over });
  };
  return { rooms, tell, say, open, enter };
};

const said = (outputs: readonly RoomsOutput[], connection: number): RoomAnswer[] =>
  outputs.flatMap((output) => (output.kind === 'say' && output.connection === connection ? [output.answer] : []));

describe('rooms', () => {
  test('nothing is done for somebody who has not entered', () => {
    const { open, say } = stage();
    open(1);
    expect(said(say(1, { kind: 'open', ask: 7, track: 'main' }), 1)).toMatchObject([
      { kind: 'failed', ask: 7, code: 'room/not-entered' },
    ]);
  });

  test('one connection enters one room', () => {
    const { enter, say } = stage();
    enter(1, 'a');
    const again = { kind: 'enter', ask: 2, version: 1, bizid: 1, room: 's', user: 'a', token: '' } as const;
    expect(said(say(1, again), 1)).toMatchObject([{ code: 'room/already-entered' }]);
    say(1, { kind: 'leave', ask: 3 });
    expect(said(say(1, again), 1)).toMatchObject([{ kind: 'entered' }]);
  });

  test('an app that is not there, and a version nobody speaks', () => {
    const { enter } = stage();
    expect(said(enter(1, 'a', { bizid: 2 }), 1)).toMatchObject([{ code: 'room/no-such-app' }]);
    expect(said(enter(2, 'a', { version: 999 }), 2)).toMatchObject([{ kind: 'out', code: 'wire/bad-version' }]);
  });

  test('opening a track twice gives the same code and key', () => {
    const { enter, say } = stage();
    enter(1, 'a');
    const [first] = said(say(1, { kind: 'open', ask: 2, track: 'main' }), 1);
    const [second] = said(say(1, { kind: 'open', ask: 3, track: 'main' }), 1);
    expect(first).toMatchObject({ kind: 'opened', publish: expect.stringContaining('key=key1') });
    expect(second).toEqual({ ...first, ask: 3 });
  });

  test('two users whose names make the same code: whoever is first has it', () => {
    const { enter, say } = stage();
    enter(1, 'c', { room: 'a_b' });
    enter(2, 'b_c', { room: 'a' });
    expect(said(say(1, { kind: 'open', ask: 2, track: 'main' }), 1)).toMatchObject([{ kind: 'opened' }]);
    expect(said(say(2, { kind: 'open', ask: 2, track: 'main' }), 2)).toMatchObject([{ code: 'publish/taken' }]);
    say(1, { kind: 'close', ask: 3, track: 'main' });
    expect(said(say(2, { kind: 'open', ask: 3, track: 'main' }), 2)).toMatchObject([{ kind: 'opened' }]);
  });

  test('closing a track and leaving release what was open', () => {
    const { enter, say, rooms } = stage();
    enter(1, 'a');
    say(1, { kind: 'open', ask: 2, track: 'main' });
    say(1, { kind: 'open', ask: 3, track: 'aux' });
    const closed = say(1, { kind: 'close', ask: 4, track: 'aux' });
    expect(closed.filter(({ kind }) => kind === 'released').length).toBe(1);
    expect(say(1, { kind: 'leave', ask: 5 }).filter(({ kind }) => kind === 'released').length).toBe(1);
    expect(rooms.counts).toEqual({ rooms: 0, users: 0 });
  });

  test('the same user from elsewhere takes over, tracks and all', () => {
    const { enter, say } = stage();
    enter(1, 'a');
    say(1, { kind: 'open', ask: 2, track: 'main' });
    const outputs = enter(2, 'a');
    expect(said(outputs, 1)).toEqual([{ kind: 'out', code: 'room/taken-over' }]);
    expect(outputs).toContainEqual({ kind: 'close', connection: 1 });
    expect(said(outputs, 2)).toMatchObject([{ kind: 'entered' }]);
    expect(said(say(2, { kind: 'open', ask: 3, track: 'main' }), 2)).toMatchObject([
      { publish: expect.stringContaining('key=key1') },
    ]);
  });

  test('a connection that is lost leaves after its grace, one that came back does not', () => {
    const { enter, tell, rooms } = stage();
    enter(1, 'a');
    enter(2, 'b');
    tell(0, { kind: 'closed', connection: 1 });
    tell(0, { kind: 'closed', connection: 2 });
    expect(rooms.nextWakeup()).toBe(GRACE_MS);
    enter(3, 'b');
    tell(GRACE_MS - 1, { kind: 'wake' });
    expect(rooms.counts.users).toBe(2);
    expect(said(tell(GRACE_MS, { kind: 'wake' }), 3)).toEqual([{ kind: 'gone', user: 'a' }]);
    expect(rooms.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
  });

  test('a full room, and a full server', () => {
    const { enter } = stage();
    for (let n = 1; n <= ROOM_MEMBERS_MAX; n++) enter(n, `u${n}`);
    expect(said(enter(100, 'late'), 100)).toMatchObject([{ code: 'room/full' }]);
    expect(said(enter(101, 'u1'), 101)).toMatchObject([{ kind: 'entered' }]);
    const narrow = stage({ connections: 2, connectionsPerAddress: 1 });
    narrow.open(1, 'x');
    expect(narrow.open(2, 'x')).toContainEqual({ kind: 'close', connection: 2 });
    narrow.open(3, 'y');
    expect(narrow.open(4, 'z')).toContainEqual({ kind: 'close', connection: 4 });
    const lost = stage({ connections: 2, connectionsPerAddress: 2 });
    for (const [connection, user] of [
      [1, 'a'],
      [2, 'b'],
    ] as const) {
      lost.enter(connection, user);
      lost.tell(0, { kind: 'closed', connection });
    }
    expect(said(lost.enter(3, 'c'), 3)).toMatchObject([{ code: 'room/full' }]);
    lost.tell(GRACE_MS, { kind: 'wake' });
    expect(said(lost.enter(4, 'c'), 4)).toMatchObject([{ kind: 'entered' }]);
  });

  test('who floods or speaks nonsense is cut, and its place is free again', () => {
    const { enter, say, tell, open } = stage({ connections: 1, connectionsPerAddress: 1 });
    enter(1, 'a');
    let outputs: RoomsOutput[] = [];
    for (let n = 0; n < ROOM_BURST; n++) outputs = say(1, { kind: 'close', ask: n + 2, track: 'main' });
    expect(said(outputs, 1)).toEqual([{ kind: 'out', code: 'room/rate-limited' }]);
    expect(outputs).toContainEqual({ kind: 'close', connection: 1 });
    expect(open(2)).toEqual([]);
    expect(said(tell(0, { kind: 'nonsense', connection: 2 }), 2)).toEqual([{ kind: 'out', code: 'room/bad-message' }]);
    expect(open(3)).toEqual([]);
  });

  test('what is asked of media is handed on with who asks', () => {
    const { enter, say } = stage();
    enter(1, 'a');
    const request = { kind: 'stop-push', ask: 2, channels: [] } as const;
    expect(say(1, request)).toEqual([
      { kind: 'asked', connection: 1, request, owner: { bizid: 1, room: 'r', user: 'a' } },
    ]);
  });
});
