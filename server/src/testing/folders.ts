// Folders for tests, removed when the test is over and everything that was begun after them has been closed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder with a word of its own in its name. */
export const freshFolder = (word: string): string => {
  const dir = mkdtempSync(join(tmpdir(), `shoal-${word}-`));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};
