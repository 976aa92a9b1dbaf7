// Builds what the package `shoal-server` ships: the command line, the library, their types, and the files they need
// at run time (byte core, sample media). `ws` and `ioredis` stay dependencies.

import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { emitTypes } from './declarations.ts';
import type { Target } from './stale.ts';
import { wasmFile } from './virtual.ts';

/** The server's Node bundle. */
export const server: Target = {
  name: 'server',
  inputs: ['server', 'src', 'wasm', wasmFile, 'package-lock.json', 'tools/build', 'tsconfig.base.json'],
  outputs: [
    'server/dist/cli.js',
    'server/dist/device.js',
    'server/dist/agent.js',
    'server/dist/index.js',
    'server/dist/types/server/src/index.d.ts',
  ],
  async make(root) {
    rmSync(join(root, 'server/dist'), { recursive: true, force: true });
    mkdirSync(join(root, 'server/dist'), { recursive: true });
    await bundle(root);
    cpSync(join(root, wasmFile), join(root, 'server/dist/shoal.wasm'));
    if (existsSync(join(root, 'server/media'))) {
      cpSync(join(root, 'server/media'), join(root, 'server/dist/media'), { recursive: true });
    }
    await emitTypes(root, {
      entries: ['server/src/index.ts', 'server/agent/index.ts'],
      outDir: 'server/dist/types',
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      types: ['node'],
      ambient: ['wasm/webassembly.d.ts'],
    });
  },
};

async function bundle(root: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, external: ['@roamhq/wrtc', 'ioredis', 'node-datachannel', 'ws'], target: 'node' },
    build: {
      ssr: true,
      outDir: 'server/dist',
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: {
          index: join(root, 'server/src/index.ts'),
          cli: join(root, 'server/src/cli.ts'),
          device: join(root, 'server/agent/cli.ts'),
          agent: join(root, 'server/agent/index.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'shoal-server-[name].js' },
      },
    },
  });
}
