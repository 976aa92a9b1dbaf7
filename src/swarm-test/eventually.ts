/**
 * Waiting for something to become true, with a deadline that says what never came.
 */
import { ShoalError } from '../errors.ts';

const LOOK_EVERY_MS = 50;

/** What a wait may take, unless it says otherwise: far above what anything here needs, so that only a hang meets it. */
export const DEADLINE_MS = 30_000;

/** How a wait ends that was in vain. */
export interface Waiting {
  /** Default `DEADLINE_MS`. */
  readonly withinMs?: number;
  /** What is shown with the failure. */
  readonly shown?: () => string | Promise<string>;
}

/** Looks until `probe` answers something that is neither false nor undefined, and returns it. */
export const eventually = async <T>(
  what: string,
  probe: () => T | Promise<T>,
  waiting: Waiting = {},
): Promise<Exclude<T, false | undefined>> => {
  const { withinMs = DEADLINE_MS, shown } = waiting;
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const seen = await probe();
    if (seen !== false && seen !== undefined) return seen as Exclude<T, false | undefined>;
    if (performance.now() > giveUpAt) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  const more = shown === undefined ? '' : `\n\n${await shown()}\n`;
  throw new ShoalError('swarm-test/never-came', { detail: `${what}, within ${withinMs} ms${more}` });
};
