// Runs the one linter-formatter over the whole project.

import { join } from 'node:path';
import type { Check } from '../finding.ts';
import { run } from '../run.ts';

/** What Biome objects to, in its compact form. */
export const checkLint: Check = async (root) => {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = ['check', '--error-on-warnings', '--colors=off', '--max-diagnostics=50', '.'];
  const { code, output } = await run(process.execPath, [biome, ...args], root);
  return code === 0 ? [] : [{ where: 'biome', what: `${output.trim()}\n(npm run format mends most of these)` }];
};
