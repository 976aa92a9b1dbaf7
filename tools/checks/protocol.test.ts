import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTree } from '../testing/tree.ts';
import { checkProtocol, writeProtocol } from './protocol.ts';

const room = { 'src/wire/PROTOCOL.md': '# Text\n', 'src/wire/a.ts': 'a', 'src/wire/vectors.json': '{}' };

it('holds once written, and twice written changes nothing', async () => {
  const root = makeTree(room);
  expect(await checkProtocol(root)).toHaveLength(1);
  writeProtocol(root);
  const once = readFileSync(join(root, 'src/wire/PROTOCOL.md'), 'utf8');
  writeProtocol(root);
  expect(readFileSync(join(root, 'src/wire/PROTOCOL.md'), 'utf8')).toBe(once);
  expect(await checkProtocol(root)).toEqual([]);
});

it('breaks with a change of source or vectors, not of tests', async () => {
  const root = makeTree(room);
  writeProtocol(root);
  writeFileSync(join(root, 'src/wire/a.test.ts'), 'test');
  expect(await checkProtocol(root)).toEqual([]);
  writeFileSync(join(root, 'src/wire/vectors.json'), '{"a":1}');
  expect(await checkProtocol(root)).toHaveLength(1);
  writeProtocol(root);
  writeFileSync(join(root, 'src/wire/a.ts'), 'b');
  expect(await checkProtocol(root)).toHaveLength(1);
});
