// Builds the Rust byte core through its own build script, which knows when there is nothing to do.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Target } from './stale.ts';
import { wasmFile, writerWasmFile } from './virtual.ts';

/** The byte core, and its build for publishers. */
export const wasm: Target = {
  name: 'wasm',
  outputs: [wasmFile, writerWasmFile],
  async make(root) {
    const { status } = spawnSync(process.execPath, [join(root, 'wasm/build.mjs')], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (status !== 0) throw new Error(`wasm/build.mjs ended with ${status}`);
  },
};
