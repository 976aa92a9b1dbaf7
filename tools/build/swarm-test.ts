// Builds `shoal/swarm-test`: one file for Node, which takes its browser from the test that imports it, and its types.

import { join } from 'node:path';
import { build } from 'vite';
import { emitTypes } from './declarations.ts';
import type { Target } from './stale.ts';

/** The swarm tests of the package. */
export const swarmTest: Target = {
  name: 'swarm-test',
  inputs: ['src', 'package-lock.json', 'tools/build', 'tsconfig.base.json'],
  outputs: ['dist/swarm-test/index.js', 'dist/swarm-test/types/src/swarm-test/index.d.ts'],
  async make(root) {
    await build({
      root,
      configFile: false,
      logLevel: 'warn',
      publicDir: false,
      ssr: { noExternal: true, target: 'node' },
      build: {
        ssr: join(root, 'src/swarm-test/index.ts'),
        outDir: 'dist/swarm-test',
        emptyOutDir: true,
        target: 'node20',
        minify: false,
        rolldownOptions: { output: { format: 'es', entryFileNames: 'index.js' } },
      },
    });
    await emitTypes(root, {
      entries: ['src/swarm-test/index.ts'],
      outDir: 'dist/swarm-test/types',
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      types: ['node'],
      ambient: ['src/modules.d.ts'],
      peers: ['playwright'],
    });
  },
};
