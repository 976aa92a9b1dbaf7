// `npm start [-- server options]`: from a fresh clone to a playing page. Sets up what is missing, builds what is out of
// date, then runs the server with its bundled sample, a sample camera and the example pages until you stop it.

import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startSampleCamera } from './sample-camera.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

for (const args of [
  ['tools/setup.mjs', 'start'],
  ['node_modules/tsx/dist/cli.mjs', 'tools/build.ts'],
]) {
  const { status } = spawnSync(execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) exit(status ?? 1);
}

const given = argv.slice(2);
// The studio page wants an open app; whoever names apps of its own, or a configuration, says so itself.
const studio = given.some((arg) => /^--(bypass|config)(=|$)/.test(arg)) ? [] : ['--bypass', 'embedded'];
const data = given.some((arg) => /^--(data-dir|config)(=|$)/.test(arg))
  ? []
  : ['--data-dir', join(root, '.build/data')];
// An open app is for this machine alone; `-- --host 0.0.0.0` lets others in.
const host = given.some((arg) => /^--(host|config)(=|$)/.test(arg)) ? [] : ['--host', '127.0.0.1'];

const server = spawn(
  execPath,
  [join(root, 'server/dist/cli.js'), '--static', join(root, 'demo/dist'), ...studio, ...data, ...host, ...given],
  { cwd: root, stdio: ['inherit', 'pipe', 'inherit'] },
);
/** @type {(() => void) | undefined} */
let stopCamera;
createInterface(server.stdout).on('line', (line) => {
  console.log(line);
  const [, page] = /^page\s+(\S+)$/.exec(line) ?? [];
  if (page !== undefined) stopCamera ??= startSampleCamera(root, page);
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => server.kill(signal));
server.on('close', (code) => {
  stopCamera?.();
  exit(code ?? 0);
});
