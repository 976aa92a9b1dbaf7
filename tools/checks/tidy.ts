// Sizes and names: a file holds at most 400 lines, a function 70, a parameter list four, and no file is called
// utils. Exceptions stand in tools/tidy.allow with a reason, and their number may only shrink.

import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { listFiles } from '../files.ts';
import type { Check, Finding } from '../finding.ts';
import { functionsOf, type Measured, rustFunctionsOf } from '../lengths.ts';
import { readSource } from '../source.ts';

/** Everything too long, too wide or badly named that tools/tidy.allow does not excuse. */
export const checkTidy: Check = (root) => {
  const oversized = listFiles(root, ['.ts', '.mjs', '.rs'])
    .filter((path) => !path.endsWith('.d.ts'))
    .flatMap((path) => judgeFile(root, path));
  const file = join(root, allowFile);
  const allowed = existsSync(file) ? parseAllow(readFileSync(file, 'utf8')) : { limit: 0, entries: [] };
  return applyAllow(oversized, allowed);
};

/** A broken size rule; `key` is what an exception names. */
export interface Oversize {
  readonly key: string;
  readonly finding: Finding;
}

function judgeFile(root: string, path: string): Oversize[] {
  const text = readFileSync(join(root, path), 'utf8');
  const lines = text.split('\n').length - 1;
  const found: Oversize[] = [];
  if (lines > fileLines) {
    found.push({ key: path, finding: { where: path, what: `${lines} lines, at most ${fileLines}: split it by idea` } });
  }
  if (bannedName.test(basename(path))) {
    found.push({ key: path, finding: { where: path, what: 'name the file for what it holds' } });
  }
  const functions = path.endsWith('.rs') ? rustFunctionsOf(text) : functionsOf(readSource(root, path));
  return [...found, ...functions.flatMap((measured) => judgeFunction(path, measured))];
}

function judgeFunction(path: string, measured: Measured): Oversize[] {
  const key = `${path}#${measured.name}`;
  const where = `${path}:${measured.line}`;
  const found: Oversize[] = [];
  if (measured.lines > functionLines) {
    const what = `${measured.name} has ${measured.lines} lines, at most ${functionLines}`;
    found.push({ key, finding: { where, what } });
  }
  if (measured.parameters > functionParameters) {
    const what = `${measured.name} takes ${measured.parameters} parameters: three, then an object`;
    found.push({ key, finding: { where, what } });
  }
  return found;
}

/** The exceptions: how many there may be at most, and what each excuses. */
export interface Allow {
  readonly limit: number;
  readonly entries: readonly string[];
}

/** Reads the exception file: a line `limit N`, then `path[#function]  reason` per line; `#` at the start comments. */
export function parseAllow(text: string): Allow {
  let limit = 0;
  const entries: string[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const number = /^limit (\d+)$/.exec(line);
    if (number) limit = Number(number[1]);
    else entries.push(line);
  }
  return { limit, entries };
}

/** What remains after the exceptions, plus what is wrong with the exceptions themselves. */
export function applyAllow(found: readonly Oversize[], allow: Allow): Finding[] {
  const keys = new Map(allow.entries.map((entry) => [entry.split(/\s/, 1)[0] as string, entry]));
  const rest = found.filter((oversize) => !keys.has(oversize.key)).map((oversize) => oversize.finding);
  const needed = new Set(found.map((oversize) => oversize.key));
  for (const [key, entry] of keys) {
    if (!needed.has(key)) rest.push({ where: allowFile, what: `${key} needs no exception any more: delete the line` });
    else if (!/\s\S/.test(entry)) rest.push({ where: allowFile, what: `${key} needs a reason` });
  }
  if (allow.entries.length > allow.limit) {
    rest.push({
      where: allowFile,
      what: `${allow.entries.length} exceptions, at most ${allow.limit}: the list only shrinks`,
    });
  } else if (allow.entries.length < allow.limit) {
    rest.push({ where: allowFile, what: `lower the limit to ${allow.entries.length}` });
  }
  return rest;
}

const allowFile = 'tools/tidy.allow';
const fileLines = 400;
const functionLines = 70;
const functionParameters = 4;
const bannedName = /^(?:.*[-.])?(?:utils?|helpers?|common|misc|types)\.[a-z.]+$/;
