// Runs a program and keeps what it printed.

import { spawn } from 'node:child_process';

/** What a finished program left behind. */
export interface Finished {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end with stdin closed; stdout and stderr come back as one text. */
export function run(program: string, args: readonly string[], cwd: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
