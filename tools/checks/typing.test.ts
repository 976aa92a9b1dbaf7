import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../files.ts';
import { run } from '../run.ts';
import { makeTree } from '../testing/tree.ts';
import { parseCompilerOutput } from './typing.ts';

it('reads what the compiler says, with continuation lines', () => {
  const output =
    "src/a.ts(3,5): error TS2322: Type 'A' is not 'B'.\n  Types differ.\nerror TS5083: Cannot read file.\n";
  expect(parseCompilerOutput(output, 'src/tsconfig.json')).toEqual([
    { where: 'src/a.ts:3', what: "TS2322: Type 'A' is not 'B'. [src/tsconfig.json]\n    Types differ." },
    { where: 'src/tsconfig.json', what: 'TS5083: Cannot read file.' },
  ]);
});

it.each([
  ['src/wire', 'document.title'],
  ['src/core', 'setTimeout(() => 0, 1)'],
  ['src/core', 'process.exit()'],
  ['src/viewer', 'fetch("x")'],
  ['workers', 'document.title'],
  ['server', 'window.close()'],
])('keeps %s from saying %s', async (room, text) => {
  const config = JSON.parse(readFileSync(join(projectRoot, room, 'tsconfig.json'), 'utf8')) as {
    compilerOptions: object;
  };
  const root = makeTree({
    'tsconfig.json': JSON.stringify({
      extends: join(projectRoot, 'tsconfig.base.json'),
      compilerOptions: { ...config.compilerOptions, typeRoots: [join(projectRoot, 'node_modules/@types')] },
      files: ['a.ts'],
    }),
    'a.ts': `export const value = ${text};\n`,
  });
  const tsc = join(projectRoot, 'node_modules/typescript/bin/tsc');
  const { code, output } = await run(process.execPath, [tsc, '-p', root], root);
  expect({ code: code === 0 ? 0 : 1, cannotFind: /Cannot find name/.test(output) }).toEqual({
    code: 1,
    cannotFind: true,
  });
});
