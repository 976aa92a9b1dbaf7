// Builds the example page against the built package, the way a customer's bundler would.

import { join } from 'node:path';
import { build } from 'vite';
import type { Target } from './stale.ts';

/** The example page as static files. */
export const demo: Target = {
  name: 'demo',
  inputs: ['demo', 'dist/shoal.js', 'package-lock.json', 'tools/build'],
  outputs: ['demo/dist/index.html'],
  async make(root) {
    await build({
      root: join(root, 'demo'),
      configFile: false,
      logLevel: 'warn',
      base: './',
      resolve: { alias: { shoal: join(root, 'dist/shoal.js') } },
      build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 2000 },
    });
  },
};
