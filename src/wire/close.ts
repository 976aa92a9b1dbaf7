/**
 * How origin and tracker sockets say goodbye: a WebSocket close code for the cause, and as close reason the
 * milliseconds to wait before coming back, in decimal. A browser shows nothing of a refused upgrade, so a refusal is an
 * accepted socket that is closed at once.
 */
import type { ErrorCode } from '../errors.ts';

const CODES = [
  [4400, 'origin/bad-frame'],
  [4403, 'origin/refused'],
  [4404, 'origin/not-found'],
  [4406, 'origin/pieces-only'],
  [4410, 'key/unknown-code'],
  [4420, 'source/unreachable'],
  [4429, 'origin/overloaded'],
  [4430, 'tracker/bad-message'],
  [4431, 'tracker/refused'],
  [4432, 'tracker/rate-limited'],
] as const satisfies readonly (readonly [number, ErrorCode])[];

/** The causes a socket can be closed with. */
export type CloseCause = (typeof CODES)[number][1];

/** Longest wait a close may ask for, ms. */
const WAIT_MS_MAX = 3_600_000;

/** The WebSocket close code of a cause. */
export const closeCodeOf = (cause: CloseCause): number => CODES.find(([, known]) => known === cause)?.[0] ?? 4400;

/** The cause of a WebSocket close code, or undefined for a code that is not ours. */
export const causeOfClose = (code: number): CloseCause | undefined => CODES.find(([known]) => known === code)?.[1];

/** The wait a close reason asks for, ms; 0 for anything else. */
export const waitOfClose = (reason: string): number =>
  /^\d{1,7}$/.test(reason) ? Math.min(Number(reason), WAIT_MS_MAX) : 0;
