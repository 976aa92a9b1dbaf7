import { expect, test } from 'vitest';
import { GhostSwarm, type GhostWorld } from './testing/ghost-swarm.ts';

const LAN: Omit<GhostWorld, 'viewers' | 'seed'> = {
  hopMs: 3,
  hopJitterMs: 10,
  fetchMs: 15,
  fetchJitterMs: 30,
  skewMs: 60,
};
const AFAR = { hopMs: 25, hopJitterMs: 15, fetchMs: 80, fetchJitterMs: 80, skewMs: 150 };

/** Publishes segments at a steady pace and says how many copies the server sent of each, and how it went. */
const play = (
  world: GhostWorld,
  { pieces, everyMs, withinMs, segments }: { pieces: number; everyMs: number; withinMs: number; segments: number },
) => {
  const swarm = new GhostSwarm(world);
  for (let at = 0; at < segments; at++) {
    swarm.publish(at.toString(16).padStart(16, '0'), pieces, withinMs);
    swarm.run(everyMs);
  }
  swarm.run(10_000);
  const waits = swarm.waitsMs.toSorted((a, b) => a - b);
  return {
    copies: swarm.fetchedPieces / (segments * pieces),
    served: waits.length / (segments * world.viewers),
    waitMsP50: waits[Math.floor(waits.length / 2)] ?? Number.NaN,
    waitMsP95: waits[Math.floor(waits.length * 0.95)] ?? Number.NaN,
    late: swarm.lateMs.filter((ms) => ms > 0).length,
  };
};

const PARTS = { pieces: 5, everyMs: 330, withinMs: 1_200, segments: 60 };
const SEGMENTS = { pieces: 64, everyMs: 4_000, withinMs: 8_000, segments: 12 };

test.each([
  ['low-latency parts of eight viewers on one network', { viewers: 8, seed: 1, ...LAN }, PARTS],
  ['low-latency parts of eight viewers far from each other', { viewers: 8, seed: 2, ...AFAR }, PARTS],
  ['segments of eight viewers with little uplink', { viewers: 8, seed: 3, ...AFAR, uplink: 500_000 }, SEGMENTS],
  ['segments of twelve viewers', { viewers: 12, seed: 4, ...AFAR }, SEGMENTS],
] as const)('%s leave the server little more than once', (_what, world, stream) => {
  const outcome = play(world, stream);
  expect(outcome.served).toBe(1);
  expect(outcome.copies).toBeLessThan(1.5);
  expect(outcome.late).toBe(0);
});
