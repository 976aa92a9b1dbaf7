/**
 * `npm run sim -- --scenario steady --viewers 1000 --minutes 10 --seed 1 --seeds 5 --world real --level exact --json`: one
 * row per seed, the worst of them figure by figure, and one JSON object on the last line. With `--compare` both levels
 * side by side, means over the seeds, and whether the model is true to the exact level.
 */
import { parseArgs } from 'node:util';
import { deciders } from './deciders.ts';
import { FIGURE_NAMES, type Figures, type RunSize, worstOf } from './figures.ts';
import { type LevelRun, levels } from './levels.ts';
import { compareLevels, comparisonTable } from './model/compare.ts';
import { BITS_PER_SEC, isProcessorsName, isWorldName } from './worlds.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'steady' },
    world: { type: 'string', default: 'real' },
    level: { type: 'string', default: 'exact' },
    viewers: { type: 'string', default: '200' },
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    rate: { type: 'string', default: String(BITS_PER_SEC / 1_000_000) },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    policy: { type: 'string', default: 'shoal' },
    processors: { type: 'string' },
    compare: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** A mistake on the command line, in words. */
class UsageError extends Error {}

const numberOf = (name: string, text: string | undefined, least: number): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) throw new UsageError(`--${name} ${text}: a number from ${least} on`);
  return value;
};

const levelOf = (name: string) => {
  const level = levels[name];
  if (level === undefined) throw new UsageError(`no level ${name}; there are: ${Object.keys(levels).join(', ')}`);
  return level;
};

const sizeOf = (): RunSize => {
  const { scenario, world } = values;
  const levelName = values.compare ? 'model' : values.level;
  const known = levelOf(levelName).scenarios;
  if (!known.includes(scenario))
    throw new UsageError(`no scenario ${scenario} at level ${levelName}; there are: ${known.join(', ')}`);
  if (!isWorldName(world)) throw new UsageError(`no world ${world}; there are: ideal, real`);
  const { processors } = values;
  if (processors !== undefined && !isProcessorsName(processors))
    throw new UsageError(`no processors ${processors}; there are: free, busy`);
  const decider = deciders[values.policy];
  if (decider === undefined)
    throw new UsageError(`no policy ${values.policy}; there are: ${Object.keys(deciders).join(', ')}`);
  const minutes = values.minutes === undefined ? undefined : numberOf('minutes', values.minutes, 0.01);
  return {
    scenario,
    world,
    viewers: Math.round(numberOf('viewers', values.viewers, 2)),
    seconds: minutes === undefined ? numberOf('seconds', values.seconds ?? '60', 1) : minutes * 60,
    seed: Math.round(numberOf('seed', values.seed, 0)),
    bitsPerSec: numberOf('rate', values.rate, 0.1) * 1_000_000,
    processors,
    decider,
  };
};

const row = (name: string, cells: readonly string[]): string =>
  `  ${name.padEnd(6)}${cells.map((cell, at) => cell.padStart(Math.max(10, (FIGURE_NAMES[at] ?? '').length + 2))).join('')}\n`;

const cellsOf = (figures: Figures): readonly string[] =>
  FIGURE_NAMES.map((name) => String(Number(figures[name].toPrecision(5))));

const compare = (size: RunSize): number => {
  const { decider: _, ...told } = size;
  const both = compareLevels(size, numberOf('seeds', values.seeds, 1));
  if (!values.json) process.stdout.write(comparisonTable(both));
  process.stdout.write(`${JSON.stringify({ ...told, seeds: Number(values.seeds), ...both })}\n`);
  return both.missed.length > 0 ? 1 : 0;
};

const main = (): number => {
  const size = sizeOf();
  if (values.compare) return compare(size);
  const level = levelOf(values.level);
  const say = (text: string): boolean => values.json || process.stdout.write(text);
  say(`${size.scenario}, ${size.world} world, ${values.level}, ${size.viewers} viewers, ${size.seconds} s, `);
  say(`${size.bitsPerSec / 1_000_000} Mbit/s\n${row('seed', FIGURE_NAMES)}`);
  const rows: (LevelRun & { readonly seed: number })[] = [];
  for (let at = 0; at < numberOf('seeds', values.seeds, 1); at++) {
    const seed = size.seed + at;
    const run = level.run({ ...size, seed });
    rows.push({ ...run, seed });
    say(row(String(seed), cellsOf(run.figures)));
    for (const violation of run.violations.slice(0, 10)) say(`  violated: ${violation}\n`);
  }
  const worst = worstOf(rows.map((each) => each.figures));
  if (rows.length > 1) say(row('worst', cellsOf(worst)));
  const violations = rows.reduce((sum, each) => sum + each.violations.length, 0);
  const broken = rows.flatMap((each) => each.violations.slice(0, 5));
  const perSeed = rows.map((each) => ({ seed: each.seed, violations: each.violations.length, ...each.figures }));
  const first = rows[0]?.figures;
  const shown = rows.length > 1 ? { ...worst, violations, broken, rows: perSeed } : { ...first, violations, broken };
  process.stdout.write(
    `${JSON.stringify({ ...size, decider: undefined, level: values.level, policy: values.policy, seeds: rows.length, ...shown })}\n`,
  );
  return violations > 0 ? 1 : 0;
};

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
