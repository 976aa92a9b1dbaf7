/**
 * Content keys: wrapped under a code's key, wrong ones, and generations that follow each other.
 */
import { describe, expect, test } from 'vitest';
import { ShoalError } from '../errors.ts';
import type { CodePort } from './ports.ts';
import { core } from './testing/core.ts';
import { MemoryWorld } from './testing/memory-world.ts';

const KEY = new Uint8Array(40).fill(0x77);
const codes = new Map([['good', KEY]]);

/** A key service that answers with these, one after the other; the last one for good. */
const answering = (...answers: readonly ({ code: string; key: Uint8Array } | ShoalError)[]) => {
  let asked = 0;
  const port: CodePort = {
    fetch: () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      return answer instanceof ShoalError || answer === undefined ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  return { port, asked: () => asked };
};

/** Lets time pass in steps, promises included. */
const live = async (world: MemoryWorld, ms: number): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 100) {
    await world.settle();
    world.run(100);
  }
};

describe('a stream whose keys are wrapped under a code', () => {
  test('is played by whoever has the code', async () => {
    const world = new MemoryWorld(core, { codes });
    const service = answering({ code: 'good', key: KEY });
    const viewers = [1, 2].map(() => world.join({ codes: service.port }));
    await live(world, 5000);
    world.verify();
    for (const viewer of viewers) {
      expect(viewer.sink.total).toBeGreaterThan(100_000);
      expect(viewer.faults()).toEqual([]);
    }
    expect(service.asked()).toBe(2);
  });

  test('is not played with a wrong key, and that ends the viewer', async () => {
    const world = new MemoryWorld(core, { codes });
    const viewer = world.join({ codes: answering({ code: 'good', key: new Uint8Array(40) }).port });
    await live(world, 3000);
    expect(viewer.faults()).toEqual(['key/wrong']);
    expect(viewer.viewer.stats().state).toBe('failed');
    expect(viewer.sink.total).toBe(viewer.sink.runs.length * world.origin.epoch.prelude.length);
  });

  test('is asked for with a fresh code when the old one is unknown', async () => {
    const world = new MemoryWorld(core, { codes });
    const service = answering({ code: 'stale', key: KEY }, { code: 'good', key: KEY });
    const viewer = world.join({ codes: service.port });
    await live(world, 6000);
    world.verify();
    expect(viewer.faults()).toEqual(['key/unknown-code']);
    expect(service.asked()).toBe(2);
    expect(viewer.sink.total).toBeGreaterThan(100_000);
  });

  test('is tried again when the key service cannot be reached', async () => {
    const world = new MemoryWorld(core, { codes });
    const service = answering(new ShoalError('key/service-unreachable'), { code: 'good', key: KEY });
    const viewer = world.join({ codes: service.port });
    await live(world, 6000);
    world.verify();
    expect(viewer.faults()).toEqual(['key/service-unreachable']);
    expect(viewer.sink.total).toBeGreaterThan(100_000);
  });

  test('is not opened any more when the viewer stops while the code is fetched', async () => {
    const world = new MemoryWorld(core, { codes });
    const viewer = world.join({ codes: answering({ code: 'good', key: KEY }).port });
    viewer.viewer.stop();
    await live(world, 2000);
    expect(world.origin.asked.length).toBe(0);
    expect(viewer.sink.runs).toEqual([]);
  });
});

describe('generations', () => {
  test.each([undefined, codes])('follow each other without a gap', async (known) => {
    const world = new MemoryWorld(core, { rotateMs: 2500, ...(known === undefined ? {} : { codes: known }) });
    const options = known === undefined ? {} : { codes: answering({ code: 'good', key: KEY }).port };
    const viewers = [world.join(options)];
    await live(world, 1000);
    viewers.push(world.join(options));
    await live(world, 16_000);
    world.verify();
    expect(world.origin.epoch.generation).toBeGreaterThan(5);
    for (const viewer of viewers) {
      expect(viewer.sink.runs.length).toBe(1);
      expect(viewer.screen?.stalls).toBe(0);
      expect(world.behind(viewer)).toBeLessThan(15_000);
    }
  });

  test('missed by both sides are asked for as soon as playback waits', async () => {
    const world = new MemoryWorld(core, { rotateMs: 4000 });
    const viewer = world.join();
    world.run(2000);
    world.origin.deafTo = 'key';
    world.run(2500);
    world.origin.deafTo = undefined;
    world.run(3000);
    world.verify();
    expect(world.behind(viewer)).toBeLessThan(15_000);
    expect(viewer.sink.runs.length).toBe(1);
  });

  test('are asked for at different times by different viewers', async () => {
    const world = new MemoryWorld(core, { rotateMs: 8000 });
    for (let each = 0; each < 4; each++) world.join();
    const times: number[] = [];
    for (let step = 0; step < 60; step++) {
      const before = world.origin.heard.filter((request) => request.kind === 'key').length;
      world.run(100);
      const after = world.origin.heard.filter((request) => request.kind === 'key').length;
      for (let asked = before; asked < after; asked++) times.push(world.time.now);
    }
    world.run(2000);
    expect(times.length).toBeGreaterThan(1);
    expect(new Set(times).size).toBe(times.length);
  });
});
