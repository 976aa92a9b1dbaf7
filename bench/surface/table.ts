/**
 * What a surface of the seeds consists of, and how what the tests reached is counted against it. The rows are what the
 * documents list, not what the code happens to have.
 */
import type { Reach, ReachKind } from '../../e2e/fixtures/reach.ts';

/** One surface. */
export interface SurfaceTable {
  /** As the tests name it. */
  readonly surface: string;
  /** Filters of the browser tests that reach it. */
  readonly tests: readonly string[];
  readonly methods: readonly string[];
  readonly codes: readonly (number | string)[];
  readonly events: readonly string[];
  /** Rows of the above that wait for something still to be built: counted apart until something reaches them. */
  readonly pending: readonly (number | string)[];
}

/** What was counted of one kind. */
export interface Count {
  readonly total: number;
  readonly reached: number;
  readonly pending: number;
  /** Rows that nothing reached and nothing excuses. */
  readonly missing: readonly string[];
}

const ROWS = { method: 'methods', code: 'codes', event: 'events' } as const satisfies Record<
  ReachKind,
  keyof SurfaceTable
>;

/** Counts one kind of row over all surfaces. A pending row that was reached counts like any other. */
export const countRows = (tables: readonly SurfaceTable[], kind: ReachKind, reached: readonly Reach[]): Count => {
  const seen = new Set(reached.map((one) => `${one.surface} ${one.kind} ${one.name}`));
  const missing: string[] = [];
  let [total, hits, pending] = [0, 0, 0];
  for (const table of tables) {
    for (const name of table[ROWS[kind]]) {
      const row = `${table.surface} ${kind} ${name}`;
      const isReached = seen.has(row);
      if (!isReached && table.pending.includes(name)) {
        pending += 1;
        continue;
      }
      total += 1;
      if (isReached) hits += 1;
      else missing.push(row);
    }
  }
  return { total, reached: hits, pending, missing };
};

/** Rows excused or listed twice that no surface lists, which would make a count say less than it seems to. */
export const mistakesIn = (table: SurfaceTable): readonly string[] => {
  const rows = [...table.methods, ...table.codes.map(String), ...table.events];
  const twice = rows.filter((row, at) => rows.indexOf(row) !== at);
  const strays = table.pending.map(String).filter((row) => !rows.includes(row));
  return [...twice.map((row) => `${row} twice`), ...strays.map((row) => `${row} is pending but no row`)];
};
