// `npm test [-- stage-or-filter...]`: everything that must hold, from the type check to Chromium. The last line is
// `N passed, N failed`, added up from what the runners themselves counted. A word that is no stage filters test files:
// `npm test -- engine`. With CI=true a test that did not run is a failure.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { cargoCounts, empty, fuzzCounts, lastLineCounts, vitestCounts } from './counts.mjs';
import { runLoudly } from './run-loudly.mjs';

/** @typedef {import('./counts.mjs').Counts} Counts */

/**
 * A part of `npm test`. `run` gets the words that filter test files.
 * @typedef {{ name: string, needs: string[], run: (filters: readonly string[]) => Promise<Counts> }} Stage
 */

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');

/** @type {readonly Stage[]} */
const stages = [
  { name: 'check', needs: [], run: () => ours([tsx, 'tools/check.ts']) },
  { name: 'rust', needs: [], run: rust },
  { name: 'fuzz', needs: [], run: fuzz },
  { name: 'build', needs: [], run: () => single([tsx, 'tools/build.ts']) },
  // Players carry the built worker as text, so their unit tests need it.
  { name: 'unit', needs: ['build'], run: (filters) => vitest('unit', filters) },
  { name: 'e2e', needs: ['build'], run: (filters) => vitest('e2e', ['--config', 'e2e/vitest.config.ts', ...filters]) },
];

/**
 * @param {readonly string[]} words
 */
async function main(words) {
  const setup = await runLoudly(execPath, ['tools/setup.mjs', 'test'], { cwd: root, minutes: 20 });
  if (setup.code !== 0)
    return conclude({ ...empty(), failed: 1, notRun: stages.map(({ name }) => `${name}: setup failed`) });
  const filters = words.filter((word) => !stages.some((stage) => stage.name === word));
  const wanted = chosen(words, filters);
  const total = empty();
  /** @type {Set<string>} */
  const broken = new Set();
  for (const stage of wanted) {
    const blocked = stage.needs.find((need) => broken.has(need));
    if (blocked !== undefined) {
      total.notRun.push(`${stage.name}: ${blocked} failed`);
      continue;
    }
    console.log(`\n== ${stage.name}`);
    const started = performance.now();
    const counts = await stage.run(filters);
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(`== ${stage.name}: ${counts.passed} passed, ${counts.failed} failed (${seconds} s)`);
    if (counts.failed > 0) broken.add(stage.name);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.faults.push(...counts.faults.map((fault) => `${stage.name}: ${fault.replaceAll(`${root}/`, '')}`));
    total.notRun.push(...counts.notRun);
  }
  if (total.passed + total.failed === 0) total.notRun.push(`no test matches ${words.join(' ')}`);
  conclude(total);
}

/**
 * The stages to run: the named ones with what they need; with filters alone, those that run test files.
 * @param {readonly string[]} words
 * @param {readonly string[]} filters
 */
function chosen(words, filters) {
  const named = stages.filter((stage) => words.includes(stage.name));
  if (named.length === 0 && filters.length === 0) return stages;
  const wanted =
    named.length > 0
      ? named
      : stages.filter(({ name }) => name === 'unit' || (name === 'e2e' && fitsBrowserTest(filters)));
  const names = new Set(wanted.flatMap((stage) => [...stage.needs, stage.name]));
  return stages.filter((stage) => names.has(stage.name));
}

/**
 * @param {Counts} total
 */
function conclude(total) {
  // Once more at the end, where a reader of a long log looks first.
  for (const fault of total.faults) console.log(`failed: ${fault}`);
  if (total.notRun.length > 0) {
    const reasons = [...new Set(total.notRun)].slice(0, 10).join('; ');
    console.log(`not run: ${total.notRun.length} (${reasons})`);
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  const incomplete = total.notRun.length > 0 && (env.CI === 'true' || total.passed === 0);
  exit(total.failed > 0 || incomplete ? 1 : 0);
}

/** @returns {Promise<Counts>} */
async function rust() {
  const args = ['test', '--workspace', '--locked', '--manifest-path', 'wasm/Cargo.toml'];
  const { code, output } = await runLoudly('cargo', args, { cwd: root, minutes: 20 });
  return believe(code, cargoCounts(output));
}

/** @returns {Promise<Counts>} */
async function fuzz() {
  const { code, output } = await runLoudly(execPath, ['wasm/fuzz.mjs', '--seconds', '6'], { cwd: root, minutes: 20 });
  return believe(code, fuzzCounts(output));
}

/**
 * One of our own programs that ends with `N passed, N failed`.
 * @param {readonly string[]} args
 * @returns {Promise<Counts>}
 */
async function ours(args) {
  const { code, output } = await runLoudly(execPath, args, { cwd: root, minutes: 20 });
  return believe(code, lastLineCounts(output) ?? empty());
}

/**
 * A program that counts as one test.
 * @param {readonly string[]} args
 * @returns {Promise<Counts>}
 */
async function single(args) {
  const { code } = await runLoudly(execPath, args, { cwd: root, minutes: 20 });
  return believe(code, { ...empty(), passed: code === 0 ? 1 : 0 });
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @returns {Promise<Counts>}
 */
async function vitest(name, args) {
  const report = join(root, '.build', `${name}.report.json`);
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const runner = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--passWithNoTests'];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { code } = await runLoudly(execPath, [...runner, ...reporters, ...args], { cwd: root, minutes: 30 });
  return believe(code, existsSync(report) ? vitestCounts(readFileSync(report, 'utf8')) : empty());
}

/**
 * A runner that failed although it counted no failure broke outside its tests: that is a failure too.
 * @param {number} code
 * @param {Counts} counts
 * @returns {Counts}
 */
function believe(code, counts) {
  if (code === 0 || counts.failed > 0) return counts;
  return { ...counts, failed: 1, faults: [...counts.faults, `the runner itself, with exit code ${code}`] };
}

/**
 * True when a filter fits the name of a browser test.
 * @param {readonly string[]} filters
 */
function fitsBrowserTest(filters) {
  const names = readdirSync(join(root, 'e2e'), { recursive: true, encoding: 'utf8' });
  return names.some((name) => name.endsWith('.test.ts') && filters.some((filter) => `e2e/${name}`.includes(filter)));
}

await main(argv.slice(2));
