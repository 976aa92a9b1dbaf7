// `npm run fuzz -- [--seconds N] [--seed S] [--target NAME] [--cases N]`: builds and runs the fuzz program of the byte core.

import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const build = ['run', '--quiet', '--locked', '--profile', 'fuzz', '-p', 'shoal-fuzz', '--bin', 'fuzz', '--'];
const { status, error } = spawnSync('cargo', [...build, ...process.argv.slice(2)], {
  cwd: dirname(fileURLToPath(import.meta.url)),
  stdio: 'inherit',
});
if (error !== undefined) console.error(`cargo does not start: ${error.message}`);
process.exitCode = status ?? 1;
