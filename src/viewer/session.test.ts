/**
 * One viewer in a world of memory: what the source sends is what it plays.
 */
import { describe, expect, test } from 'vitest';
import { encodeOriginFrame } from '../wire/origin.ts';
import { core } from './testing/core.ts';
import { type MemoryViewer, MemoryWorld } from './testing/memory-world.ts';

const states = (viewer: MemoryViewer): string[] =>
  viewer.notices.flatMap((notice) => (notice.kind === 'state' ? [notice.state] : []));

describe('a viewer alone', () => {
  test.each([true, false])(
    'plays exactly what the source sends, from the newest keyframe on (encrypted: %s)',
    (encrypted) => {
      const world = new MemoryWorld(core, { encrypted });
      world.run(3000);
      const { keyframe } = world.origin.epoch;
      const viewer = world.join();
      world.run(8000);
      world.verify();
      expect(keyframe).toBeGreaterThan(0);
      expect(viewer.sink.runs.length).toBe(1);
      const played = viewer.sink.bytesOf(0).subarray(world.origin.epoch.prelude.length);
      expect(Buffer.compare(played, world.origin.epoch.clearFrom(keyframe).subarray(0, played.length))).toBe(0);
      expect(world.behind(viewer)).toBeLessThan(15_000);
      expect(viewer.screen?.stalls).toBe(0);
      expect(states(viewer)).toEqual(['playing']);
      expect(viewer.faults()).toEqual([]);
    },
  );

  test('that comes before the source has begun plays from its first piece', () => {
    const world = new MemoryWorld(core);
    const viewer = world.join();
    world.run(4000);
    world.verify();
    expect(viewer.sink.total).toBeGreaterThan(100_000);
  });

  test('counts what came and what was played to the byte', () => {
    const world = new MemoryWorld(core);
    world.run(2500);
    const viewer = world.join();
    world.run(4000);
    world.origin.end();
    world.run(1000);
    const stats = viewer.viewer.stats();
    expect(stats.originBytes).toBe(world.origin.sentBytes);
    expect(stats.playedBytes).toBe(viewer.sink.total);
    expect(stats).toMatchObject({
      neighbourBytes: 0,
      uploadedBytes: 0,
      piecesFromNeighbours: 0,
      piecesRejected: 0,
      restarts: 0,
    });
    expect(stats.fromOrigin + stats.fromNeighbours + stats.orphaned).toBe(stats.substreams);
  });

  test('plays to the last byte when the source ends, and says so', () => {
    const world = new MemoryWorld(core);
    world.run(2500);
    const { keyframe } = world.origin.epoch;
    const viewer = world.join();
    world.run(3000);
    world.origin.end();
    world.run(1000);
    const { epoch } = world.origin;
    expect(viewer.sink.total).toBe(epoch.prelude.length + epoch.clearFrom(keyframe).length);
    expect(viewer.sink.ends).toBe(1);
    expect(states(viewer)).toEqual(['playing', 'ended']);
    world.run(5000);
    expect(states(viewer)).toEqual(['playing', 'ended']);
  });

  test('calls a silent source an outage, and plays on when it is back', () => {
    const world = new MemoryWorld(core);
    world.run(2500);
    const viewer = world.join();
    world.run(3000);
    world.origin.epoch.stop();
    world.run(5000);
    expect(states(viewer)).toEqual(['playing', 'source-outage']);
    expect(viewer.faults()).toEqual(['source/outage']);
    world.origin.beginEpoch();
    world.run(3000);
    world.verify();
    expect(states(viewer)).toEqual(['playing', 'source-outage', 'playing']);
    expect(viewer.viewer.stats().restarts).toBe(1);
  });

  test('keeps within its memory', () => {
    const world = new MemoryWorld(core);
    const viewer = world.join({ storeBytes: 400_000 });
    for (let second = 0; second < 20; second++) {
      world.run(1000);
      expect(viewer.viewer.stats().storeBytes).toBeLessThanOrEqual(400_000);
    }
    world.verify();
    expect(viewer.screen?.stalls).toBe(0);
  });

  test('without a screen has every piece before its deadline', () => {
    const world = new MemoryWorld(core);
    world.run(2500);
    const viewer = world.join({ playing: { deadlineMs: 800 } });
    world.run(8000);
    world.verify();
    expect(viewer.viewer.stats()).toMatchObject({ missedDeadlines: 0, stalls: 0, latencyTargetMs: 800 });
  });
});

describe('what an origin sends by mistake', () => {
  const running = (): { world: MemoryWorld; viewer: MemoryViewer } => {
    const world = new MemoryWorld(core);
    world.run(2500);
    const viewer = world.join();
    world.run(2000);
    return { world, viewer };
  };

  test.each<[string, Uint8Array, string]>([
    ['a frame of no kind', Uint8Array.of(0x77, 1, 2), 'wire/unknown-kind'],
    ['a frame cut short', encodeOriginFrame({ kind: 'clock', stampMs: 1, wallMs: 1 }).subarray(0, 5), 'wire/short'],
    ['an empty frame', new Uint8Array(0), 'wire/short'],
    ['a piece header cut short', Uint8Array.of(0x10, 0, 0), 'wire/short'],
    ['a head cut short', Uint8Array.of(0x11, 1, 0), 'wire/short'],
  ])('is a fault and harms nothing: %s', (_name, bytes, code) => {
    const { world, viewer } = running();
    world.origin.sendRaw(bytes);
    world.run(2000);
    world.verify();
    expect(viewer.faults()).toEqual([code]);
    expect(viewer.screen?.stalls).toBe(0);
  });

  test('a damaged piece is not played', () => {
    const { world, viewer } = running();
    const damaged = world.origin.epoch.pieces.at(-1)?.wire.slice() ?? new Uint8Array(0);
    damaged[8 + 3] = (damaged[8 + 3] ?? 0) + 5;
    world.origin.sendRaw(damaged);
    world.run(2000);
    world.verify();
    expect(viewer.faults()).toEqual(['origin/bad-frame']);
    expect(viewer.viewer.stats().piecesRejected).toBe(1);
  });

  test('a clock that is wildly wrong does not stop playback', () => {
    const { world, viewer } = running();
    world.origin.sendRaw(encodeOriginFrame({ kind: 'clock', stampMs: 12345, wallMs: 5 }));
    world.run(4000);
    world.verify();
    expect(viewer.sink.runs.length).toBe(1);
    expect(world.behind(viewer)).toBeLessThan(15_000);
  });
});

describe('keys of an origin', () => {
  test('that the page did not pin: nothing is played', () => {
    const world = new MemoryWorld(core);
    world.run(2500);
    const viewer = world.join({ pinned: [core.publicKey(new Uint8Array(32).fill(9))] });
    world.run(3000);
    expect(viewer.sink.runs).toEqual([]);
    expect(viewer.faults()).toEqual(['origin/wrong-key']);
  });

  test('that no page pinned: the connection is trusted', () => {
    const world = new MemoryWorld(core);
    world.run(2500);
    const viewer = world.join({ pinned: [] });
    world.run(3000);
    world.verify();
    expect(viewer.sink.total).toBeGreaterThan(100_000);
  });

  test('a head nobody signed is a fault', () => {
    const world = new MemoryWorld(core);
    world.run(2500);
    const viewer = world.join();
    world.run(1000);
    const forged = (world.origin.epoch.head ?? new Uint8Array(0)).slice();
    forged[45] = 9;
    world.origin.sendRaw(forged);
    world.run(1000);
    world.verify();
    expect(viewer.faults()).toEqual(['origin/bad-head']);
  });
});

describe('pause and resume', () => {
  test('nothing is delivered while paused, and play goes on at the newest keyframe', () => {
    const world = new MemoryWorld(core);
    world.run(2500);
    const viewer = world.join();
    world.run(3000);
    viewer.viewer.pause();
    world.run(100);
    const before = viewer.sink.total;
    world.run(6000);
    expect(viewer.sink.total).toBe(before);
    const { keyframe } = world.origin.epoch;
    viewer.viewer.resume();
    world.run(3000);
    world.verify();
    expect(viewer.sink.runs.length).toBe(2);
    const second = viewer.sink.bytesOf(1).subarray(world.origin.epoch.prelude.length);
    expect(Buffer.compare(second, world.origin.epoch.clearFrom(keyframe).subarray(0, second.length))).toBe(0);
    expect(world.behind(viewer)).toBeLessThan(15_000);
  });

  test('resuming what was not paused changes nothing', () => {
    const world = new MemoryWorld(core);
    const viewer = world.join();
    world.run(3000);
    viewer.viewer.resume();
    world.run(2000);
    expect(viewer.sink.runs.length).toBe(1);
  });
});

describe('the life of a viewer', () => {
  test('after stop nothing moves any more', () => {
    const world = new MemoryWorld(core);
    const viewer = world.join();
    world.run(3000);
    viewer.viewer.stop();
    const { total } = viewer.sink;
    const told = viewer.notices.length;
    world.run(5000);
    expect(viewer.sink.total).toBe(total);
    expect(viewer.notices.length).toBe(told);
    expect(states(viewer).at(-1)).toBe('stopped');
    expect(world.origin.connected).toBe(0);
    viewer.viewer.stop();
    viewer.viewer.pause();
    viewer.viewer.setPolicy({ mode: 'on', uploadBytesPerSec: 1, neighbours: 1 });
    expect(viewer.viewer.stats()).toMatchObject({ state: 'stopped', storeBytes: 0 });
    expect(viewer.viewer.explain().length).toBeGreaterThan(0);
  });

  test('it can be stopped from within its own notices and deliveries', () => {
    for (const moment of ['notice', 'bytes', 'start'] as const) {
      const world = new MemoryWorld(core);
      world.run(2500);
      const viewer = world.join({
        playing: { deadlineMs: 800 },
        notice: (notice) => {
          if (moment === 'notice' && notice.kind === 'state' && notice.state === 'playing') viewer.viewer.stop();
        },
      });
      if (moment === 'bytes') viewer.sink.onBytes = () => viewer.viewer.stop();
      if (moment === 'start') viewer.sink.onStart = () => viewer.viewer.stop();
      world.run(3000);
      expect(states(viewer).at(-1)).toBe('stopped');
      expect(world.origin.connected).toBe(0);
    }
  });

  test('it is started once', () => {
    const world = new MemoryWorld(core);
    const viewer = world.join();
    expect(() => viewer.viewer.start()).toThrow(expect.objectContaining({ code: 'state/destroyed' }));
    viewer.viewer.stop();
    expect(() => viewer.viewer.start()).toThrow(expect.objectContaining({ code: 'state/destroyed' }));
  });

  test('hundreds come and go, and the next one plays', () => {
    const world = new MemoryWorld(core);
    world.run(2500);
    for (let life = 0; life < 200; life++) {
      const viewer = world.join();
      world.run(life % 4 === 0 ? 60 : 1);
      viewer.screen?.close();
      viewer.viewer.stop();
    }
    world.run(1000);
    expect(world.origin.connected).toBe(0);
    const last = world.join();
    world.run(3000);
    world.verify();
    expect(last.sink.total).toBeGreaterThan(100_000);
  });
});
