import { expect, onTestFinished, test } from 'vitest';
import { Swarm } from '../../../src/core/tracker/swarm.ts';
import type { TrackerAnswer, TrackerRequest, ViewerName } from '../../../src/wire/tracker.ts';
import { PROTOCOL_VERSION } from '../../../src/wire/version.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { MemoryHub, MemoryStore } from './memory-store.ts';
import { mailChannel, NODES_CHANNEL, roomName } from './names.ts';
import { RoomExchange } from './room-exchange.ts';
import type { SharedStore } from './shared-store.ts';

const LIMITS = { connections: 100_000, connectionsPerAddress: 100_000, viewersPerStream: 50_000 };
const PATH = '/live/a';

let processes = 0;

/** A tracker and its exchange, as in one process. */
class Process {
  readonly node = `node-${++processes}`;
  readonly store: SharedStore;
  readonly said: { readonly connection: number; readonly answer: TrackerAnswer }[] = [];
  readonly #clock: ManualClock;
  readonly #swarm = new Swarm(LIMITS, 7, 'clustered');
  readonly #exchange: RoomExchange;
  #joined = 0;

  constructor(hub: MemoryHub, clock: ManualClock) {
    this.#clock = clock;
    this.store = new MemoryStore(hub);
    this.#exchange = new RoomExchange({
      store: this.store,
      clock,
      node: this.node,
      tell: (input) => this.#tell(input),
    });
  }

  static async start(hub: MemoryHub, clock: ManualClock): Promise<Process> {
    const process = new Process(hub, clock);
    await process.#exchange.start();
    onTestFinished(() => process.store.close());
    return process;
  }

  get others(): readonly string[] {
    return this.#exchange.others;
  }

  viewer(connection: number): ViewerName {
    return `${this.node.replace(/\D/g, '')}${connection}`.padStart(16, '0');
  }

  join(path = PATH): number {
    const connection = ++this.#joined;
    this.#tell({ kind: 'opened', connection, address: `10.${connection}`, viewer: this.viewer(connection) });
    const plain = { version: PROTOCOL_VERSION, credentials: '', viewerKey: '', uploads: true };
    this.say(connection, { kind: 'join', path, ...plain });
    this.#tell({ kind: 'admitted', connection, admitted: true });
    return connection;
  }

  leave(connection: number): void {
    this.#tell({ kind: 'closed', connection });
  }

  say(connection: number, request: TrackerRequest): void {
    this.#tell({ kind: 'said', connection, request });
  }

  /** Whom a viewer would be introduced to now, once it has looked. */
  meets(connection: number): ViewerName[] {
    this.said.length = 0;
    this.say(connection, { kind: 'more', count: 16 });
    const answer = this.said[0]?.answer;
    return answer?.kind === 'neighbours' ? answer.neighbours.toSorted() : [];
  }

  /** Ends without a word. */
  die(): Promise<void> {
    return this.store.close();
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }

  #tell(input: Parameters<Swarm['handle']>[1]): void {
    this.#swarm.handle(this.#clock.now(), input);
    for (let output = this.#swarm.poll(); output !== undefined; output = this.#swarm.poll()) {
      if (output.kind === 'say') this.said.push(output);
      else if (output.kind !== 'admit' && output.kind !== 'joined' && output.kind !== 'renewed') {
        if (output.kind !== 'close' && output.kind !== 'account') this.#exchange.take(output);
      }
    }
  }
}

interface World {
  readonly hub: MemoryHub;
  readonly clock: ManualClock;
  start(): Promise<Process>;
  /** Lets what is under way arrive. */
  settle(ms?: number): Promise<void>;
}

const makeWorld = (): World => {
  const clock = new ManualClock();
  const hub = new MemoryHub(clock);
  return {
    hub,
    clock,
    start: () => Process.start(hub, clock),
    settle: async (ms = 100) => {
      // In small steps: a promise that comes true between two timers is heard between them.
      for (let passed = 0; passed < ms; passed += 50) {
        clock.advance(50);
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
};

test('viewers of two processes are introduced to each other, whoever came first', async () => {
  const world = makeWorld();
  const [a, b] = [await world.start(), await world.start()];
  const early = [a.join(), a.join()];
  await world.settle();
  const late = b.join();
  await world.settle();
  expect(b.meets(late)).toEqual(early.map((one) => a.viewer(one)).toSorted());
  expect(a.meets(early[0] ?? 0)).toEqual([a.viewer(2), b.viewer(late)].toSorted());
  b.leave(late);
  await world.settle();
  expect(a.meets(early[0] ?? 0)).toEqual([a.viewer(2)]);
});

test('a signal crosses, and one that finds nobody comes back', async () => {
  const world = makeWorld();
  const [a, b] = [await world.start(), await world.start()];
  const [from, to] = [a.join(), b.join()];
  await world.settle();
  a.say(from, { kind: 'signal', to: b.viewer(to), dial: 5, data: 'offer' });
  await world.settle();
  expect(b.said.at(-1)).toMatchObject({
    connection: to,
    answer: { kind: 'signal', from: a.viewer(from), dial: 5, data: 'offer' },
  });
  b.leave(to);
  a.say(from, { kind: 'signal', to: b.viewer(to), dial: 5, data: 'more' });
  await world.settle();
  expect(a.said.at(-1)).toMatchObject({ connection: from, answer: { kind: 'gone', viewer: b.viewer(to) } });
});

test('what a viewer does while it watches costs the store nothing', async () => {
  const world = makeWorld();
  const [a, b] = [await world.start(), await world.start()];
  const [watching] = [a.join(), b.join()];
  await world.settle();
  const calls: string[] = [];
  for (const name of ['publish', 'putFields', 'dropFields', 'readFields', 'read', 'write', 'take'] as const) {
    const call = a.store[name].bind(a.store) as (...args: unknown[]) => unknown;
    (a.store as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => {
      if (args[0] !== NODES_CHANNEL) calls.push(name);
      return call(...args);
    };
  }
  const report = {
    originBytes: 1,
    neighbourBytes: 1,
    uploadedBytes: 1,
    playedBytes: 1,
    stalls: 0,
    neighbours: 1,
    slots: 2,
  };
  for (let minute = 0; minute < 10; minute++) {
    a.say(watching ?? 0, { kind: 'report', report });
    a.meets(watching ?? 0);
    await world.settle(1000);
  }
  expect(calls).toEqual([]);
  a.join();
  await world.settle();
  expect(calls).toEqual(['putFields', 'publish']);
});

test('a process that dies takes its viewers along within ten seconds, everywhere and in the store', async () => {
  const world = makeWorld();
  const [a, b] = [await world.start(), await world.start()];
  const here = a.join();
  b.join();
  await world.settle(3000);
  expect(a.meets(here).length).toBe(1);
  await b.die();
  await world.settle(12_000);
  expect(a.meets(here)).toEqual([]);
  expect(a.others).toEqual([]);
  expect([...(await a.store.readFields(roomName(PATH))).keys()]).toEqual([a.viewer(here)]);
});

test('a signal into the void tells at once that a process is gone', async () => {
  const world = makeWorld();
  const [a, b] = [await world.start(), await world.start()];
  const [here, there] = [a.join(), b.join()];
  b.join();
  await world.settle();
  await b.die();
  a.say(here, { kind: 'signal', to: b.viewer(there), dial: 1, data: '' });
  await world.settle();
  expect(a.meets(here)).toEqual([]);
});

test('a process that says goodbye is gone at once', async () => {
  const world = makeWorld();
  const [a, b] = [await world.start(), await world.start()];
  const here = a.join();
  b.join();
  await world.settle();
  await b.close();
  await world.settle();
  expect(a.meets(here)).toEqual([]);
  expect([...(await a.store.readFields(roomName(PATH))).keys()]).toEqual([a.viewer(here)]);
});

test('while the store is away each process has its own swarm; it heals, with those who came meanwhile', async () => {
  const world = makeWorld();
  const [a, b] = [await world.start(), await world.start()];
  const [one, two] = [a.join(), b.join()];
  await world.settle();
  expect(a.meets(one)).toEqual([b.viewer(two)]);
  world.hub.turn('lost', 'gone');
  await world.settle(60_000);
  const meanwhile = a.join();
  await world.settle();
  expect(a.meets(one)).toEqual([a.viewer(meanwhile)]);
  expect(b.meets(two)).toEqual([]);
  world.hub.turn('ready');
  await world.settle();
  expect(b.meets(two)).toEqual([a.viewer(one), a.viewer(meanwhile)].toSorted());
  expect(a.meets(one)).toEqual([a.viewer(meanwhile), b.viewer(two)].toSorted());
});

test('a process of another version is understood as far as it can be', async () => {
  const world = makeWorld();
  const a = await world.start();
  const here = a.join();
  await world.settle();
  const entry = {
    viewer: '00000000000000ff',
    node: 'newer',
    address: '1',
    nat: 'by-satellite',
    uploads: true,
    born: 7,
  };
  for (const text of [
    'nonsense',
    '{"node":"newer","kind":"elected"}',
    '{"node":"newer","came":"all","left":[]}',
    JSON.stringify({ node: 'newer', came: [entry], left: [], mood: 'good' }),
  ]) {
    await a.store.publish(roomName(PATH), text);
    await a.store.publish(NODES_CHANNEL, text);
    await a.store.publish(mailChannel(a.node), text);
  }
  await a.store.publish(mailChannel(a.node), '{"kind":"telegram","signal":{}}');
  await world.settle();
  expect(a.meets(here)).toEqual(['00000000000000ff']);
});
