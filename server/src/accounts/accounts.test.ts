// What the accounts believe: viewers that share, and all kinds of viewers that lie.

import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { TrackerAnswer } from '../../../src/wire/tracker.ts';
import { ByteCore } from '../../../wasm/abi.ts';
import { readByteCore } from '../assets.ts';
import { makeLog, silentSink } from '../log.ts';
import type { Form, Meter } from '../origin/egress.ts';
import { streamId } from '../origin/stream-keys.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { JoinTokens } from '../tracker/join-tokens.ts';
import { HOUR_MS, rowOf } from './account-entry.ts';
import { MemoryAccountStore } from './account-store.ts';
import { Accounts, type Seat } from './accounts.ts';
import type { Payer } from './app-gate.ts';
import { Ledger } from './ledger.ts';
import { TestStream } from './testing/cut-stream.ts';
import { KeyedViewer, type LinkClaim } from './testing/keyed-viewer.ts';
import { Watchers } from './watchers.ts';

const core = await ByteCore.load(await readByteCore());
const PATH = '/live/a';
const PIECE = TestStream.pieceBytes;
const PIECE_MS = 100;

/** What a viewer of the scene has to show when it is asked. */
type Holding = 'everything' | 'nothing' | 'silent' | ((sequence: number) => boolean);

interface Actor {
  readonly viewer: KeyedViewer;
  readonly seat: Seat;
  /** A connection of the origin to it. */
  readonly carrier: { takenBytes: number };
  claim(claims: readonly Omit<LinkClaim, 'other'>[] | readonly LinkClaim[], sequence?: number): void;
}

class Scene {
  readonly clock = new ManualClock(450_000 * HOUR_MS);
  readonly stream = new TestStream(PATH, this.clock);
  readonly id = streamId(core, new Uint8Array(32), PATH);
  readonly tokens = new JoinTokens(core, this.clock, new Uint8Array(32).fill(9));
  readonly store = new MemoryAccountStore();
  readonly accounts: Accounts;
  readonly challenges: TrackerAnswer[] = [];
  #dice = 0.37;

  constructor() {
    const ledger = new Ledger(
      this.store,
      this.clock,
      makeLog(silentSink(), false, () => 0),
    );
    this.accounts = new Accounts({
      clock: this.clock,
      ledger,
      watchers: new Watchers(),
      hash: (bytes) => core.blake3(bytes),
      random: () => (this.#dice = (this.#dice * 997.13) % 1),
      verify: (key, text, signature) => core.verify(key, text, signature),
      isOurs: (token) => this.tokens.isOurs(token),
      running: (path) => (path === PATH ? this.stream : undefined),
    });
    onTestFinished(() => this.accounts.close());
  }

  /** Somebody joins. `payer` is whose token it has; nobody's by default. */
  join(holding: Holding, payer: Payer = { app: 'shop', viewer: randomBytes(6).toString('hex') }): Actor {
    const viewer = new KeyedViewer(core, new Uint8Array(randomBytes(32)));
    const id = new Uint8Array(randomBytes(8));
    const grant = this.tokens.grant({
      viewer: Buffer.from(id).toString('hex'),
      stream: this.id,
      viewerKey: viewer.key,
    });
    viewer.token = new Uint8Array(Buffer.from(grant.token, 'base64url'));
    const carrier = { takenBytes: 0 };
    this.watch(payer, 'pieces-ws', carrier);
    const seat: Seat = this.accounts.join({
      payer,
      path: PATH,
      ip: '192.0.2.1',
      stream: this.id,
      viewerKey: viewer.key,
      shows: true,
      say: (ask) => {
        this.challenges.push(ask);
        if (holding === 'silent') return;
        const has = typeof holding === 'function' ? holding : () => holding === 'everything';
        seat.hear(viewer.show(ask, (sequence) => (has(sequence) ? this.stream.window.get(sequence)?.wire : undefined)));
      },
    });
    const claim = (claims: readonly LinkClaim[], sequence?: number): void =>
      seat.hear(viewer.handIn(this.id, claims, sequence));
    return { viewer, seat, carrier, claim: claim as Actor['claim'] };
  }

  /** The origin sends somebody something. */
  watch(payer: Payer, form: Form, carrier?: { readonly takenBytes: number }, ip = '192.0.2.1'): { bytes: number } {
    const socket = { bytes: 0, isOpen: true, purpose: { form, tag: '', path: PATH } };
    const meter = socket as unknown as Meter;
    const watching = { payer, path: PATH, ip, form, meter };
    this.accounts.watch(carrier === undefined ? watching : { ...watching, carrier });
    return socket;
  }

  /** Lets time pass while the stream is cut; `each` is called for each piece. */
  run(ms: number, each: () => void = () => undefined): void {
    for (let passed = 0; passed < ms; passed += PIECE_MS) {
      this.stream.cut();
      each();
      this.clock.advance(PIECE_MS);
    }
  }

  async row(app = 'shop') {
    this.accounts.look();
    this.clock.advance(1000);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    const entries = await this.store.read({ from: 0, to: Number.MAX_SAFE_INTEGER });
    const entry = entries.find(({ key }) => key.app === app);
    return entry === undefined ? undefined : rowOf(entry);
  }
}

const cutBytes = (ms: number): number => (ms / PIECE_MS) * PIECE;

test('two viewers that share half of a stream each are credited with what they had from each other', async () => {
  const scene = new Scene();
  const [a, b] = [scene.join('everything'), scene.join('everything')];
  let received = 0;
  scene.run(60_000, () => {
    a.carrier.takenBytes += PIECE / 2;
    b.carrier.takenBytes += PIECE / 2;
    received += PIECE / 2;
  });
  a.claim([{ other: b.viewer, received, sent: received }]);
  b.claim([{ other: a.viewer, received, sent: received + 50_000 }]);
  // What was cut last is shown some seconds later.
  scene.clock.advance(20_000);
  const row = await scene.row();
  expect(row?.neighbourBytes).toBe(cutBytes(60_000));
  expect(row).toMatchObject({ viewers: 2, peak: 2, claimedBytes: cutBytes(60_000) });
  expect(row?.wantedBytes).toBe(2 * (60_000 / PIECE_MS) * 1000);
});

test('a viewer alone cannot make anything up', async () => {
  const scene = new Scene();
  const [liar, other] = [scene.join('nothing'), scene.join('nothing')];
  const nobody = new KeyedViewer(core, new Uint8Array(32).fill(1));
  const tries: readonly (readonly LinkClaim[])[] = [
    [{ other: other.viewer, received: 1e9, sent: 1e9, signedBy: liar.viewer }],
    [{ other: nobody, received: 1e9, sent: 1e9 }],
    [{ other: liar.viewer, received: 1e9, sent: 1e9 }],
    [{ other: other.viewer, received: 1e9, sent: 0 }],
  ];
  for (const claims of tries) {
    scene.run(5000);
    liar.claim(claims);
  }
  scene.run(30_000);
  expect(await scene.row()).toMatchObject({ neighbourBytes: 0, claimedBytes: 0 });
});

test.each(['nothing', 'silent'] as const)(
  'a pair that signs for each other and holds %s gets nothing',
  async (holding) => {
    const scene = new Scene();
    const [a, b] = [scene.join(holding), scene.join(holding)];
    for (let n = 1; n <= 20; n++) {
      a.claim([{ other: b.viewer, received: n * 1e8, sent: n * 1e8 }]);
      b.claim([{ other: a.viewer, received: n * 1e8, sent: n * 1e8 }]);
      scene.run(5000);
    }
    expect(scene.challenges.length).toBeGreaterThan(20);
    expect(await scene.row()).toMatchObject({ neighbourBytes: 0, claimedBytes: 2e9 * 2 });
  },
);

test('a pair that has everything from the origin gets nothing more, and only the half it shared when it shared', async () => {
  const scene = new Scene();
  const [a, b] = [scene.join('everything'), scene.join('everything')];
  const [c, d] = [1, 2].map(() => scene.join('everything', { app: 'tour', viewer: randomBytes(6).toString('hex') }));
  if (c === undefined || d === undefined) throw new Error('two more');
  scene.run(60_000, () => {
    for (const { carrier } of [a, b]) carrier.takenBytes += PIECE;
    c.carrier.takenBytes += PIECE;
  });
  for (const [one, other] of [
    [a, b],
    [b, a],
    [c, d],
    [d, c],
  ] as const) {
    one.claim([{ other: other.viewer, received: 1e9, sent: 1e9 }]);
  }
  scene.clock.advance(20_000);
  expect(await scene.row()).toMatchObject({ neighbourBytes: 0 });
  expect((await scene.row('tour'))?.neighbourBytes).toBe(cutBytes(60_000));
});

test('what is fetched past the counted connection is counted all the same', async () => {
  const scene = new Scene();
  const payer = { app: 'shop', viewer: 'ann' };
  const [a, b] = [scene.join('everything', payer), scene.join('nothing')];
  const beside = { takenBytes: 0 };
  scene.watch(payer, 'plain', beside);
  const single = scene.watch({ app: '-', viewer: undefined }, 'piece');
  scene.run(40_000, () => {
    beside.takenBytes += PIECE / 2;
    single.bytes += PIECE / 2;
  });
  a.claim([{ other: b.viewer, received: 1e9, sent: 1e9 }]);
  scene.clock.advance(20_000);
  expect(await scene.row()).toMatchObject({ neighbourBytes: 0 });
});

test('an old hand-in, somebody else’s, and one of another stream are not looked at', async () => {
  const scene = new Scene();
  const [a, b, c] = [scene.join('everything'), scene.join('everything'), scene.join('everything')];
  const foreign = streamId(core, new Uint8Array(32), '/live/b');
  const claims = (sent: number): LinkClaim[] => [{ other: b.viewer, received: sent, sent }];
  scene.run(30_000);
  a.claim(claims(1000), 7);
  scene.run(5000);
  for (const sequence of [7, 6, 0]) {
    a.claim(claims(50_000), sequence);
    scene.run(5000);
  }
  c.seat.hear(a.viewer.handIn(scene.id, claims(60_000), 8));
  c.seat.hear(c.viewer.handIn(foreign, claims(70_000)));
  scene.run(5000);
  const elsewhere = new KeyedViewer(core, new Uint8Array(32).fill(3));
  const grant = scene.tokens.grant({ viewer: '00'.repeat(8), stream: foreign, viewerKey: elsewhere.key });
  elsewhere.token = new Uint8Array(Buffer.from(grant.token, 'base64url'));
  c.claim([{ other: elsewhere, received: 80_000, sent: 80_000 }]);
  scene.clock.advance(20_000);
  expect(await scene.row()).toMatchObject({ claimedBytes: 1000, neighbourBytes: 1000 });
});

test('many connections with one token are one viewer', async () => {
  const scene = new Scene();
  const payer = { app: 'shop', viewer: 'sybil' };
  const all = Array.from({ length: 20 }, () => scene.join('everything', payer));
  const feeder = scene.join('everything');
  for (let n = 1; n <= 12; n++) {
    for (const one of all) one.claim([{ other: feeder.viewer, received: n * 1e7, sent: n * 1e7 }]);
    scene.run(5000);
  }
  scene.clock.advance(20_000);
  const row = await scene.row();
  expect(row).toMatchObject({ viewers: 2, peak: 2 });
  // The one that is counted holds the stream and had nothing of it from the origin: one copy, not twenty.
  expect(row?.neighbourBytes).toBeGreaterThan(cutBytes(50_000));
  expect(row?.neighbourBytes).toBeLessThanOrEqual(cutBytes(60_000));
});

test('leaving and coming back does not count anything twice', async () => {
  const scene = new Scene();
  const payer = { app: 'shop', viewer: 'ann' };
  const feeder = scene.join('everything');
  for (let n = 1; n <= 10; n++) {
    const back = scene.join('everything', payer);
    back.claim([{ other: feeder.viewer, received: 1e9, sent: 1e9 }]);
    scene.run(10_000);
    back.seat.leave();
  }
  scene.clock.advance(20_000);
  const row = await scene.row();
  expect(row?.neighbourBytes).toBeLessThanOrEqual(cutBytes(100_000));
  expect(row).toMatchObject({ viewers: 2 });
});

test('a viewer that holds half of the stream, and that from the origin, gets nothing but luck', async () => {
  const scene = new Scene();
  const [a, b] = [scene.join((sequence) => sequence % 2 === 0), scene.join('nothing')];
  let n = 0;
  for (let round = 0; round < 24; round++) {
    scene.run(5000, () => {
      if (n++ % 2 === 0) a.carrier.takenBytes += PIECE;
    });
    a.claim([{ other: b.viewer, received: 1e9, sent: 1e9 }]);
  }
  expect((await scene.row())?.neighbourBytes).toBeLessThan(cutBytes(1000));
});

test('hand-ins that come too fast are not looked at', async () => {
  const scene = new Scene();
  const [a, b] = [scene.join('everything'), scene.join('everything')];
  scene.run(10_000);
  for (let n = 1; n <= 100; n++) a.claim([{ other: b.viewer, received: n, sent: n }]);
  expect(await scene.row()).toMatchObject({ claimedBytes: 1 });
});

test('players without sharing are counted by their connections, and leave when those close', async () => {
  const scene = new Scene();
  const socket = scene.watch({ app: 'shop', viewer: 'vlc' }, 'plain');
  socket.bytes = 5000;
  scene.run(2000);
  expect(await scene.row()).toMatchObject({ originBytes: 5000, wantedBytes: 5000, viewers: 1, peak: 1, offload: 0 });
});

test('a stream is not kept running to be counted when nobody watches it any more', () => {
  const scene = new Scene();
  const viewer = scene.join('everything');
  scene.run(2000);
  expect(scene.stream.counting).toBe(1);
  scene.stream.viewers = 0;
  scene.run(2000);
  expect(scene.stream.counting).toBe(0);
  scene.stream.viewers = 1;
  scene.run(2000);
  expect(scene.stream.counting).toBe(1);
  viewer.seat.leave();
  scene.run(2000);
  expect(scene.stream.counting).toBe(0);
});

test('the hour that turns counts those again who are there, and no others', async () => {
  const scene = new Scene();
  const [stays, goes] = [scene.join('everything'), scene.join('everything')];
  scene.run(2000);
  goes.seat.leave();
  scene.clock.advance(HOUR_MS);
  await scene.row();
  const entries = await scene.store.read({ from: 0, to: Number.MAX_SAFE_INTEGER });
  expect(entries.map(({ amounts }) => amounts.viewers)).toEqual([2, 1]);
  stays.seat.leave();
});
