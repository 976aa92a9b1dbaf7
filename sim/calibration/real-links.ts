/**
 * What real links cost, measured once and used wherever a simulation imitates one.
 *
 * `npm run bench -- simcheck` measures them anew: it runs viewers in Node behind the 50 ms relay, tries these numbers in
 * the exact level until it shows the same delays, and prints what it found as `calibrated...`.
 */

/** From signalling to an open data channel, round trips: ICE, DTLS and SCTP one after the other. */
export const SET_UP_RTTS = 4.7;

/** A link whose other end is gone without a word is noticed by its transport after this long, ms. */
export const SILENT_MS = 5_000;

/** Joining the parts of a piece, verifying it and handing it to the next links, ms, on a machine that is not short of time. */
export const RELAY_MS = 0;
