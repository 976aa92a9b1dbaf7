/**
 * Viewers that feed each other: fewer copies from the origin, the same bytes for everybody.
 */
import { describe, expect, test } from 'vitest';
import { core } from './testing/core.ts';
import { type MemoryViewer, MemoryWorld } from './testing/memory-world.ts';

const K = 6;
const piecesOf = (viewers: readonly MemoryViewer[]): { origin: number; neighbours: number } => {
  const stats = viewers.map(({ viewer }) => viewer.stats());
  return {
    origin: stats.reduce((sum, each) => sum + each.piecesFromOrigin, 0),
    neighbours: stats.reduce((sum, each) => sum + each.piecesFromNeighbours, 0),
  };
};
/** The share of pieces that came from neighbours while this much time passed. */
const offloadOver = (world: MemoryWorld, viewers: readonly MemoryViewer[], ms: number): number => {
  const before = piecesOf(viewers);
  world.run(ms);
  const after = piecesOf(viewers);
  const neighbours = after.neighbours - before.neighbours;
  return neighbours / (neighbours + after.origin - before.origin);
};
const stallsOf = (viewers: readonly MemoryViewer[]): number =>
  viewers.reduce((sum, viewer) => sum + (viewer.screen?.stalls ?? 0), 0);

describe.each([
  [2, 0.4],
  [5, 0.65],
])('%i viewers', (count, least) => {
  test.each([true, false])('play the same bytes and spare the origin most of them (encrypted: %s)', (encrypted) => {
    const world = new MemoryWorld(core, { encrypted });
    const viewers = world.gather(count);
    expect(offloadOver(world, viewers, 6000)).toBeGreaterThan(least);
    world.verify();
    expect(stallsOf(viewers)).toBe(0);
    expect(world.origin.substreamsSent).toBeLessThan(2 * K);
    for (const viewer of viewers) {
      expect(viewer.sink.runs.length).toBe(1);
      expect(world.behind(viewer)).toBeLessThan(15_000);
      expect(viewer.faults()).toEqual([]);
      expect(viewer.viewer.stats()).toMatchObject({ missedDeadlines: 0, piecesRejected: 0, substreams: K });
    }
  });
});

test('what viewers count agrees with each other and with the links', () => {
  const world = new MemoryWorld(core);
  let carried = 0;
  world.links.watchers.push((_from, _to, { lane, bytes }) => {
    if (lane === 'pieces') carried += bytes.length;
  });
  const viewers = world.gather(3);
  world.origin.end();
  world.run(2000);
  const stats = viewers.map(({ viewer }) => viewer.stats());
  const sum = (pick: (each: (typeof stats)[number]) => number): number =>
    stats.reduce((all, each) => all + pick(each), 0);
  expect(sum((each) => each.uploadedBytes)).toBe(carried);
  expect(sum((each) => each.originBytes)).toBe(world.origin.sentBytes);
  expect(sum((each) => each.neighbourBytes)).toBeLessThan(carried);
  for (const [index, each] of stats.entries()) {
    const { length } = world.origin.epoch.pieces;
    expect(each.piecesFromOrigin + each.piecesFromNeighbours).toBeLessThanOrEqual(length);
    expect(each.playedBytes).toBe(viewers[index]?.sink.total);
    expect(each.neighbours.reduce((all, one) => all + one.bytesOut, 0)).toBe(each.uploadedBytes);
    expect(each.neighbours.length).toBe(2);
    const parents = each.neighbours.flatMap((one) => one.parentOf);
    expect(parents.length).toBe(each.fromNeighbours);
    expect(each.fromOrigin + each.fromNeighbours + each.orphaned).toBe(K);
  }
});

test('parents and children agree on who feeds whom', () => {
  const world = new MemoryWorld(core);
  const viewers = world.gather(3);
  const edges = (side: 'parentOf' | 'childOf'): string[] =>
    viewers.flatMap(({ viewer }) => {
      const { viewer: own, neighbours } = viewer.stats();
      return neighbours.flatMap((one) =>
        one[side].map((substream) =>
          side === 'parentOf' ? `${one.viewer} feeds ${own} ${substream}` : `${own} feeds ${one.viewer} ${substream}`,
        ),
      );
    });
  expect(edges('parentOf').length).toBeGreaterThan(K);
  for (const edge of edges('parentOf')) expect(edges('childOf')).toContain(edge);
});

test('with loss on every link, holes are filled before they are due', () => {
  const world = new MemoryWorld(core, { links: { loss: 0.02 } });
  const viewers = world.gather(4);
  world.run(5000);
  world.verify();
  expect(stallsOf(viewers)).toBe(0);
  const stats = viewers.map(({ viewer }) => viewer.stats());
  expect(stats.reduce((sum, each) => sum + each.repairsFromNeighbours + each.repairsFromOrigin, 0)).toBeGreaterThan(0);
  for (const viewer of viewers) expect(viewer.sink.runs.length).toBe(1);
});

test('who joins late starts at the newest keyframe and is fed by the others', () => {
  const world = new MemoryWorld(core);
  world.gather(3);
  const { keyframe } = world.origin.epoch;
  const late = world.join();
  world.run(500);
  expect(late.sink.total).toBeGreaterThan(world.origin.epoch.prelude.length);
  world.run(7000);
  world.verify();
  const played = late.sink.bytesOf(0).subarray(world.origin.epoch.prelude.length);
  expect(Buffer.compare(played, world.origin.epoch.clearFrom(keyframe).subarray(0, played.length))).toBe(0);
  expect(late.viewer.stats().fromNeighbours).toBeGreaterThan(0);
  expect(late.screen?.stalls).toBe(0);
});

describe('the tracker', () => {
  test.each(['', 'no JSON', '{"kind":"joined"}', '{"kind":"signal","from":1}', '['.repeat(20_000)])(
    'that says nonsense is noted and harms nothing (%#)',
    (text) => {
      const world = new MemoryWorld(core);
      const viewers = world.gather(2);
      world.tracker.sayRaw(text);
      world.run(2000);
      world.verify();
      for (const viewer of viewers) {
        expect(viewer.faults()).toEqual(['tracker/bad-message']);
        expect(viewer.viewer.stats().neighbours.length).toBe(1);
      }
    },
  );

  test('renews tokens in time, so that who came long ago can still meet who comes now', () => {
    const world = new MemoryWorld(core);
    const [old] = world.gather(1);
    world.origin.end();
    world.run(20 * 60_000);
    expect(world.tracker.heard.filter((request) => request.kind === 'renew').length).toBeGreaterThan(1);
    const newcomer = world.join();
    world.run(5000);
    expect(newcomer.viewer.stats().neighbours.length).toBe(1);
    expect([...newcomer.faults(), ...(old?.faults() ?? [])]).toEqual([]);
  });

  test('hears what viewers count', () => {
    const world = new MemoryWorld(core);
    world.gather(2);
    const reports = world.tracker.heard.flatMap((request) => (request.kind === 'report' ? [request.report] : []));
    expect(reports.length).toBeGreaterThan(3);
    expect(reports.at(-1)).toMatchObject({ neighbours: 1, stalls: 0 });
    expect(reports.some((report) => report.neighbourBytes > 0)).toBe(true);
  });
});

describe('the others play on without a gap', () => {
  test('when a parent vanishes and nobody says so', () => {
    const world = new MemoryWorld(core);
    const viewers = world.gather(4);
    const parent = viewers.find(({ viewer }) => viewer.stats().neighbours.some((one) => one.childOf.length > 0));
    expect(parent).toBeDefined();
    parent?.vanish(60_000);
    world.run(8000);
    world.verify();
    for (const viewer of viewers.filter((each) => each !== parent)) {
      expect(viewer.sink.runs.length).toBe(1);
      expect(world.behind(viewer)).toBeLessThan(15_000);
      expect(viewer.viewer.stats().orphaned).toBe(0);
    }
  });

  test('when one leaves in good order', () => {
    const world = new MemoryWorld(core);
    const viewers = world.gather(4);
    const [leaver, ...stayers] = viewers;
    leaver?.screen?.close();
    leaver?.viewer.stop();
    world.run(4000);
    world.verify();
    expect(stallsOf(stayers)).toBe(0);
    for (const stayer of stayers) expect(stayer.viewer.stats().neighbours.length).toBe(2);
  });

  test('when all neighbours leave at once', () => {
    const world = new MemoryWorld(core);
    const [stayer, ...leavers] = world.gather(4);
    for (const leaver of leavers) {
      leaver.screen?.close();
      leaver.viewer.stop();
    }
    world.run(4000);
    world.verify();
    expect(stayer?.sink.runs.length).toBe(1);
    expect(stayer?.viewer.stats()).toMatchObject({ fromOrigin: K, orphaned: 0, neighbours: [] });
  });

  test('when the tracker dies, and newcomers share again once it is back', () => {
    const world = new MemoryWorld(core);
    const viewers = world.gather(3);
    world.tracker.down();
    world.run(5000);
    for (const { viewer } of viewers) expect(viewer.stats().neighbours.length).toBe(2);
    world.tracker.up();
    world.run(20_000);
    const newcomer = world.join();
    world.run(6000);
    world.verify();
    expect(newcomer.viewer.stats().fromNeighbours).toBeGreaterThan(0);
    expect(stallsOf([...viewers, newcomer])).toBe(0);
  });
});
