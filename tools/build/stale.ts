// Knows whether a build target is up to date: a digest of everything it is made from lies beside what it made.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '../files.ts';

/** Something the build makes. */
export interface Target {
  /** Name on the command line and of the digest file. */
  readonly name: string;
  /** Files and folders it is made from, relative to the root; absent when its maker knows by itself what is stale. */
  readonly inputs?: readonly string[];
  /** Files that must exist afterwards. */
  readonly outputs: readonly string[];
  /** Makes the outputs. */
  make(root: string): Promise<void>;
}

/** Makes the target unless its outputs exist and its inputs are the ones they were made from. True if it was made. */
export async function makeIfStale(root: string, target: Target): Promise<boolean> {
  const stamp = join(root, '.build', `${target.name}.stamp`);
  const digest = target.inputs === undefined ? 'unknown' : digestOf(root, target.inputs);
  const complete = target.outputs.every((output) => existsSync(join(root, output)));
  if (target.inputs !== undefined && complete && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest)
    return false;
  rmSync(stamp, { force: true });
  await target.make(root);
  const missing = target.outputs.filter((output) => !existsSync(join(root, output)));
  if (missing.length > 0) throw new Error(`${target.name} did not produce ${missing.join(', ')}`);
  mkdirSync(join(root, '.build'), { recursive: true });
  writeFileSync(stamp, digest);
  return true;
}

/** A digest over the names and contents of all inputs; tests are not part of what is built. */
export function digestOf(root: string, inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of listFiles(root, [''])) {
    if (!inputs.some((input) => path === input || path.startsWith(`${input}/`))) continue;
    if (path.endsWith('.test.ts')) continue;
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  for (const output of inputs.filter((input) => /(^|\/)(dist|\.build)\//.test(input))) {
    hash.update(`${output}\n`).update(readFileSync(join(root, output)));
  }
  return hash.digest('hex');
}
