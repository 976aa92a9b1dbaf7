// Lists the project's own files: no dependencies, no build output, nothing that git would not show a newcomer.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project root. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** Paths relative to `root`, with `/`, sorted, of every file whose name ends in one of `endings`. */
export function listFiles(root: string, endings: readonly string[]): string[] {
  const found: string[] = [];
  walk(root, '', (path) => {
    if (endings.some((ending) => path.endsWith(ending))) found.push(path);
  });
  return found.sort();
}

function walk(root: string, folder: string, visit: (path: string) => void): void {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) walk(root, path, visit);
    } else if (entry.isFile()) {
      visit(path);
    }
  }
}

const skipped = new Set(['.git', 'node_modules', 'dist', 'target', '.build', 'test-results']);
