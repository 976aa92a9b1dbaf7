// Programs in a namespace of the lab: started, listened to until they are up, and stopped.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { projectRoot } from '../../tools/files.ts';

/** Far above what any of them needs. */
const UP_WITHIN_MS = 60_000;

/** Starts a program in a namespace; it ends with whoever runs the test, however that ends. */
export function inNamespace(namespace: string, program: string, args: readonly string[]): ChildProcess {
  const where = ['--pdeathsig', 'TERM', 'ip', 'netns', 'exec', namespace, program];
  return spawn('setpriv', [...where, ...args], { cwd: projectRoot, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** What a program that has just started says of itself. */
export function says(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const [, found] = pattern.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
    }
    const fail = (why: string): void => reject(new Error(`${child.spawnargs.join(' ')} ${why}: ${said}`));
    child.once('error', reject);
    child.once('exit', () => fail('ended'));
    setTimeout(() => fail('did not come up'), UP_WITHIN_MS).unref();
  });
}

/** Stops a program and waits until it is gone. */
export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
