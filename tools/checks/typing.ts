// Type-checks every room with the tsconfig in its own folder, two compilers at a time.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { listFiles } from '../files.ts';
import type { Check, Finding } from '../finding.ts';
import { run } from '../run.ts';

/** Every type error of every room, once. */
export const checkTypes: Check = async (root) => {
  const projects = listFiles(root, ['tsconfig.json']);
  const texts = new Map<string, Finding>();
  const queue = [...projects];
  const worker = async (): Promise<void> => {
    for (let project = queue.shift(); project !== undefined; project = queue.shift()) {
      for (const finding of await compile(root, project)) texts.set(`${finding.where} ${finding.what}`, finding);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
  return [...texts.values()].sort((a, b) => (a.where < b.where ? -1 : 1));
};

async function compile(root: string, project: string): Promise<Finding[]> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { code, output } = await run(process.execPath, [tsc, '--noEmit', '--pretty', 'false', '-p', project], root);
  if (code === 0 || emptyRoom.test(output)) return [];
  const findings = parseCompilerOutput(output, project);
  return findings.length > 0 ? findings : [{ where: project, what: output.trim() || `tsc ended with ${code}` }];
}

/** Turns tsc's plain output into findings. */
export function parseCompilerOutput(output: string, project: string): Finding[] {
  const findings: Finding[] = [];
  for (const line of output.split('\n')) {
    const located = /^(.+?)\((\d+),(\d+)\): error (TS\d+: .*)$/.exec(line);
    if (located) findings.push({ where: `${located[1]}:${located[2]}`, what: `${located[4]} [${project}]` });
    else if (/^error TS\d+:/.test(line)) findings.push({ where: project, what: line.slice('error '.length) });
    else if (line.startsWith('  ') && findings.length > 0) {
      const last = findings[findings.length - 1] as Finding;
      findings[findings.length - 1] = { where: last.where, what: `${last.what}\n    ${line.trim()}` };
    }
  }
  return findings;
}

/** tsc's answer to a room that holds only tests or nothing yet. */
const emptyRoom = /^error TS18003:/;
