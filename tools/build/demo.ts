// Builds the example pages against the built package, the way a customer's bundler would.

import { join } from 'node:path';
import { build } from 'vite';
import type { Target } from './stale.ts';

/** The pages, each a folder with its index.html. */
const PAGES = ['', 'camera/', 'studio/'];

/** The example pages as static files. */
export const demo: Target = {
  name: 'demo',
  // The stamp stands for every file of the built package.
  inputs: ['demo', '.build/sdk.stamp', 'package-lock.json', 'tools/build'],
  outputs: PAGES.map((page) => `demo/dist/${page}index.html`),
  async make(root) {
    await build({
      root: join(root, 'demo'),
      configFile: false,
      logLevel: 'warn',
      base: './',
      resolve: {
        alias: [
          { find: /^shoal$/, replacement: join(root, 'dist/shoal.js') },
          { find: /^shoal\/(.+)$/, replacement: join(root, 'dist/shoal-$1.js') },
        ],
      },
      build: {
        outDir: 'dist',
        emptyOutDir: true,
        target: 'es2022',
        chunkSizeWarningLimit: 2000,
        rolldownOptions: { input: PAGES.map((page) => join(root, 'demo', page, 'index.html')) },
      },
    });
  },
};
