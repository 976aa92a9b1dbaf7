/**
 * What real links cost, measured, and used by both levels of the simulator wherever they imitate one. How each number was
 * found stands beside it; docs/simulator-model.md shows what comes out against real swarms.
 */

/**
 * From signalling to an open data channel, round trips: ICE, DTLS and SCTP one after the other. Timed between Chromium
 * pages: 13 ms on loopback, and about 4.7 times the round trip through a relay that adds one.
 */
export const SET_UP_RTTS = 4.7;

/**
 * A page behind another one signals what its timers hold back up to so much later, ms. Timed in Chromium: a timer of 20 ms
 * takes 1,000 there and 20 in the page's worker (e2e/hidden-pages.test.ts), where the engine runs.
 */
export const HELD_BACK_MS = 1_000;

/** A link whose other end is gone without a word is noticed by its transport after this long, ms: ICE consent runs out. */
export const SILENT_MS = 5_000;

/**
 * What a data channel keeps in flight at most, bytes. Bulk transfers between Chromium pages through a relay carried 29-44
 * Mbit/s at a round trip of 20 ms, 7-16 at 50 and 3-9 at 100; this gives 30, 12 and 6.
 */
export const WINDOW_BYTES = 75_000;

/**
 * What would wait longer before an uplink is dropped, ms. Home routers hold anything from some tens of milliseconds to more
 * than a second; this is what the relay of the benches does, so that both can be compared.
 */
export const ROUTER_MS = 200;

/**
 * What the receiver of pieces sends back while it does, of what comes: SCTP acknowledges every second packet, and such a word
 * takes 93 bytes on the wire where a full packet takes 1,256.
 */
export const ACKNOWLEDGED_SHARE = 93 / (2 * 1_256);

/** SCTP finds a lost packet by later ones, or by its timer, which is never shorter than this, ms (dcSCTP's least RTO). */
export const LOSS_TIMEOUT_MS = 400;
/** Share of losses that later packets of the same channel reveal before the timer does. */
export const LOSS_REVEALED = 0.6;
/** Found by later packets, a loss costs so many round trips. */
export const REVEALED_RTTS = 1.5;

/**
 * Joining the parts of a piece, verifying it and handing it to the next links, ms. `npm run bench -- simcheck` tries what a
 * hop takes besides the way until the exact level shows the delays of a real swarm of 16 viewers: it found 2 ms, on two
 * cores that were shared with other work. That is less than the grain of every other delay here, so nothing is added.
 */
export const RELAY_MS = 0;
