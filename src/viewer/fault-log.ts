/**
 * Faults as notices: the first of a code at once, repeated ones at most once a second with their count, so that a
 * flood of bad input never becomes a flood of events.
 */
import type { ErrorCode } from '../errors.ts';
import type { ViewerNotice } from './face.ts';

const EVERY_MS = 1_000;

export class FaultLog {
  readonly #notice: (notice: ViewerNotice) => void;
  readonly #codes = new Map<ErrorCode, { at: number; count: number }>();

  constructor(notice: (notice: ViewerNotice) => void) {
    this.#notice = notice;
  }

  add(now: number, code: ErrorCode, detail: string): void {
    const entry = this.#codes.get(code);
    if (entry !== undefined && now - entry.at < EVERY_MS) {
      entry.count++;
      return;
    }
    const count = (entry?.count ?? 0) + 1;
    this.#codes.set(code, { at: now, count: 0 });
    this.#notice({ kind: 'fault', code, detail, count });
  }
}
