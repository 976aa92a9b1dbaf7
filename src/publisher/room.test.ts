// Rooms against a server in the test's hands: what is asked, how long is waited between attempts, and how a lost line comes
// back.

import { expect, it } from 'vitest';
import { MemorySockets, type SocketSide } from '../carrier/testing/memory-sockets.ts';
import type { ErrorCode } from '../errors.ts';
import { decodeRoomRequest, encodeRoom, type RoomAnswer, type RoomRequest } from '../wire/room.ts';
import { enterRoomIn, leaveRoom, type Room, type RoomOptions } from './room.ts';
import { ManualTiming } from './testing/manual-timing.ts';
import type { PublisherWorld } from './world.ts';

const CODE = '8888_81265058829fd2e50c8ec2ac78d55127';
const OTHER = '8888_00000000000000000000000000000000';
const ENTERED = { bypass: 'manual', record: 'manual', formats: 7, members: [{ user: 'ann', tracks: [] }] } as const;

/** Everything that was sent by a timer of 0 has arrived. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(() => setTimeout(resolve)));

class Server {
  readonly sockets = new MemorySockets();
  readonly timing = new ManualTiming();
  side: SocketSide | undefined;

  get world(): PublisherWorld {
    const absent = (): never => {
      throw new Error('this test captures nothing');
    };
    return {
      devices: undefined,
      lacks: async () => [],
      feedPictures: absent,
      feedSound: absent,
      openSocket: this.sockets.open,
      timing: this.timing,
      startWorker: absent,
      session: () => 'AAAAAAAAAAAAAAAAAAAAAA',
    };
  }

  async heard(): Promise<RoomRequest> {
    const request = decodeRoomRequest(String(await this.side?.heard()));
    if (request.kind === 'fault') throw new Error(request.detail);
    return request;
  }

  async say(answer: RoomAnswer): Promise<void> {
    this.side?.send(encodeRoom(answer));
    await settled();
  }

  async fail(code: ErrorCode): Promise<RoomRequest> {
    const request = await this.heard();
    await this.say({ kind: 'failed', ask: request.ask, code, detail: '' });
    return request;
  }

  /** Lets the next one in. */
  async admit(): Promise<RoomRequest> {
    this.side = await this.sockets.accepted();
    const request = await this.heard();
    await this.say({ kind: 'entered', ask: request.ask, ...ENTERED });
    return request;
  }

  async enter(options: Partial<RoomOptions> = {}): Promise<{ readonly room: Room; readonly request: RoomRequest }> {
    const given = { server: 'https://host/shoal/', bizid: 8888, room: '293710', user: 'ann', ...options };
    const entering = enterRoomIn(this.world, given);
    const request = await this.admit();
    return { room: await entering, request };
  }
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: { readonly code?: string }) => error.code,
  );

it('enters with its token, which may be asked for, and knows who is there', async () => {
  const server = new Server();
  const { room, request } = await server.enter({ token: async () => 'let-me-in' });
  expect(server.side?.address).toBe('wss://host/shoal/rooms');
  expect(request).toMatchObject({ kind: 'enter', bizid: 8888, room: '293710', user: 'ann', token: 'let-me-in' });
  expect(room.terms).toEqual({ bypass: 'manual', record: 'manual', formats: 7 });
  await server.say({ kind: 'member', user: 'bob', tracks: ['main'] });
  expect(room.members.map(({ user }) => user)).toEqual(['ann', 'bob']);
  await server.say({ kind: 'gone', user: 'bob' });
  expect(room.members.map(({ user }) => user)).toEqual(['ann']);
});

it('is refused with the reason of the server', async () => {
  const server = new Server();
  const entering = codeOf(
    enterRoomIn(server.world, { server: 'http://host', bizid: 1, room: 'r', user: 'u', token: 'wrong' }),
  );
  server.side = await server.sockets.accepted();
  await server.fail('room/refused');
  expect(await entering).toBe('room/refused');
});

it('starts a live push, waits three seconds or more before each further attempt, and gives its channel and addresses', async () => {
  const server = new Server();
  const { room } = await server.enter();
  const pushing = room.startPushStream({ encode: 'hls', recordFileType: 5, channelName: 'one' });
  const asked = await server.fail('bypass/start-failed');
  expect(asked).toMatchObject({ kind: 'start-push', track: 'main', encode: ['hls'], record: 5, channelName: 'one' });
  expect(server.timing.nextInMs).toBe(3000);
  server.timing.turn(3000);
  await server.fail('room/no-track');
  server.timing.turn(2999);
  await settled();
  expect(server.timing.nextInMs).toBe(1);
  server.timing.turn(1);
  const last = await server.heard();
  const urls = [{ encode: 'hls', rateType: 0, url: `https://host/live/${CODE}.m3u8` }] as const;
  await server.say({ kind: 'pushed', ask: last.ask, channelId: CODE, urls });
  expect(await pushing).toEqual({ channelId: CODE, urls });
});

it('gives up after its attempts, and at once on what does not get better by itself', async () => {
  const server = new Server();
  const { room } = await server.enter();
  const twice = codeOf(room.startPushStream({ attempts: 2 }));
  await server.fail('bypass/start-failed');
  server.timing.turn(3000);
  await server.fail('bypass/start-failed');
  expect(await twice).toBe('bypass/start-failed');
  const once = codeOf(room.startPushStream());
  await server.fail('record/not-offered');
  expect(await once).toBe('record/not-offered');
  for (const wrong of [{ retryMs: 2999 }, { attempts: 0 }, { recordFileType: 8 }, { encode: 'ogg' as 'flv' }]) {
    expect(await codeOf(room.startPushStream(wrong))).toBe('options/invalid');
  }
});

it('stops one channel, several, or all by 0, and none by an empty list', async () => {
  const server = new Server();
  const { room } = await server.enter();
  for (const [given, channels] of [
    [CODE, [CODE]],
    [
      [CODE, OTHER],
      [CODE, OTHER],
    ],
    [0, []],
  ] as const) {
    const stopping = room.stopPushStream(given);
    const request = await server.heard();
    expect(request).toMatchObject({ kind: 'stop-push', channels });
    await server.say({ kind: 'push-stopped', ask: request.ask, channels });
    await stopping;
  }
  await room.stopPushStream([]);
  const recording = room.startRecord('aux', 7);
  expect(await server.heard()).toMatchObject({ kind: 'start-record', track: 'aux', formats: 7 });
  room.leaveRoom();
  await settled();
  server.side?.close(1006, '');
  expect(await codeOf(recording)).toBe('publish/unreachable');
});

it('comes back when its line breaks, and says so', async () => {
  const server = new Server();
  const { room } = await server.enter();
  const states: string[] = [];
  room.on('state', ({ state }) => states.push(state));
  server.side?.close(1006, '');
  await settled();
  expect(states).toEqual(['returning']);
  server.timing.turn(0);
  const again = await server.admit();
  await settled();
  expect(again).toMatchObject({ kind: 'enter', user: 'ann' });
  expect(states).toEqual(['returning', 'entered']);
});

it('is out when the server says so, or when it is not let in again', async () => {
  for (const how of ['said', 'refused'] as const) {
    const server = new Server();
    const { room } = await server.enter();
    const outs: string[] = [];
    room.on('out', ({ error }) => outs.push(error.code));
    if (how === 'said') {
      await server.say({ kind: 'out', code: 'room/taken-over' });
    } else {
      server.side?.close(1006, '');
      await settled();
      server.timing.turn(0);
      server.side = await server.sockets.accepted();
      await server.fail('room/refused');
    }
    await settled();
    expect([room.state, outs]).toEqual(['left', [how === 'said' ? 'room/taken-over' : 'room/refused']]);
    expect(await codeOf(room.startPushStream())).toBe('room/not-entered');
  }
});

it('leaves: what waits for its next attempt ends, and the server is told', async () => {
  const server = new Server();
  const { room } = await server.enter();
  const pushing = codeOf(room.startPushStream());
  await server.fail('bypass/start-failed');
  const leaving = leaveRoom(room);
  const request = await server.heard();
  expect(request.kind).toBe('leave');
  await server.say({ kind: 'left', ask: request.ask });
  await leaving;
  expect(await pushing).toBe('room/not-entered');
  await room.leaveRoom();
});

it('options that make no sense are named', async () => {
  const server = new Server();
  const good = { server: 'https://host', bizid: 1, room: 'r', user: 'u' };
  for (const wrong of [{ server: 'host' }, { bizid: -1 }, { bizid: 1.5 }, { room: '' }, { user: '' }]) {
    expect(await codeOf(enterRoomIn(server.world, { ...good, ...wrong }))).toBe('options/invalid');
  }
});
