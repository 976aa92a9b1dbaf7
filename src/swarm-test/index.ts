/**
 * Swarm tests for pages that use Shoal: opens many viewers of a page in Playwright, waits until they carry for each other,
 * breaks what breaks in the world, and says who fed whom when it was not enough.
 *
 * @example
 * const swarm = new Swarm(await chromium.launch());
 * await swarm.open('http://localhost:8080/', { viewers: 4 });
 * await swarm.untilSharing();
 * await swarm.expect({ offloadAtLeast: 0.5, stallsAtMost: 0 });
 * await swarm.close();
 */

/** What a page's agent writes down. */
export type { Said, Seat } from './agent.ts';
export type { FrameLog, Stall } from './agent-frames.ts';
export type { LinkMark } from './agent-links.ts';
/** What pages complain about. */
export { type Attention, Complaints } from './complaints.ts';
/** A viewer that sends broken pieces. */
export type { Corruption } from './corruption.ts';
/** Waiting for something to become true. */
export { DEADLINE_MS, eventually, type Waiting } from './eventually.ts';
/** What a test may expect. */
export type { SwarmExpectation } from './expectation.ts';
/** Who feeds whom. */
export type { Feed, Look } from './feeding.ts';
/** What a stretch of time has shown. */
export type { SwarmFigures, ViewerFigures } from './figures.ts';
/** For `@playwright/test`. */
export { type SwarmFixtures, swarmFixtures } from './fixture.ts';
/** The machine under a test. */
export type { MachineWatch, Pause } from './machine-watch.ts';
/** A viewer's own network. */
export type { Network } from './network.ts';
/** All viewers of a test. */
export { type OpenOptions, type Stretch, Swarm, type SwarmOptions } from './swarm.ts';
/** One viewer. */
export { type SharedStats, SwarmViewer, type ViewerParts } from './viewer.ts';
