// `npm start [-- server options]`: from a fresh clone to a playing page. Sets up what is missing, builds what is out of
// date, then runs the server with its bundled sample and the example page until you stop it.

import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

for (const args of [
  ['tools/setup.mjs', 'start'],
  ['node_modules/tsx/dist/cli.mjs', 'tools/build.ts'],
]) {
  const { status } = spawnSync(execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) exit(status ?? 1);
}

const server = spawn(
  execPath,
  [join(root, 'server/dist/cli.js'), '--static', join(root, 'demo/dist'), ...argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => server.kill(signal));
server.on('close', (code) => exit(code ?? 0));
