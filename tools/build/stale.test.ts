import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTree } from '../testing/tree.ts';
import { makeIfStale, type Target } from './stale.ts';

const target: Target = {
  name: 'thing',
  inputs: ['src', 'dist/part.js'],
  outputs: ['out.js'],
  make: async (root) => writeFileSync(join(root, 'out.js'), 'made'),
};

it('makes again only after a change that matters', async () => {
  const root = makeTree({ 'src/a.ts': 'a', 'dist/part.js': 'part', 'README.md': '' });
  const made = (): Promise<boolean> => makeIfStale(root, target);
  expect(await made()).toBe(true);
  expect(await made()).toBe(false);
  writeFileSync(join(root, 'README.md'), 'changed');
  writeFileSync(join(root, 'src/a.test.ts'), 'changed');
  expect(await made()).toBe(false);
  writeFileSync(join(root, 'src/a.ts'), 'changed');
  expect(await made()).toBe(true);
  writeFileSync(join(root, 'dist/part.js'), 'changed');
  expect(await made()).toBe(true);
  rmSync(join(root, 'out.js'));
  expect(await made()).toBe(true);
});

it('does not take a build for done that made nothing', async () => {
  const root = makeTree({ 'src/a.ts': 'a', 'dist/part.js': 'part' });
  mkdirSync(join(root, '.build'), { recursive: true });
  await expect(makeIfStale(root, { ...target, make: async () => undefined })).rejects.toThrow(/out\.js/);
});
