import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findProgram, isDebianLike, missingPackages } from './machine.mjs';
import { makeTree } from './testing/tree.ts';

it('finds the first program that is there and may be run', () => {
  const root = makeTree({ 'one/tool': '', 'two/tool': '', 'two/other': '' });
  chmodSync(join(root, 'two/tool'), 0o755);
  chmodSync(join(root, 'two/other'), 0o755);
  const path = `${join(root, 'one')}:${join(root, 'two')}`;
  expect(findProgram(['tool'], path)).toBe(join(root, 'two/tool'));
  expect(findProgram(['absent', 'other'], path)).toBe(join(root, 'two/other'));
  expect(findProgram(['absent'], path)).toBeUndefined();
});

it('knows Debian and its relatives by /etc/os-release', () => {
  expect(isDebianLike('NAME="Debian"\nID=debian\n')).toBe(true);
  expect(isDebianLike('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe(true);
  expect(isDebianLike('ID=fedora\nNAME="not debian"\n')).toBe(false);
});

it('names packages that are absent or of another version, and not those of other platforms', () => {
  const lock = (packages: unknown): string => JSON.stringify({ packages });
  const root = makeTree({
    'package-lock.json': lock({
      '': {},
      server: { version: '1.0.0' },
      'node_modules/server': { link: true },
      'node_modules/same': { version: '1.0.0' },
      'node_modules/newer': { version: '2.0.0' },
      'node_modules/absent': { version: '1.0.0' },
      'node_modules/windows': { version: '1.0.0', optional: true },
    }),
    'node_modules/.package-lock.json': lock({
      'node_modules/same': { version: '1.0.0' },
      'node_modules/newer': { version: '1.0.0' },
    }),
  });
  expect(missingPackages(root)).toEqual(['node_modules/newer', 'node_modules/absent']);
});

it('finds everything missing where nothing was installed', () => {
  const root = makeTree({ 'package-lock.json': '{"packages":{"node_modules/a":{"version":"1.0.0"}}}' });
  expect(missingPackages(root)).toEqual(['node_modules/a']);
});
