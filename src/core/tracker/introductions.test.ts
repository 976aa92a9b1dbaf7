import { expect, test } from 'vitest';
import type { NatKind } from '../../wire/nat.ts';
import type { TrackerRequest, ViewerName } from '../../wire/tracker.ts';
import { PROTOCOL_VERSION } from '../../wire/version.ts';
import { NEIGHBOURS_AT_JOIN, Swarm } from './swarm.ts';
import { FIRST_REPORT, WIDE_LIMITS } from './testing/joining.ts';

const nameOf = (connection: number): ViewerName => connection.toString(16).padStart(16, '0');

type Outcomes = { readonly reached?: readonly ViewerName[]; readonly missed?: readonly ViewerName[] };

class World {
  now = 0;
  readonly swarm = new Swarm(WIDE_LIMITS, 7);
  readonly nats = new Map<ViewerName, NatKind>();
  #joined = 0;

  /** Joins from an address of its own, unless told otherwise; says whom it is introduced to. */
  join(
    nat: NatKind | undefined,
    address?: string,
  ): { readonly connection: number; readonly met: readonly ViewerName[] } {
    const connection = ++this.#joined;
    this.nats.set(nameOf(connection), nat ?? 'unknown');
    this.#tell({ kind: 'opened', connection, address: address ?? `10.${connection}`, viewer: nameOf(connection) });
    const plain = { version: PROTOCOL_VERSION, path: '/a', credentials: '', viewerKey: '', uploads: true };
    this.say(connection, { kind: 'join', ...plain, ...(nat === undefined ? {} : { nat }) });
    const [joined] = this.#tell({ kind: 'admitted', connection, admitted: true });
    return { connection, met: joined?.kind === 'joined' ? joined.neighbours : [] };
  }

  joinAll(count: number, nat: NatKind): number[] {
    return Array.from({ length: count }, () => this.join(nat).connection);
  }

  more(connection: number, count = 8): readonly ViewerName[] {
    const [output] = this.say(connection, { kind: 'more', count });
    return output?.kind === 'say' && output.answer.kind === 'neighbours' ? output.answer.neighbours : [];
  }

  report(connection: number, outcomes: Outcomes = {}, nat?: NatKind): void {
    this.say(connection, { kind: 'report', report: FIRST_REPORT, ...outcomes, ...(nat === undefined ? {} : { nat }) });
  }

  say(connection: number, request: TrackerRequest) {
    return this.#tell({ kind: 'said', connection, request });
  }

  /** How many of these are of a kind. */
  count(names: readonly ViewerName[], nat: NatKind): number {
    return names.filter((name) => this.nats.get(name) === nat).length;
  }

  #tell(input: Parameters<Swarm['handle']>[1]) {
    this.swarm.handle(this.now, input);
    const outputs = [];
    for (let output = this.swarm.poll(); output !== undefined; output = this.swarm.poll()) outputs.push(output);
    return outputs;
  }
}

test('who is behind a symmetric NAT meets those it can reach, as long as there are enough of them', () => {
  const world = new World();
  world.joinAll(20, 'cone');
  world.joinAll(20, 'symmetric');
  world.joinAll(20, 'open');
  world.now += 5000;
  const { met } = world.join('symmetric');
  expect(world.count(met, 'open')).toBe(NEIGHBOURS_AT_JOIN);
});

test('where nobody can be reached two are tried all the same, and not eight', () => {
  const world = new World();
  world.joinAll(20, 'symmetric');
  world.now += 5000;
  expect(world.join('symmetric').met.length).toBe(2);
  expect(world.join('cone').met.length).toBe(2);
  expect(world.join('blocked').met.length).toBe(2);
  expect(world.join('open').met.length).toBe(NEIGHBOURS_AT_JOIN);
});

test('two viewers of a tiny swarm are introduced whatever they are', () => {
  const world = new World();
  const first = world.join('symmetric');
  expect(world.join('symmetric').met).toEqual([nameOf(first.connection)]);
});

test('two from one address are introduced like any others', () => {
  const world = new World();
  for (let viewer = 0; viewer < 20; viewer++) world.join('symmetric', 'home');
  world.now += 5000;
  expect(world.join('symmetric', 'home').met.length).toBe(NEIGHBOURS_AT_JOIN);
  expect(world.join('symmetric', 'elsewhere').met.length).toBe(2);
});

test('a kind that is not said is taken as any', () => {
  const world = new World();
  world.joinAll(20, 'cone');
  world.now += 5000;
  const late = world.join(undefined);
  expect(late.met.length).toBe(NEIGHBOURS_AT_JOIN);
  world.report(late.connection, {}, 'symmetric');
  expect(world.more(late.connection).length).toBe(2);
  expect(world.swarm.rooms()[0]?.nats).toEqual({ cone: 20, symmetric: 1 });
});

test('links that come to be all the same are learned from', () => {
  const world = new World();
  const others = world.joinAll(20, 'cone');
  world.now += 5000;
  for (let viewer = 0; viewer < 8; viewer++) {
    const { connection, met } = world.join('symmetric');
    world.report(connection, { reached: met });
  }
  expect(world.join('symmetric').met.length).toBe(NEIGHBOURS_AT_JOIN);
  expect(others.length).toBe(20);
});

test('an outcome counts once for each introduction, and only for those who were introduced', () => {
  const world = new World();
  world.joinAll(20, 'cone');
  world.now += 5000;
  const liar = world.join('symmetric');
  for (let round = 0; round < 50; round++) {
    world.now += 1000;
    world.report(liar.connection, { reached: liar.met });
    world.report(liar.connection, { reached: Array.from({ length: 16 }, (_, at) => nameOf(at + 1)) });
  }
  expect(world.join('symmetric').met.length).toBe(2);
});

test('who asks for more and more to lie about teaches no more than one outcome a second', () => {
  const world = new World();
  world.joinAll(40, 'cone');
  world.now += 5000;
  const liar = world.join('cone');
  for (let round = 0; round < 200; round++) {
    world.now += 100;
    world.report(liar.connection, { missed: world.more(liar.connection, 16) });
  }
  // Nor does it keep apart those whose kinds fit.
  expect(world.join('cone').met.length).toBe(NEIGHBOURS_AT_JOIN);
});

test('who has neighbours and asks for two more meets those with free places, however often they are introduced', () => {
  const world = new World();
  const all = world.joinAll(30, 'unknown');
  world.now += 10_000;
  const free = all.slice(1, 7);
  for (const connection of all) {
    const slots = free.includes(connection) ? 5 : 0;
    world.say(connection, { kind: 'report', report: { ...FIRST_REPORT, slots } });
  }
  for (let time = 0; time < 8; time++) {
    const met = world.more(all[0] as number, 2);
    expect(met.length).toBe(2);
    for (const name of met) expect(free.map(nameOf)).toContain(name);
  }
  // Who asks for many meets some by chance, too.
  const met = Array.from({ length: 8 }, () => world.more(all[0] as number, 4)).flat();
  expect(met.some((name) => !free.map(nameOf).includes(name))).toBe(true);
});
