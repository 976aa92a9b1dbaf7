import { expect, test } from 'vitest';
import type { TrackerRequest, ViewerName } from '../../wire/tracker.ts';
import { PROTOCOL_VERSION } from '../../wire/version.ts';
import type { VisitorEntry } from './attendee.ts';
import type { TrackerInput, TrackerOutput } from './io.ts';
import { NEIGHBOURS_AT_JOIN, Swarm } from './swarm.ts';
import { FIRST_REPORT, WIDE_LIMITS } from './testing/joining.ts';

const nameOf = (node: string, connection: number): ViewerName => `${node}${connection.toString(16).padStart(15, '0')}`;

/** Processes that tell each other everything at once. */
class Cluster {
  now = 0;
  readonly #swarms = new Map<string, Swarm>();
  readonly said: (TrackerOutput & { readonly by: string })[] = [];

  constructor(nodes: readonly string[]) {
    for (const node of nodes) this.#swarms.set(node, new Swarm(WIDE_LIMITS, 7, 'clustered'));
  }

  swarm(node: string): Swarm {
    const swarm = this.#swarms.get(node);
    if (swarm === undefined) throw new Error(`there is no ${node}`);
    return swarm;
  }

  join(node: string, connection: number, { uploads = true } = {}): readonly ViewerName[] {
    this.tell(node, { kind: 'opened', connection, address: `10.${connection}`, viewer: nameOf(node, connection) });
    const plain = { version: PROTOCOL_VERSION, credentials: '', viewerKey: '', uploads };
    this.say(node, connection, { kind: 'join', path: '/a', ...plain });
    const joined = this.tell(node, { kind: 'admitted', connection, admitted: true }).find(
      (output) => output.kind === 'joined',
    );
    return joined?.kind === 'joined' ? joined.neighbours : [];
  }

  say(node: string, connection: number, request: TrackerRequest): TrackerOutput[] {
    return this.tell(node, { kind: 'said', connection, request });
  }

  tell(node: string, input: TrackerInput): TrackerOutput[] {
    const swarm = this.swarm(node);
    swarm.handle(this.now, input);
    const outputs: TrackerOutput[] = [];
    for (let output = swarm.poll(); output !== undefined; output = swarm.poll()) outputs.push(output);
    for (const output of outputs) {
      this.said.push({ ...output, by: node });
      this.#spread(node, output);
    }
    return outputs;
  }

  #spread(by: string, output: TrackerOutput): void {
    if (output.kind === 'carry') {
      this.tell(output.node, { kind: 'carried', node: by, signal: output.signal });
    } else if (output.kind === 'carry-back') {
      this.tell(output.node, { kind: 'undelivered', ...output.signal });
    }
    for (const other of this.#swarms.keys()) {
      if (other === by) continue;
      if (output.kind === 'came') {
        const visitors: VisitorEntry[] = [{ ...output.entry, node: by }];
        this.tell(other, { kind: 'visitors-came', path: output.path, visitors });
      } else if (output.kind === 'left') {
        this.tell(other, { kind: 'visitors-left', path: output.path, viewers: [output.viewer] });
      }
    }
  }
}

test('alone, a tracker has nothing to tell others', () => {
  const swarm = new Swarm(WIDE_LIMITS, 7);
  swarm.handle(0, { kind: 'opened', connection: 1, address: 'a', viewer: nameOf('a', 1) });
  const plain = { version: PROTOCOL_VERSION, path: '/a', credentials: '', viewerKey: '', uploads: true };
  swarm.handle(0, { kind: 'said', connection: 1, request: { kind: 'join', ...plain } });
  swarm.handle(0, { kind: 'admitted', connection: 1, admitted: true });
  swarm.handle(0, { kind: 'closed', connection: 1 });
  const kinds: string[] = [];
  for (let output = swarm.poll(); output !== undefined; output = swarm.poll()) kinds.push(output.kind);
  expect(kinds).toEqual(['admit', 'joined']);
});

test('viewers of several processes meet, and their signals cross', () => {
  const cluster = new Cluster(['a', 'b']);
  cluster.join('a', 1);
  expect(cluster.join('b', 2)).toEqual([]);
  expect(cluster.join('b', 3)).toEqual([nameOf('b', 2)]);
  // Whoever comes later knows of those who were there before, at the process that has a room.
  expect(cluster.join('a', 4)).toEqual(expect.arrayContaining([nameOf('a', 1), nameOf('b', 3)]));
  cluster.say('a', 4, { kind: 'signal', to: nameOf('b', 3), dial: 9, data: 'x' });
  expect(cluster.said.at(-1)).toEqual({
    by: 'b',
    kind: 'say',
    connection: 3,
    answer: { kind: 'signal', from: nameOf('a', 4), dial: 9, data: 'x' },
  });
});

test('who has left is met no more, and a signal to them comes back', () => {
  const cluster = new Cluster(['a', 'b']);
  cluster.join('a', 1);
  cluster.join('b', 2);
  cluster.join('b', 3);
  // The process that answers for it has lost it, and this one has not heard so yet.
  cluster.tell('a', {
    kind: 'visitors-came',
    path: '/a',
    visitors: [{ viewer: nameOf('b', 9), node: 'b', address: 'x', nat: 'open', uploads: true }],
  });
  cluster.say('a', 1, { kind: 'signal', to: nameOf('b', 9), dial: 1, data: '' });
  expect(cluster.said.at(-1)).toMatchObject({
    by: 'a',
    connection: 1,
    answer: { kind: 'gone', viewer: nameOf('b', 9) },
  });
  cluster.tell('b', { kind: 'closed', connection: 2 });
  cluster.say('a', 1, { kind: 'signal', to: nameOf('b', 2), dial: 1, data: '' });
  expect(cluster.said.at(-1)).toMatchObject({ by: 'a', answer: { kind: 'gone', viewer: nameOf('b', 2) } });
});

test('the viewers of a process that is gone are gone with it, and nobody else', () => {
  const cluster = new Cluster(['a', 'b', 'c']);
  cluster.join('a', 1);
  for (let viewer = 2; viewer < 6; viewer++) cluster.join('b', viewer);
  cluster.join('c', 6);
  cluster.tell('a', { kind: 'node-gone', node: 'b' });
  expect(new Set(cluster.join('a', 7))).toEqual(new Set([nameOf('a', 1), nameOf('c', 6)]));
  cluster.tell('a', { kind: 'node-gone', node: undefined });
  expect(new Set(cluster.join('a', 8))).toEqual(new Set([nameOf('a', 1), nameOf('a', 7)]));
});

test('a room is opened by the first viewer here and closed by the last, whoever is elsewhere', () => {
  const cluster = new Cluster(['a', 'b']);
  cluster.join('a', 1);
  cluster.join('a', 2);
  cluster.join('b', 3);
  cluster.tell('a', { kind: 'closed', connection: 1 });
  cluster.tell('a', { kind: 'closed', connection: 2 });
  const rooms = cluster.said.filter(({ kind, by }) => by === 'a' && kind.startsWith('room-'));
  expect(rooms.map(({ kind }) => kind)).toEqual(['room-opened', 'room-closed']);
  expect(cluster.swarm('a').rooms()).toEqual([]);
  expect(cluster.swarm('b').rooms()).toMatchObject([{ viewers: 1 }]);
});

test('a kind of NAT that is found out later is told once, reports are not told at all', () => {
  const cluster = new Cluster(['a', 'b']);
  cluster.join('a', 1);
  cluster.said.length = 0;
  for (const nat of ['unknown', 'cone', 'cone', 'cone'] as const) {
    cluster.now += 5000;
    cluster.say('a', 1, { kind: 'report', report: FIRST_REPORT, nat });
  }
  expect(cluster.said).toEqual([
    { by: 'a', kind: 'came', path: '/a', entry: expect.objectContaining({ viewer: nameOf('a', 1), nat: 'cone' }) },
  ]);
});

test('other processes hear once when a viewer that uploaded nothing has slots', () => {
  const cluster = new Cluster(['a', 'b']);
  cluster.join('a', 1, { uploads: false });
  for (const slots of [0, 3, 0, 3]) cluster.say('a', 1, { kind: 'report', report: { ...FIRST_REPORT, slots } });
  expect(cluster.said.filter(({ kind }) => kind === 'came')).toMatchObject([
    { entry: { uploads: false } },
    { entry: { uploads: true } },
  ]);
});

test('many processes cannot drown a viewer in signals either', () => {
  const cluster = new Cluster(['a', 'b']);
  cluster.join('a', 1);
  for (let viewer = 2; viewer < 30; viewer++) {
    cluster.join('b', viewer);
    cluster.tell('b', {
      kind: 'visitors-came',
      path: '/a',
      visitors: [{ viewer: nameOf('a', 1), node: 'a', address: 'x', nat: 'open', uploads: true }],
    });
    for (let n = 0; n < 50; n++) cluster.say('b', viewer, { kind: 'signal', to: nameOf('a', 1), dial: n, data: '' });
  }
  const delivered = cluster.said.filter((output) => output.kind === 'say' && output.answer.kind === 'signal');
  expect(delivered.length).toBe(400);
});

test('introductions reach across processes as they do within one', () => {
  const cluster = new Cluster(['a', 'b']);
  cluster.join('a', 1);
  cluster.join('b', 2);
  for (let viewer = 3; viewer < 60; viewer++) cluster.join(viewer % 2 === 0 ? 'a' : 'b', viewer);
  cluster.now += 5000;
  let elsewhere = 0;
  for (let viewer = 60; viewer < 100; viewer++) {
    const met = cluster.join('a', viewer);
    expect(met.length).toBe(NEIGHBOURS_AT_JOIN);
    elsewhere += met.filter((name) => name.startsWith('b')).length;
  }
  expect(elsewhere).toBeGreaterThan(80);
});
