// The system's own tools, one call at a time, and whether this machine has and allows what a network lab needs.

import { spawnSync } from 'node:child_process';
import { findProgram } from '../../tools/machine.mjs';

const PROGRAMS = ['ip', 'nft', 'conntrack', 'sysctl', 'setpriv', 'dnsmasq', 'turnserver'] as const;

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

/** Why this machine can have no network lab; undefined when it can. */
export function whyNoLab(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const missing = PROGRAMS.filter((program) => findProgram([program]) === undefined);
  if (missing.length > 0) return `missing: ${missing.join(', ')}`;
  const trial = `shoal-${process.pid}-trial`;
  try {
    run('ip', ['netns', 'add', trial]);
    run(
      'ip',
      ['netns', 'exec', trial, 'nft', '-f', '-'],
      'table ip trial {\nchain out {\ntype nat hook postrouting priority 100;\n}\n}',
    );
    return undefined;
  } catch (error) {
    return `network namespaces or NAT are not allowed here: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    runGently('ip', ['netns', 'del', trial]);
  }
}
