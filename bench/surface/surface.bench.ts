/**
 * How much of the seeds' surfaces works: runs the browser tests of every surface and counts which methods did their work
 * and which codes and events came out of the public API there. Nothing is counted that Chromium did not do in this run.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REACH_FILE, type Reach } from '../../e2e/fixtures/reach.ts';
import { projectRoot } from '../../tools/files.ts';
import type { Bench, Figures, Goal, Run } from '../harness/bench.ts';
import { nativeTable } from './native-table.ts';
import { playerTable } from './player-table.ts';
import { pluginTable } from './plugin-table.ts';
import { countRows } from './table.ts';

const tables = [pluginTable, nativeTable, playerTable];

/** The benchmark. */
export const surface: Bench = {
  about: 'methods, codes and events of the seeds that the browser tests truly reach',
  options: {},
  run: async (run) => {
    const reachedIn = mkdtempSync(join(tmpdir(), 'shoal-reach-'));
    try {
      const file = join(reachedIn, 'reach.jsonl');
      const status = await runTests(file, run);
      return figuresOf(existsSync(file) ? parseReach(readFileSync(file, 'utf8')) : [], status);
    } finally {
      rmSync(reachedIn, { recursive: true, force: true });
    }
  },
  goals: (figures): readonly Goal[] => [
    { figure: 'methodsCovered', is: 'at least', value: Number(figures.methods) },
    { figure: 'codesReached', is: 'at least', value: Number(figures.codes) },
    { figure: 'eventsSeen', is: 'at least', value: Number(figures.events) },
    { figure: 'testsStatus', is: 'at most', value: 0 },
  ],
};

const figuresOf = (reached: readonly Reach[], testsStatus: number): Figures => {
  const methods = countRows(tables, 'method', reached);
  const codes = countRows(tables, 'code', reached);
  const events = countRows(tables, 'event', reached);
  const counts = [methods, codes, events];
  return {
    methods: methods.total,
    methodsCovered: methods.reached,
    codes: codes.total,
    codesReached: codes.reached,
    events: events.total,
    eventsSeen: events.reached,
    pending1v1: counts.reduce((sum, { pending }) => sum + pending, 0),
    /** Exit status of the browser tests: what a failing test reached on its way is counted, but shows here. */
    testsStatus,
    missing: counts.flatMap(({ missing }) => missing).join(', '),
  };
};

/** One line of JSON each; a line that is none is a mistake of ours and must not go unseen. */
const parseReach = (text: string): readonly Reach[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Reach);

const runTests = (file: string, run: Run): Promise<number> => {
  const filters = tables.flatMap(({ tests }) => tests);
  const vitest = join(projectRoot, 'node_modules/vitest/vitest.mjs');
  run.say(`browser tests: ${filters.join(', ')}`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, 'run', '--config', 'e2e/vitest.config.ts', ...filters], {
      cwd: projectRoot,
      env: { ...process.env, [REACH_FILE]: file },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // What the tests print is progress; the figures stand alone on standard output.
    child.stdout.on('data', (chunk: Buffer) => void process.stderr.write(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
};
