import { expect, it } from 'vitest';
import { importsOf, parseSource } from './source.ts';

const specifiers = (text: string): string[] => importsOf(parseSource('a.ts', text)).map((found) => found.specifier);

it('sees every way to name a module, types included', () => {
  const text = [
    "import type { A } from './a.ts';",
    "import './b.ts';",
    "export * from './c.ts';",
    "export type { D } from './d.ts';",
    "type E = import('./e.ts').E;",
    "const f = await import('./f.ts');",
    "new Worker(new URL('./g.ts', import.meta.url));",
  ].join('\n');
  expect(specifiers(text)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts', './g.ts']);
});

it('is not fooled by comments, strings and exports without a module', () => {
  expect(specifiers('// import "./a.ts"\nconst s = "import \'./b.ts\'";\nexport { s };')).toEqual([]);
});

it('knows the line of an import', () => {
  expect(importsOf(parseSource('a.ts', "\n\nimport './x.ts';"))).toEqual([{ specifier: './x.ts', line: 3 }]);
});

it('refuses a file it cannot parse', () => {
  expect(() => parseSource('broken.ts', 'const = ;')).toThrow(/broken\.ts/);
});
