import { expect, it } from 'vitest';
import { makeTree } from '../testing/tree.ts';
import { applyAllow, checkTidy, type Oversize, parseAllow } from './tidy.ts';

const lines = (count: number, line = '// x'): string => `${line}\n`.repeat(count);
const long = `export function long(): void {\n${lines(69, '  f();')}}\n`;

it('accepts what is just small enough', async () => {
  const root = makeTree({
    'a.ts': lines(400),
    'b.ts': `export function just(a: number, b: number, c: number, d: number): void {\n${lines(68, '  f();')}}\n`,
    'c.rs': `fn just() {\n${lines(68)}}\n`,
  });
  expect(await checkTidy(root)).toEqual([]);
});

it('finds long files, long functions, long parameter lists and names that say nothing', async () => {
  const root = makeTree({
    'a.ts': lines(401),
    'b.ts': long,
    'c.rs': `fn long() {\n${lines(69)}}\n`,
    'd.ts': 'export const f = (a: 1, b: 2, c: 3, d: 4, e: 5): void => { g(a, b, c, d, e); };\n',
    'wire-utils.ts': '',
    'common.rs': '',
  });
  const found = (await checkTidy(root)).map((finding) => finding.where);
  expect(found).toEqual(['a.ts', 'b.ts:1', 'c.rs:1', 'common.rs', 'd.ts:1', 'wire-utils.ts']);
});

it('excuses what tools/tidy.allow names', async () => {
  const root = makeTree({ 'b.ts': long, 'tools/tidy.allow': 'limit 1\nb.ts#long  one table\n' });
  expect(await checkTidy(root)).toEqual([]);
});

it('lets the list of exceptions only shrink', () => {
  const found: Oversize[] = [{ key: 'a.ts', finding: { where: 'a.ts', what: 'long' } }];
  const judge = (text: string): string[] => applyAllow(found, parseAllow(text)).map((finding) => finding.what);
  expect(judge('# why\nlimit 1\na.ts  because\n')).toEqual([]);
  expect(judge('limit 0\na.ts  because\n')).toEqual([expect.stringContaining('only shrinks')]);
  expect(judge('limit 2\na.ts  because\n')).toEqual([expect.stringContaining('lower the limit to 1')]);
  expect(judge('limit 2\na.ts  because\nb.ts  gone\n')).toEqual([expect.stringContaining('b.ts needs no exception')]);
  expect(judge('limit 1\na.ts\n')).toEqual([expect.stringContaining('needs a reason')]);
});
