/**
 * Who feeds whom, as pairs and as a table for people: what a failed expectation shows.
 */
import type { PlayerStats } from '../player/stats.ts';

/** One viewer at one moment. */
export interface Look {
  readonly name: string;
  /** Undefined: it has no player, or its page is gone. */
  readonly stats: PlayerStats | undefined;
  /** Pauses of its picture for want of data. */
  readonly stalls: number;
}

/** One viewer pushes substreams to another. `parent` is `origin`, a viewer's name, or `outside` for one not in the test. */
export interface Feed {
  readonly parent: string;
  readonly child: string;
  readonly substreams: number;
}

/** All pairs of which one feeds the other. */
export const feedsOf = (looks: readonly Look[]): Feed[] => {
  const names = new Map(looks.map(({ name, stats }) => [stats?.viewer?.viewer, name]));
  names.delete(undefined);
  return looks.flatMap(({ name: child, stats }) => {
    if (stats?.viewer === undefined) return [];
    const { fromOrigin, neighbours } = stats.viewer;
    const substreams = new Map([['origin', fromOrigin]]);
    for (const { viewer, parentOf } of neighbours) {
      const parent = names.get(viewer) ?? 'outside';
      substreams.set(parent, (substreams.get(parent) ?? 0) + parentOf.length);
    }
    return [...substreams]
      .filter(([, count]) => count > 0)
      .map(([parent, count]) => ({ parent, child, substreams: count }));
  });
};

/** Copies of the stream that the origin pushes to all these viewers together, counted in substreams. */
export const copiesOf = (looks: readonly Look[]): number | undefined => {
  const viewers = looks.flatMap(({ stats }) => (stats?.viewer === undefined ? [] : [stats.viewer]));
  const substreams = Math.max(0, ...viewers.map((viewer) => viewer.substreams));
  if (substreams === 0) return undefined;
  return viewers.reduce((sum, { fromOrigin }) => sum + fromOrigin, 0) / substreams;
};

/** The table: a row per viewer, a column per possible parent, and how the viewer does. */
export const tableOf = (looks: readonly Look[]): string => {
  const feeds = feedsOf(looks);
  const outside = feeds.some(({ parent }) => parent === 'outside') ? ['outside'] : [];
  const parents = ['origin', ...looks.map(({ name }) => name), ...outside];
  const header = ['fed by', ...parents, 'nobody', '|', ...FACTS.map(([title]) => title)];
  const rows = looks.map((look) => {
    const { name, stats } = look;
    const cells = parents.map((parent) => {
      if (parent === name) return '\\';
      const feed = feeds.find((one) => one.parent === parent && one.child === name);
      return feed === undefined ? '.' : String(feed.substreams);
    });
    const orphaned = stats?.viewer?.orphaned ?? 0;
    return [name, ...cells, orphaned === 0 ? '.' : String(orphaned), '|', ...FACTS.map(([, fact]) => fact(look))];
  });
  return aligned([header, ...rows]);
};

const FACTS: readonly (readonly [title: string, fact: (look: Look) => string])[] = [
  ['state', ({ stats }) => (stats === undefined ? 'gone' : `${stats.mode}/${stats.state}`)],
  ['neighbours', ({ stats }) => shown(stats?.viewer?.neighbours.length)],
  ['delay p95', ({ stats }) => milliseconds(stats?.viewer?.lagMsP95)],
  ['latency', ({ stats }) => milliseconds(stats?.viewer?.latencyMs)],
  ['stalls', ({ stalls }) => String(stalls)],
  ['rejected', ({ stats }) => shown(stats?.viewer?.piecesRejected)],
];

const shown = (value: number | undefined): string => (value === undefined ? '-' : String(value));
const milliseconds = (value: number | undefined): string => (value === undefined ? '-' : `${Math.round(value)} ms`);

const aligned = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
