// The unit tests. The packages are built by tools/build.ts.

import { defineConfig } from 'vitest/config';
import { shoalModules } from './tools/build/virtual.ts';

export default defineConfig({
  plugins: [shoalModules(import.meta.dirname)],
  test: {
    include: ['{src,workers,wasm,server,sim,bench,tools}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.build/**'],
    environment: 'node',
    retry: 0,
    testTimeout: 20_000,
  },
});
