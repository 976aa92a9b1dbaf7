/**
 * `npm run sim -- --scenario steady --viewers 1000 --seconds 60 --seed 1 [--seeds 3] [--json]`: one line per seed and
 * their mean, and one JSON object on the last line.
 */
import { parseArgs } from 'node:util';
import type { Figures } from './measure.ts';
import { scenarios } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'steady' },
    viewers: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const SHOWN = [
  'offload',
  'originCopies',
  'originRepairs',
  'delayMsP50',
  'delayMsP95',
  'missedDeadlines',
  'stalls',
  'violations',
] as const;

const line = (name: string, figures: Pick<Figures, (typeof SHOWN)[number]>): string =>
  `  ${name.padEnd(8)}${SHOWN.map((key) => String(figures[key]).padStart(16)).join('')}\n`;

const meanOf = (runs: readonly Figures[]): Record<(typeof SHOWN)[number], number> => {
  const mean = (key: (typeof SHOWN)[number]): number =>
    Number((runs.reduce((total, run) => total + run[key], 0) / runs.length).toFixed(4));
  return Object.fromEntries(SHOWN.map((key) => [key, mean(key)])) as Record<(typeof SHOWN)[number], number>;
};

const main = (): number => {
  const run = scenarios[values.scenario];
  if (run === undefined) {
    process.stderr.write(`no scenario ${values.scenario}; there are: ${Object.keys(scenarios).join(', ')}\n`);
    return 2;
  }
  const shape = { viewers: Number(values.viewers), seconds: Number(values.seconds) };
  const began = performance.now();
  const runs: Figures[] = [];
  const say = (text: string): boolean => values.json || process.stdout.write(text);
  say(
    `${values.scenario}, ${shape.viewers} viewers, ${shape.seconds} s\n  ${'seed'.padEnd(8)}${SHOWN.map((key) => key.padStart(16)).join('')}\n`,
  );
  for (let at = 0; at < Number(values.seeds); at++) {
    const seed = Number(values.seed) + at;
    const { world, figures } = run({ ...shape, seed });
    runs.push(figures);
    say(line(String(seed), figures));
    for (const violation of world.checks.violations.slice(0, 10)) say(`  violated: ${violation}\n`);
  }
  const wallSeconds = Number(((performance.now() - began) / 1000).toFixed(1));
  const first = runs[0];
  if (runs.length > 1) say(line('mean', meanOf(runs)));
  const figures = runs.length > 1 ? meanOf(runs) : first;
  process.stdout.write(
    `${JSON.stringify({ scenario: values.scenario, ...shape, seed: Number(values.seed), seeds: runs.length, ...figures, wallSeconds })}\n`,
  );
  return runs.some((each) => each.violations > 0) ? 1 : 0;
};

process.exitCode = main();
