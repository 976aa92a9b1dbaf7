import { expect, it } from 'vitest';
import { portable } from './declarations.ts';

it('turns .ts paths of every kind of import into .js, and nothing else', () => {
  const text = [
    "import type { A } from './a.ts';",
    "export * from '../b.ts';",
    "type C = import('./c.ts').C;",
    "declare const d = 'from ./d.ts';",
    "import type { E } from 'e.ts';",
  ].join('\n');
  expect(portable(text).split('\n')).toEqual([
    "import type { A } from './a.js';",
    "export * from '../b.js';",
    "type C = import('./c.js').C;",
    "declare const d = 'from ./d.ts';",
    "import type { E } from 'e.ts';",
  ]);
});
