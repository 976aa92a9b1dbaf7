import { expect, it } from 'vitest';
import { parseSource } from '../source.ts';
import { makeTree } from '../testing/tree.ts';
import { bareErrors, checkWords, impureWords } from './words.ts';

const impure = (text: string): string[] =>
  impureWords(parseSource('a.ts', text)).map((finding) => finding.what.split(' ', 1)[0] as string);

it('finds clocks, dice, waiting and printing', () => {
  expect(impure('Date.now()')).toEqual(['Date']);
  expect(impure('new Date()')).toEqual(['Date']);
  expect(impure('Math.random() + Math.floor(1)')).toEqual(['Math.random']);
  expect(impure('async function f() { await g(); }')).toEqual(['async', 'await']);
  expect(impure('type P = Promise<number>')).toEqual(['Promise']);
  expect(impure('setTimeout(f); console.log(1)')).toEqual(['setTimeout', 'console']);
});

it('leaves comments, strings, members and keys of the same name alone', () => {
  expect(impure("// Date\nconst s = 'Promise'; const o = { Date: 1 }; o.Date;")).toEqual([]);
});

it('finds errors that callers could not branch on', () => {
  const found = bareErrors(
    parseSource('a.ts', "throw new Error('x');\nthrow new ShoalError('a/b');\nthrow new TypeError();"),
  );
  expect(found.map((finding) => finding.where)).toEqual(['a.ts:1', 'a.ts:3']);
});

it('asks purity of the rooms that decide only, and codes of what is shipped only', async () => {
  const text = "Date.now();\nthrow new Error('x');";
  const root = makeTree({
    'src/core/a.ts': text,
    'src/core/a.test.ts': text,
    'server/src/a.ts': text,
    'tools/a.ts': text,
  });
  expect((await checkWords(root)).map((finding) => finding.where)).toEqual([
    'server/src/a.ts:2',
    'src/core/a.ts:1',
    'src/core/a.ts:2',
  ]);
});
