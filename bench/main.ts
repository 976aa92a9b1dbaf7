/**
 * `npm run bench -- NAME [--option value] [--json] [--gate]`: runs one benchmark. The last line is one JSON object;
 * without `--json` a table comes before it. With `--gate` a missed goal makes it fail.
 */
import { parseArgs } from 'node:util';
import type { Bench, Figures, Run } from './harness/bench.ts';
import { missedGoals } from './harness/bench.ts';

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  cluster: async () => (await import('./cluster/cluster.bench.ts')).cluster,
  accounts: async () => (await import('./accounts/accounts.bench.ts')).accounts,
  core: async () => (await import('./core/core.bench.ts')).core,
  device: async () => (await import('./device/device.bench.ts')).device,
  engine: async () => (await import('./engine/engine.bench.ts')).engine,
  hls: async () => (await import('./hls/hls.bench.ts')).hls,
  hop: async () => (await import('./hop/hop.bench.ts')).hop,
  mesh: async () => (await import('./mesh/mesh.bench.ts')).mesh,
  origin: async () => (await import('./origin/origin.bench.ts')).origin,
  simcheck: async () => (await import('./simcheck/simcheck.bench.ts')).simcheck,
  sizing: async () => (await import('./sizing/sizing.bench.ts')).sizing,
  swarm: async () => (await import('./swarm/swarm.bench.ts')).swarm,
  glass: async () => (await import('./glass/glass.bench.ts')).glass,
  surface: async () => (await import('./surface/surface.bench.ts')).surface,
};

const main = async (name: string | undefined, args: readonly string[]): Promise<number> => {
  const load = name === undefined ? undefined : benches[name];
  if (load === undefined) {
    process.stderr.write(
      `usage: npm run bench -- NAME [--json] [--gate], NAME one of ${Object.keys(benches).join(', ')}\n`,
    );
    return 2;
  }
  const bench = await load();
  const options = Object.fromEntries(Object.keys(bench.options).map((each) => [each, { type: 'string' as const }]));
  const switches = { json: { type: 'boolean', default: false }, gate: { type: 'boolean', default: false } } as const;
  const { values } = parseArgs({ args: [...args], options: { ...options, ...switches } });
  const run = runOf(bench, values);
  const figures = await bench.run(run);
  const missed = missedGoals(figures, bench.goals(figures));
  if (values.json !== true) printTable(`${name}: ${bench.about}`, figures, missed);
  process.stdout.write(`${JSON.stringify({ bench: name, ...figures, missed })}\n`);
  return values.gate === true && missed.length > 0 ? 1 : 0;
};

const runOf = (bench: Bench, values: Readonly<Record<string, unknown>>): Run => ({
  number(option) {
    const value = Number(values[option] ?? bench.options[option]);
    if (!Number.isFinite(value)) throw new Error(`--${option} wants a number`);
    return value;
  },
  say: (text) => void process.stderr.write(`${text}\n`),
});

const printTable = (title: string, figures: Figures, missed: readonly string[]): void => {
  const width = Math.max(...Object.keys(figures).map((figure) => figure.length));
  process.stdout.write(`${title}\n`);
  for (const [figure, value] of Object.entries(figures)) process.stdout.write(`  ${figure.padEnd(width)}  ${value}\n`);
  for (const miss of missed) process.stdout.write(`  missed: ${miss}\n`);
};

const [name, ...rest] = process.argv.slice(2);
process.exitCode = await main(name, rest);
