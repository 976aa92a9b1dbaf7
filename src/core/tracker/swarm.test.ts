import { expect, test } from 'vitest';
import { TRACKER_BURST } from '../../wire/limits.ts';
import type { TrackerRequest, ViewerName } from '../../wire/tracker.ts';
import { PROTOCOL_VERSION } from '../../wire/version.ts';
import type { TrackerLimits, TrackerOutput } from './io.ts';
import { JOIN_WITHIN_MS, NEIGHBOURS_AT_JOIN, SILENT_MS, Swarm } from './swarm.ts';
import { WIDE_LIMITS } from './testing/joining.ts';

/** The viewer name of a connection in these tests. */
const nameOf = (connection: number): ViewerName => connection.toString(16).padStart(16, '0');

const join = (path: string, uploads = true): TrackerRequest => ({
  kind: 'join',
  version: PROTOCOL_VERSION,
  path,
  credentials: 'token=x',
  viewerKey: 'k',
  uploads,
});

class World {
  now = 0;
  readonly swarm: Swarm;

  constructor(limits: Partial<TrackerLimits> = {}, seed = 1) {
    this.swarm = new Swarm({ ...WIDE_LIMITS, ...limits }, seed);
  }

  tell(input: Parameters<Swarm['handle']>[1]): TrackerOutput[] {
    this.swarm.handle(this.now, input);
    const outputs: TrackerOutput[] = [];
    for (let output = this.swarm.poll(); output !== undefined; output = this.swarm.poll()) outputs.push(output);
    return outputs;
  }

  open(connection: number, address = 'a'): TrackerOutput[] {
    return this.tell({ kind: 'opened', connection, address, viewer: nameOf(connection) });
  }

  say(connection: number, request: TrackerRequest): TrackerOutput[] {
    return this.tell({ kind: 'said', connection, request });
  }

  /** Opens, asks, is admitted; returns whom it is introduced to. */
  join(connection: number, path = '/live/a', uploads = true): readonly ViewerName[] {
    this.open(connection);
    this.say(connection, join(path, uploads));
    const [joined] = this.tell({ kind: 'admitted', connection, admitted: true });
    if (joined?.kind !== 'joined') throw new Error(`not joined: ${joined?.kind}`);
    return joined.neighbours;
  }

  report(connection: number, slots: number): void {
    const report = {
      originBytes: 1,
      neighbourBytes: 2,
      uploadedBytes: 3,
      playedBytes: 4,
      stalls: 5,
      neighbours: 6,
      slots,
    };
    this.say(connection, { kind: 'report', report });
  }

  signal(from: number, to: ViewerName, data = 'sdp', dial = 7): TrackerOutput[] {
    return this.say(from, { kind: 'signal', to, dial, data });
  }
}

test('asks for admission before anything else, and joins when it is given', () => {
  const world = new World();
  expect(world.open(1)).toEqual([]);
  expect(world.say(1, join('/live/a'))).toEqual([
    { kind: 'admit', connection: 1, path: '/live/a', credentials: 'token=x' },
  ]);
  expect(world.tell({ kind: 'admitted', connection: 1, admitted: true })).toEqual([
    { kind: 'joined', connection: 1, path: '/live/a', viewer: nameOf(1), viewerKey: 'k', neighbours: [] },
  ]);
  expect(world.swarm.rooms()).toMatchObject([{ path: '/live/a', viewers: 1 }]);
});

test('who is not admitted is refused and dismissed', () => {
  const world = new World();
  world.open(1);
  world.say(1, join('/live/a'));
  expect(world.tell({ kind: 'admitted', connection: 1, admitted: false })).toEqual([
    { kind: 'say', connection: 1, answer: { kind: 'refused', code: 'tracker/refused', retryAfterMs: 0 } },
    { kind: 'close', connection: 1, code: 'tracker/refused', retryAfterMs: 0 },
  ]);
  expect(world.swarm.rooms()).toEqual([]);
  expect(world.swarm.connections).toBe(0);
});

test('another version is refused in its own words', () => {
  const world = new World();
  world.open(1);
  expect(world.say(1, { ...join('/live/a'), version: 99 } as TrackerRequest)).toEqual([
    { kind: 'say', connection: 1, answer: { kind: 'refused', code: 'wire/bad-version', retryAfterMs: 0 } },
  ]);
});

test('nobody is introduced to itself, to another stream, or twice in one answer', () => {
  const world = new World();
  world.join(99, '/live/other');
  for (let viewer = 1; viewer <= 30; viewer++) {
    const neighbours = world.join(viewer);
    expect(neighbours.length).toBe(Math.min(viewer - 1, NEIGHBOURS_AT_JOIN));
    expect(neighbours).not.toContain(nameOf(viewer));
    expect(neighbours).not.toContain(nameOf(99));
    expect(new Set(neighbours).size).toBe(neighbours.length);
    world.now += 100;
  }
});

test('prefers viewers that are settled and have slots, and adds two by chance', () => {
  const world = new World();
  for (let viewer = 1; viewer <= 40; viewer++) {
    world.join(viewer);
    world.report(viewer, viewer <= 10 ? 3 : 0);
  }
  world.now += 2000;
  const neighbours = world.join(100);
  const good = neighbours.filter((name) => Number.parseInt(name, 16) <= 10);
  expect(neighbours.length).toBe(NEIGHBOURS_AT_JOIN);
  expect(good.length).toBeGreaterThanOrEqual(NEIGHBOURS_AT_JOIN - 2);
});

test('who may not upload is introduced by chance only', () => {
  const world = new World();
  for (let viewer = 1; viewer <= 10; viewer++) world.join(viewer, '/live/a', true);
  for (let viewer = 11; viewer <= 20; viewer++) world.join(viewer, '/live/a', false);
  world.now += 5000;
  for (let joiner = 100; joiner < 110; joiner++) {
    const idle = world.join(joiner).filter((name) => {
      const number = Number.parseInt(name, 16);
      return number > 10 && number <= 20;
    });
    expect(idle.length).toBeLessThanOrEqual(2);
  }
});

test('who has no slots yet when it joins is introduced by merit once it reports some', () => {
  const world = new World();
  for (let viewer = 1; viewer <= 40; viewer++) world.join(viewer, '/live/a', false);
  // Six are allowed to upload meanwhile.
  const able = [3, 9, 14, 22, 31, 37];
  for (let viewer = 1; viewer <= 40; viewer++) world.report(viewer, able.includes(viewer) ? 5 : 0);
  world.now += 5000;
  expect(world.join(99)).toEqual(expect.arrayContaining(able.map(nameOf)));
});

test('spreads introductions: in a flash crowd nobody is named far more often than the others', () => {
  const world = new World();
  const named = new Map<ViewerName, number>();
  for (let viewer = 1; viewer <= 50; viewer++) world.join(viewer);
  world.now += 2000;
  for (let viewer = 51; viewer <= 250; viewer++) {
    for (const name of world.join(viewer)) named.set(name, (named.get(name) ?? 0) + 1);
    world.now += 10;
  }
  const settled = [...named].filter(([name]) => Number.parseInt(name, 16) <= 50).map(([, count]) => count);
  expect(settled.length).toBe(50);
  expect(Math.max(...settled)).toBeLessThan(2.2 * (settled.reduce((sum, count) => sum + count, 0) / 50));
});

test('more neighbours when asked for, at most as many', () => {
  const world = new World();
  for (let viewer = 1; viewer <= 10; viewer++) world.join(viewer);
  const [answer] = world.say(1, { kind: 'more', count: 3 });
  expect(answer).toMatchObject({ kind: 'say', connection: 1, answer: { kind: 'neighbours' } });
  if (answer?.kind === 'say' && answer.answer.kind === 'neighbours') expect(answer.answer.neighbours.length).toBe(3);
});

test('passes signals on within a stream, stamped with who really sent them', () => {
  const world = new World();
  world.join(1);
  world.join(2);
  const forged = { kind: 'signal', to: nameOf(2), dial: 7, data: 'sdp', from: nameOf(3) } as TrackerRequest;
  expect(world.say(1, forged)).toEqual([
    { kind: 'say', connection: 2, answer: { kind: 'signal', from: nameOf(1), dial: 7, data: 'sdp' } },
  ]);
});

test('a third viewer cannot speak in a dial of two others: the receiver sees its own name', () => {
  const world = new World();
  for (const viewer of [1, 2, 3]) world.join(viewer);
  world.signal(1, nameOf(2), 'offer', 42);
  const [heard] = world.signal(3, nameOf(2), 'evil', 42);
  expect(heard).toMatchObject({ connection: 2, answer: { from: nameOf(3), dial: 42 } });
});

test('nothing reaches another stream, oneself, or somebody who left', () => {
  const world = new World();
  world.join(1, '/live/a');
  world.join(2, '/live/b');
  world.join(3, '/live/a');
  const gone = (viewer: number) => [{ kind: 'say', connection: 1, answer: { kind: 'gone', viewer: nameOf(viewer) } }];
  expect(world.signal(1, nameOf(2))).toEqual(gone(2));
  expect(world.signal(1, nameOf(1))).toEqual(gone(1));
  world.tell({ kind: 'closed', connection: 3 });
  expect(world.signal(1, nameOf(3))).toEqual(gone(3));
});

test('who has not joined can do nothing', () => {
  const world = new World();
  world.join(1);
  world.open(2);
  const requests: TrackerRequest[] = [
    { kind: 'renew' },
    { kind: 'more', count: 4 },
    { kind: 'signal', to: nameOf(1), dial: 1, data: '' },
  ];
  for (const request of requests) {
    expect(world.say(2, request)).toEqual([
      { kind: 'say', connection: 2, answer: { kind: 'refused', code: 'tracker/refused', retryAfterMs: 0 } },
    ]);
  }
});

test('a connection joins once; it cannot take over a name or a second stream', () => {
  const world = new World();
  world.join(1);
  expect(world.say(1, join('/live/b'))).toMatchObject([{ answer: { kind: 'refused', code: 'tracker/refused' } }]);
  world.open(2);
  world.say(2, join('/live/a'));
  expect(world.say(2, join('/live/b'))).toMatchObject([{ answer: { kind: 'refused' } }]);
  expect(world.tell({ kind: 'admitted', connection: 2, admitted: true })).toMatchObject([
    { kind: 'joined', path: '/live/a', viewer: nameOf(2) },
  ]);
  expect(world.tell({ kind: 'admitted', connection: 2, admitted: true })).toEqual([]);
  expect(world.swarm.rooms()).toMatchObject([{ path: '/live/a', viewers: 2 }]);
});

test('leaving ends the own membership and nobody else’s', () => {
  const world = new World();
  world.join(1);
  world.join(2);
  world.say(1, { kind: 'leave' });
  expect(world.swarm.rooms()).toMatchObject([{ viewers: 1 }]);
  expect(world.say(1, { kind: 'leave' })).toEqual([]);
  expect(world.signal(2, nameOf(1))).toMatchObject([{ answer: { kind: 'gone' } }]);
});

test('a viewer whose socket died joins again and gets a fresh name', () => {
  const world = new World();
  world.join(1);
  world.tell({ kind: 'closed', connection: 1 });
  world.join(2);
  expect(world.swarm.rooms()).toMatchObject([{ viewers: 1 }]);
});

test('renewing asks for a token for the same viewer, stream and key', () => {
  const world = new World();
  world.join(1);
  expect(world.say(1, { kind: 'renew' })).toEqual([
    { kind: 'renewed', connection: 1, path: '/live/a', viewer: nameOf(1), viewerKey: 'k' },
  ]);
});

test('too many messages: refused, then closed', () => {
  const world = new World();
  world.join(1);
  const answers: TrackerOutput[] = [];
  for (let n = 0; n < TRACKER_BURST; n++) answers.push(...world.say(1, { kind: 'more', count: 1 }));
  const last = answers.slice(-2);
  expect(last[0]).toMatchObject({ kind: 'say', answer: { kind: 'refused', code: 'tracker/rate-limited' } });
  expect(last[1]).toMatchObject({ kind: 'close', connection: 1, code: 'tracker/rate-limited' });
  expect(world.swarm.connections).toBe(0);
});

test('many viewers cannot drown one in signals', () => {
  const world = new World();
  world.join(1);
  let delivered = 0;
  for (let attacker = 2; attacker < 52; attacker++) {
    world.join(attacker);
    for (let n = 0; n < 20; n++) {
      delivered += world
        .signal(attacker, nameOf(1))
        .filter((output) => 'connection' in output && output.connection === 1).length;
    }
  }
  expect(delivered).toBe(400);
  expect(world.signal(51, nameOf(1))).toMatchObject([
    { kind: 'say', connection: 51, answer: { kind: 'gone', viewer: nameOf(1) } },
  ]);
});

test('nonsense closes the connection', () => {
  const world = new World();
  world.join(1);
  expect(world.tell({ kind: 'nonsense', connection: 1 })).toMatchObject([
    { kind: 'say', answer: { kind: 'refused', code: 'tracker/bad-message' } },
    { kind: 'close', connection: 1, code: 'tracker/bad-message' },
  ]);
  expect(world.tell({ kind: 'nonsense', connection: 1 })).toEqual([]);
});

test('connections are limited: per address, in all, and viewers per stream', () => {
  const world = new World({ connectionsPerAddress: 2, connections: 3, viewersPerStream: 1 });
  expect(world.open(1)).toEqual([]);
  expect(world.open(2)).toEqual([]);
  expect(world.open(3)).toMatchObject([
    { kind: 'say' },
    { kind: 'close', connection: 3, code: 'tracker/rate-limited' },
  ]);
  expect(world.open(4, 'b')).toEqual([]);
  expect(world.open(5, 'c')).toMatchObject([
    { kind: 'say' },
    { kind: 'close', connection: 5, code: 'tracker/refused' },
  ]);
  world.tell({ kind: 'closed', connection: 1 });
  expect(world.open(6)).toEqual([]);
  for (const connection of [2, 6]) {
    world.say(connection, join('/live/a'));
    const [answer] = world.tell({ kind: 'admitted', connection, admitted: true });
    expect(answer?.kind).toBe(connection === 2 ? 'joined' : 'say');
  }
});

test('who does not join in time, or falls silent, is closed', () => {
  const world = new World();
  world.open(1);
  world.join(2);
  const sweep = (at: number): TrackerOutput[] => {
    world.now = at;
    return world.tell({ kind: 'wake' }).filter((output) => output.kind === 'close');
  };
  expect(world.swarm.nextWakeup()).toBeLessThan(Number.POSITIVE_INFINITY);
  expect(sweep(JOIN_WITHIN_MS - 1)).toEqual([]);
  expect(sweep(JOIN_WITHIN_MS + 1000)).toMatchObject([{ connection: 1 }]);
  world.report(2, 1);
  expect(sweep(SILENT_MS + JOIN_WITHIN_MS)).toEqual([]);
  expect(sweep(SILENT_MS + JOIN_WITHIN_MS + 1000)).toMatchObject([{ connection: 2 }]);
  sweep(SILENT_MS + JOIN_WITHIN_MS + 2000);
  expect(world.swarm.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
  expect(world.swarm.rooms()).toEqual([]);
});

test('reports are added up per stream', () => {
  const world = new World();
  for (const viewer of [1, 2]) {
    world.join(viewer);
    world.report(viewer, 1);
  }
  expect(world.swarm.rooms()[0]?.reported).toEqual({ originBytes: 2, neighbourBytes: 4, uploadedBytes: 6, stalls: 10 });
});

test('the same facts give the same answers', () => {
  const play = (): string => {
    const world = new World({}, 42);
    const said: unknown[] = [];
    for (let viewer = 1; viewer < 100; viewer++) {
      said.push(world.join(viewer));
      world.now += 37;
    }
    return JSON.stringify(said);
  };
  expect(play()).toBe(play());
});

test('a room of 20,000 answers in bounded work', () => {
  const world = new World();
  for (let viewer = 1; viewer <= 20_000; viewer++) world.join(viewer);
  world.now += 3000;
  expect(world.join(30_000).length).toBe(NEIGHBOURS_AT_JOIN);
  for (let viewer = 1; viewer <= 20_000; viewer++) world.tell({ kind: 'closed', connection: viewer });
  expect(world.swarm.rooms()).toMatchObject([{ viewers: 1 }]);
});
