// Emits .d.ts files for some entries and keeps only those they lead to, with import paths that every moduleResolution
// of a consumer understands.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { listFiles } from '../files.ts';
import { reachableFrom } from '../graph.ts';
import { run } from '../run.ts';
import { importsOf, parseSource } from '../source.ts';

/** What to emit and where. */
export interface Emission {
  readonly entries: readonly string[];
  readonly outDir: string;
  readonly lib: readonly string[];
  readonly types?: readonly string[];
  /** Files with global declarations that the sources need; consumers do not get them. */
  readonly ambient: readonly string[];
  /** Packages whose types a consumer has already. */
  readonly peers?: readonly string[];
}

/** Writes the declarations of the entries and of everything their declarations import. */
export async function emitTypes(root: string, emission: Emission): Promise<void> {
  const out = join(root, emission.outDir);
  rmSync(out, { recursive: true, force: true });
  const work = join(root, '.build', emission.outDir.replaceAll('/', '-'));
  mkdirSync(work, { recursive: true });
  const project = join(work, 'tsconfig.json');
  writeFileSync(project, JSON.stringify(projectFor(root, emission), undefined, 2));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { code, output } = await run(process.execPath, [tsc, '-p', project], root);
  if (code !== 0) throw new Error(`types of ${emission.entries.join(', ')}:\n${output}`);
  prune(
    out,
    emission.entries.map((entry) => entry.replace(/\.ts$/, '.d.ts')),
    emission.peers ?? [],
  );
}

function projectFor(root: string, emission: Emission): unknown {
  return {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      stripInternal: true,
      rootDir: root,
      outDir: join(root, emission.outDir),
      lib: emission.lib,
      types: emission.types ?? [],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: [...emission.entries, ...emission.ambient].map((file) => join(root, file)),
  };
}

function prune(out: string, entries: readonly string[], peers: readonly string[]): void {
  const edges = new Map<string, string[]>();
  for (const path of listFiles(out, ['.d.ts'])) {
    const file = join(out, path);
    const before = readFileSync(file, 'utf8');
    edges.set(path, targetsOf(path, before));
    writeFileSync(file, portable(before));
  }
  const kept = reachableFrom(entries, edges);
  for (const path of edges.keys()) if (!kept.has(path)) rmSync(join(out, path));
  for (const path of kept) {
    if (!edges.has(path) && !path.startsWith('node:') && !peers.includes(path))
      throw new Error(`${entries.join(', ')} lead to ${path}, which a consumer does not have`);
  }
}

function targetsOf(path: string, text: string): string[] {
  return importsOf(parseSource(path, text)).map(({ specifier }) =>
    specifier.startsWith('.') ? posix.join(dirname(path), specifier).replace(/\.ts$/, '.d.ts') : specifier,
  );
}

/** `./x.ts` becomes `./x.js`, which classic, Node and bundler resolution all map to `./x.d.ts`. */
export function portable(text: string): string {
  return text.replace(/((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]*)\.ts(['"])/g, '$1.js$2');
}
