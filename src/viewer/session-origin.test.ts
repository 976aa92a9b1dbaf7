/**
 * What happens to the origin, and that viewers play on.
 */
import { describe, expect, test } from 'vitest';
import { core } from './testing/core.ts';
import { MemoryWorld } from './testing/memory-world.ts';

describe('when all sockets to the origin die', () => {
  test('a lone viewer comes back to where it stood, without a hole', () => {
    const world = new MemoryWorld(core);
    const [viewer] = world.gather(1);
    world.origin.down();
    world.run(1500);
    world.origin.up('same-epoch');
    world.run(6000);
    world.verify();
    expect(viewer?.sink.runs.length).toBe(1);
    expect(viewer?.faults()).toEqual(['origin/unreachable']);
    expect(world.origin.connected).toBe(1);
    if (viewer !== undefined) expect(world.behind(viewer)).toBeLessThan(15_000);
  });

  test('viewers that share come back together, each asking for no more than it had', () => {
    const world = new MemoryWorld(core);
    const viewers = world.gather(3);
    const { substreamsSent } = world.origin;
    world.origin.down();
    world.run(800);
    world.origin.up('same-epoch');
    world.run(12_000);
    world.verify();
    for (const viewer of viewers) expect(viewer.sink.runs.length).toBe(1);
    expect(world.origin.substreamsSent).toBeLessThanOrEqual(substreamsSent + 3);
  });

  test('they do not come back all at once, nor ever faster', () => {
    const world = new MemoryWorld(core);
    world.gather(2);
    const before = world.origin.asked.length;
    world.origin.down();
    world.run(60_000);
    const tries = (world.origin.asked.length - before) / 2;
    expect(tries).toBeGreaterThan(4);
    expect(tries).toBeLessThan(20);
  });
});

test('new credentials are used from the next connection on', () => {
  const world = new MemoryWorld(core);
  const [viewer] = world.gather(1);
  viewer?.viewer.setCredentials('token=fresh');
  world.run(2000);
  expect(world.origin.asked.map((opening) => opening.credentials)).toEqual(['']);
  world.origin.down();
  world.origin.up('same-epoch');
  world.tracker.down();
  world.tracker.up();
  world.run(4000);
  expect(world.origin.asked.at(-1)?.credentials).toBe('token=fresh');
  expect(world.tracker.heard.filter((request) => request.kind === 'join').at(-1)).toMatchObject({
    credentials: 'token=fresh',
  });
});

test('a viewer whose parents lose the origin takes from it what they owe, without a gap', () => {
  const world = new MemoryWorld(core);
  const viewers = world.gather(4);
  const [lucky] = viewers;
  for (const viewer of viewers.slice(1)) viewer.cutOffFromOrigin();
  world.run(8000);
  expect(lucky?.sink.runs.length).toBe(1);
  if (lucky !== undefined) expect(world.complaint(lucky)).toBeUndefined();
});

test('nobody falls back to an origin that is not there', () => {
  const world = new MemoryWorld(core);
  const [, ...others] = world.gather(4);
  for (const viewer of others) viewer.cutOffFromOrigin();
  world.run(20_000);
  for (const viewer of others) {
    expect(viewer.notices.filter((notice) => notice.kind === 'fell-back')).toEqual([]);
    expect(viewer.viewer.stats().fromNeighbours).toBe(6);
    expect(world.behind(viewer)).toBeLessThan(40_000);
  }
});

describe('a new epoch', () => {
  test('of an origin that restarts plays on from its first keyframe', () => {
    const world = new MemoryWorld(core);
    const viewers = world.gather(3);
    world.origin.down();
    world.run(1500);
    world.origin.up('new-epoch');
    world.run(9000);
    world.verify();
    for (const viewer of viewers) {
      expect(viewer.sink.runs.length).toBe(2);
      expect(viewer.viewer.stats()).toMatchObject({ state: 'playing', restarts: 1, orphaned: 0 });
      expect(viewer.notices.filter((notice) => notice.kind === 'epoch').length).toBe(2);
      expect(world.behind(viewer)).toBeLessThan(15_000);
    }
  });

  test.each([true, false])('over the same sockets keeps the trees (encrypted: %s)', (encrypted) => {
    const world = new MemoryWorld(core, { encrypted });
    const viewers = world.gather(3);
    world.origin.beginEpoch();
    world.run(3000);
    world.verify();
    expect(world.origin.substreamsSent).toBeLessThan(12);
    for (const viewer of viewers) {
      expect(viewer.sink.runs.length).toBe(2);
      expect(viewer.screen?.stalls).toBe(0);
      expect(viewer.faults()).toEqual([]);
    }
  });

  test('reaches a viewer that only its neighbours can tell', () => {
    const world = new MemoryWorld(core, { encrypted: false });
    const [, , cutOff] = world.gather(3);
    cutOff?.cutOffFromOrigin();
    world.run(4000);
    world.origin.beginEpoch();
    world.run(8000);
    world.verify();
    expect(cutOff?.sink.runs.length).toBe(2);
    expect(cutOff?.viewer.stats()).toMatchObject({ state: 'playing', fromOrigin: 0, fromNeighbours: 6 });
    if (cutOff !== undefined) expect(world.behind(cutOff)).toBeLessThan(15_000);
  });

  test('is told from one neighbour to the next', () => {
    const world = new MemoryWorld(core, { encrypted: false });
    const viewers = world.gather(4);
    for (const viewer of viewers.slice(1)) {
      viewer.cutOffFromOrigin();
      world.run(6000);
    }
    const behind = viewers.map((viewer) => viewer.sink.bytesOf(-1).length);
    world.origin.beginEpoch();
    world.run(8000);
    for (const [index, viewer] of viewers.entries()) {
      expect(behind[index]).toBeGreaterThan(1_000_000);
      expect(viewer.sink.runs.length).toBe(2);
      expect(world.complaint(viewer)).toBeUndefined();
      expect(world.behind(viewer)).toBeLessThan(15_000);
    }
  });

  test('that is older than the present one is not believed', () => {
    const world = new MemoryWorld(core);
    const [viewer] = world.gather(1);
    const old = world.origin.epoch.head ?? new Uint8Array(0);
    world.origin.beginEpoch();
    world.run(3000);
    world.origin.sendRaw(old);
    world.run(3000);
    world.verify();
    expect(viewer?.sink.runs.length).toBe(2);
    expect(viewer?.faults()).toEqual([]);
  });
});

test('viewers that share hear the end of the source, every byte of it', () => {
  const world = new MemoryWorld(core);
  const viewers = world.gather(3);
  world.origin.end();
  world.run(3000);
  world.verify();
  for (const viewer of viewers) {
    expect(world.behind(viewer)).toBe(0);
    expect(viewer.sink.ends).toBe(1);
    expect(viewer.viewer.stats().state).toBe('ended');
  }
});

test.each([
  [10, 400],
  [150, 2000],
])('with links that lose and take %i ms, the end of a %i kbit/s source still comes', (delayMs, videoKbps) => {
  const shape = { seconds: 30, videoKbps };
  const world = new MemoryWorld(core, { links: { delayMs, loss: 0.1 }, substreams: 4, shape });
  const viewers = world.gather(4);
  world.origin.end();
  world.run(6000);
  for (const viewer of viewers)
    expect([viewer.name, world.behind(viewer), viewer.sink.ends]).toEqual([viewer.name, 0, 1]);
});

test('a source that ended and comes back is played again', () => {
  const world = new MemoryWorld(core);
  const viewers = world.gather(2);
  world.origin.end();
  world.run(3000);
  world.origin.beginEpoch();
  world.run(4000);
  world.verify();
  for (const viewer of viewers) {
    expect(viewer.viewer.stats().state).toBe('playing');
    expect(viewer.sink.runs.length).toBe(2);
  }
});
