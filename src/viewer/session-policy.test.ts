/**
 * What a page allows its viewer, and what the viewer says about it.
 */
import { describe, expect, test } from 'vitest';
import { core } from './testing/core.ts';
import { MemoryWorld } from './testing/memory-world.ts';

const NO_CAP = { uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 12 };

describe('sharing switched off', () => {
  test('everything comes from the origin, no tracker and no links', () => {
    const world = new MemoryWorld(core);
    const viewers = world.gather(2, { policy: { mode: 'off' } });
    world.verify();
    expect(world.tracker.heard).toEqual([]);
    for (const { viewer, faults } of viewers) {
      expect(viewer.stats()).toMatchObject({ fromOrigin: 6, neighbourBytes: 0, uploadedBytes: 0, neighbours: [] });
      expect(viewer.explain()).toEqual(['Sharing is switched off on this page, so everything comes from the origin.']);
      expect(faults()).toEqual([]);
    }
  });

  test('in mid-play: the others lose a neighbour and nobody a picture; and on again', () => {
    const world = new MemoryWorld(core);
    const viewers = world.gather(3);
    const [one] = viewers;
    one?.viewer.setPolicy({ mode: 'off', ...NO_CAP });
    world.run(4000);
    expect(one?.viewer.stats()).toMatchObject({ fromOrigin: 6, neighbours: [] });
    one?.viewer.setPolicy({ mode: 'on', ...NO_CAP });
    world.run(12_000);
    world.verify();
    expect(one?.viewer.stats().neighbours.length).toBe(2);
    expect(one?.viewer.stats().fromNeighbours).toBeGreaterThan(0);
    for (const viewer of viewers) expect([viewer.sink.runs.length, viewer.screen?.stalls]).toEqual([1, 0]);
  });

  test('a browser without data channels is the same, and says why', () => {
    const world = new MemoryWorld(core);
    const viewer = world.join({ linkless: true });
    world.run(6000);
    world.verify();
    expect(world.tracker.heard).toEqual([]);
    expect(viewer.viewer.explain()).toEqual([
      'This browser has no WebRTC data channels, so everything comes from the origin.',
    ]);
    viewer.viewer.setPolicy({ mode: 'on', ...NO_CAP });
    world.run(2000);
    expect(world.tracker.heard).toEqual([]);
  });
});

describe('download only', () => {
  test('takes from others and gives nothing', () => {
    const world = new MemoryWorld(core);
    const [taker] = [world.join({ policy: { mode: 'download-only' } }), ...world.gather(2)];
    world.run(6000);
    world.verify();
    expect(taker?.viewer.stats().uploadedBytes).toBe(0);
    expect(taker?.viewer.stats().fromNeighbours).toBeGreaterThan(3);
    expect(taker?.viewer.explain().some((sentence) => sentence.includes('uploads nothing'))).toBe(true);
    const join = world.tracker.heard.find((request) => request.kind === 'join');
    expect(join).toMatchObject({ uploads: false });
  });

  test('from one moment to the next lets its children go', () => {
    const world = new MemoryWorld(core);
    const viewers = world.gather(3);
    const parent = viewers.find(({ viewer }) => viewer.stats().neighbours.some((one) => one.childOf.length > 0));
    parent?.viewer.setPolicy({ mode: 'download-only', ...NO_CAP });
    const { uploadedBytes } = parent?.viewer.stats() ?? { uploadedBytes: -1 };
    world.run(4000);
    world.verify();
    expect(parent?.viewer.stats().uploadedBytes).toBe(uploadedBytes);
    expect(parent?.viewer.stats().neighbours.flatMap((one) => one.childOf)).toEqual([]);
    for (const viewer of viewers) expect(viewer.sink.runs.length).toBe(1);
  });
});

test('an upload cap is never crossed', () => {
  const world = new MemoryWorld(core);
  const cap = 20_000;
  const viewers = world.gather(3, { policy: { uploadBytesPerSec: cap } });
  const before = viewers.map(({ viewer }) => viewer.stats().uploadedBytes);
  world.run(10_000);
  world.verify();
  viewers.forEach(({ viewer }, index) => {
    expect((viewer.stats().uploadedBytes - (before[index] ?? 0)) / 10).toBeLessThan(cap);
  });
});

test('no more neighbours than the page allows', () => {
  const world = new MemoryWorld(core);
  const viewers = world.gather(5, { policy: { neighbours: 2 } });
  for (const { viewer } of viewers) expect(viewer.stats().neighbours.length).toBeLessThanOrEqual(2);
  world.verify();
});

describe('explain', () => {
  test('says that nobody else is there', () => {
    const world = new MemoryWorld(core);
    const [viewer] = world.gather(1);
    expect(viewer?.viewer.explain()[0]).toContain('Nobody else watches');
  });

  test('says that the tracker has not let it in', () => {
    const world = new MemoryWorld(core);
    world.tracker.down();
    const [viewer] = world.gather(1);
    expect(viewer?.viewer.explain()[0]).toContain('tracker');
  });

  test('does not take neighbours for none when the tracker goes away', () => {
    const world = new MemoryWorld(core);
    const [viewer] = world.gather(2);
    world.tracker.down();
    world.run(3000);
    expect(viewer?.viewer.explain()[0]).toContain('substreams come from neighbours');
  });

  test('says how many substreams come from whom, and whom it serves', () => {
    const world = new MemoryWorld(core);
    for (const { viewer } of world.gather(3)) {
      const { fromNeighbours, fromOrigin, substreams } = viewer.stats();
      const [first, second] = viewer.explain();
      expect(first).toContain(`${fromNeighbours} of ${substreams} substreams come from neighbours`);
      if (fromOrigin > 0) expect(first).toContain(`${fromOrigin} from the origin`);
      expect(second).toMatch(/^It serves \d+ substream subscriptions of at most \d+/);
    }
  });
});
