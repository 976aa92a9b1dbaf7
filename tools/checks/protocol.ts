// Holds src/wire/PROTOCOL.md to the source: its last line carries a digest of the room, so whoever changes what is said
// has to open the text that describes it.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '../files.ts';
import type { Check } from '../finding.ts';
import { isTestFile } from '../rooms.ts';

/** The text's last line against the digest of the room. */
export const checkProtocol: Check = (root) => {
  const file = join(root, protocolFile);
  if (!existsSync(file)) return [{ where: protocolFile, what: 'missing' }];
  const last = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1);
  if (last === sourceLine(root)) return [];
  const what = 'src/wire changed: bring this text up to date, then npm run docs -- --write';
  return [{ where: protocolFile, what }];
};

/** Puts the present digest into the last line. */
export function writeProtocol(root: string): void {
  const file = join(root, protocolFile);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  if (lines.at(-1)?.startsWith(prefix)) lines.pop();
  writeFileSync(file, `${[...lines, sourceLine(root)].join('\n')}\n`);
}

/** The line that belongs at the end of the text. */
export function sourceLine(root: string): string {
  const hash = createHash('sha256');
  for (const path of listFiles(root, ['.ts', 'vectors.json'])) {
    if (!path.startsWith('src/wire/') || isTestFile(path)) continue;
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  }
  return `${prefix}${hash.digest('hex').slice(0, 32)}`;
}

const protocolFile = 'src/wire/PROTOCOL.md';
const prefix = 'Source digest: ';
