// The unit tests. The packages are built by tools/build.ts.

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { shoalModules } from './tools/build/virtual.ts';
import { TEST_MS, WAIT_MS } from './tools/patience.ts';

export default defineConfig({
  plugins: [shoalModules(import.meta.dirname)],
  test: {
    include: ['{src,workers,wasm,server,sim,bench,tools}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.build/**'],
    environment: 'node',
    retry: 0,
    // Of two cores Vitest uses one. Files mostly wait (for servers, links and clocks), and no two share a port, a folder or a store.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    setupFiles: ['tools/patient-waits.ts'],
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    expect: { poll: { timeout: WAIT_MS } },
  },
});
