/**
 * Bundles a page's or worker's entry into one ES module, in memory.
 */
import { build } from 'vite';
import { shoalModules } from '../../tools/build/virtual.ts';
import { projectRoot } from '../../tools/files.ts';

/** The text of the bundle of an entry, given relative to the project root. */
export const bundle = async (entry: string): Promise<string> => {
  const result = await build({
    root: projectRoot,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [shoalModules(projectRoot)],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2022',
      minify: false,
      lib: { entry: `${projectRoot}/${entry}`, formats: ['es'], fileName: 'bundle' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const each of outputs) {
    const chunk = 'output' in each ? each.output[0] : undefined;
    if (chunk !== undefined) return chunk.code;
  }
  throw new Error(`${entry} gave no bundle`);
};
