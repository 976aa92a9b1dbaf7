/**
 * What the source of a service tells it beside data.
 */
import type { Refusal } from './codes.ts';

/** See above. */
export interface ServiceEvents {
  log(line: string): void;
  connected(): void;
  /** The way to the device of that number is gone. */
  lost(why: Refusal, connection: number): void;
}
