// The system's own tools, one call at a time.

import { spawnSync } from 'node:child_process';

/** Runs a program; throws with what it said when it fails. */
export function run(program: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', input });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

/** Runs a program whose failure does not matter: it takes down what may be gone already. */
export function runGently(program: string, args: readonly string[]): void {
  spawnSync(program, args, { stdio: 'ignore' });
}
