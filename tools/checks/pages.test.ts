import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../files.ts';
import { makeTree } from '../testing/tree.ts';
import { anchorsOf, checkPages, roomFindings, unknownCommands } from './pages.ts';

const architecture = readFileSync(join(projectRoot, 'ARCHITECTURE.md'), 'utf8');

it('finds links and anchors that lead nowhere', async () => {
  const root = makeTree({
    'package.json': '{"scripts":{"check":""}}',
    'ARCHITECTURE.md': architecture,
    'docs/a.md': '# One Two!\n[b](b.md) [here](#one-two) [web](https://example.com) `[code](none.md)`',
    'docs/b.md': '[gone](c.md) [none](a.md#three)',
  });
  expect(await checkPages(root)).toEqual([
    { where: 'docs/b.md', what: 'c.md leads nowhere' },
    { where: 'docs/b.md', what: 'docs/a.md has no heading #three' },
  ]);
});

it('names headings as GitHub does', () => {
  expect([...anchorsOf('# A `b` (c)\n## A `b` (c)\n```\n# not this\n```')]).toEqual(['a-b-c', 'a-b-c-1']);
});

it('finds commands that do not exist', () => {
  const scripts = new Set(['test', 'check']);
  expect(unknownCommands('a.md', 'npm test, npm run check tidy', scripts)).toEqual([]);
  expect(unknownCommands('a.md', 'npm start, npm run chek', scripts)).toHaveLength(2);
});

it('holds the room table to the rooms', () => {
  expect(roomFindings(architecture)).toEqual([]);
  expect(roomFindings(architecture.replace('| wire, errors |', '| wire |'))).toHaveLength(1);
  expect(roomFindings(architecture.replace('| `sim/` |', '| `simulator/` |'))).toHaveLength(2);
});
