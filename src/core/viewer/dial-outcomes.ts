/**
 * What became of our own dials: totals for whoever looks at us, and names for the tracker's next report, which learns
 * from them who can reach whom.
 */
import { DIALS_PER_REPORT_MAX } from '../../wire/limits.ts';
import type { ViewerName } from '../../wire/tracker.ts';

export class DialOutcomes {
  readonly #reached = new Set<ViewerName>();
  readonly #missed = new Set<ViewerName>();
  #reachedTotal = 0;
  #missedTotal = 0;

  /** A dial led to a link, wanted or not. */
  reached(viewer: ViewerName): void {
    this.#reachedTotal++;
    this.#missed.delete(viewer);
    if (this.#reached.size < DIALS_PER_REPORT_MAX) this.#reached.add(viewer);
  }

  /** A dial led to nothing although the other side did not decline it. */
  missed(viewer: ViewerName): void {
    if (this.#reached.has(viewer)) return;
    this.#missedTotal++;
    if (this.#missed.size < DIALS_PER_REPORT_MAX) this.#missed.add(viewer);
  }

  get totals(): { readonly reached: number; readonly missed: number } {
    return { reached: this.#reachedTotal, missed: this.#missedTotal };
  }

  /** What the next report says; lists that would be empty are left out. */
  take(): { readonly reached?: readonly ViewerName[]; readonly missed?: readonly ViewerName[] } {
    const reached = [...this.#reached];
    const missed = [...this.#missed];
    this.#reached.clear();
    this.#missed.clear();
    return { ...(reached.length === 0 ? {} : { reached }), ...(missed.length === 0 ? {} : { missed }) };
  }
}
