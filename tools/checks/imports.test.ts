import { expect, it } from 'vitest';
import type { Finding } from '../finding.ts';
import { makeTree } from '../testing/tree.ts';
import { checkImports } from './imports.ts';

/** A tree in which every file is used; tests add what breaks a rule. */
const sound = {
  'src/index.ts': "export { play } from './player/player.ts';",
  'src/player/player.ts': "import { link } from '../carrier/browser/link.ts';\nexport const play = link;",
  'src/carrier/browser/link.ts': "import Peer from 'simple-peer/simplepeer.min.js';\nexport const link = Peer;",
};

const judge = async (files: Record<string, string>): Promise<readonly Finding[]> =>
  checkImports(makeTree({ ...sound, ...files }));

it('accepts a sound tree', async () => {
  expect(await judge({})).toEqual([]);
});

it('refuses an import that the room table does not allow, types too', async () => {
  const findings = await judge({
    'src/player/player.ts':
      "import type { E } from '../core/engine.ts';\nimport '../carrier/browser/link.ts';\nexport const play = 1 as E;",
    'src/core/engine.ts': 'export type E = number;',
  });
  expect(findings).toEqual([
    { where: 'src/player/player.ts:1', what: expect.stringContaining('player may not import from core') },
  ]);
});

it('lets tests reach into other rooms but nobody into tests and tools', async () => {
  expect(await judge({ 'src/player/player.test.ts': "import '../carrier/browser/link.ts';" })).toEqual([]);
  const reached = await judge({
    'src/player/player.test.ts': "import '../../tools/x.ts';",
    'tools/x.ts': '',
    'server/src/cli.ts': "import '../../src/core/testing/fake.ts';",
    'src/core/testing/fake.ts': '',
  });
  expect(reached.map((finding) => finding.where)).toEqual(['server/src/cli.ts:1', 'src/player/player.test.ts:1']);
});

it('refuses a library outside its room, and a second wrapper inside it', async () => {
  const findings = await judge({
    'src/index.ts': "export { play } from './player/player.ts';\nimport './carrier/browser/again.ts';\nimport 'ws';",
    'src/carrier/browser/again.ts': "import type P from 'simple-peer';\nexport type Q = P;",
  });
  expect(findings).toEqual([
    { where: 'src/index.ts:3', what: expect.stringContaining('library ws') },
    { where: 'simple-peer in carrier/browser', what: expect.stringContaining('2 files') },
  ]);
});

it('finds cycles through types', async () => {
  const findings = await judge({
    'src/player/player.ts':
      "import '../carrier/browser/link.ts';\nimport type { O } from './options.ts';\nexport const play = 1 as O;",
    'src/player/options.ts': "import { play } from './player.ts';\nexport type O = typeof play;",
  });
  expect(findings.map((finding) => finding.what)).toEqual([
    'import cycle: src/player/options.ts -> src/player/player.ts',
  ]);
});

it('finds files that nobody imports, and files that only tests import', async () => {
  const findings = await judge({
    'src/wire/lonely.ts': '',
    'src/wire/tested.ts': '',
    'src/wire/tested.test.ts': "import './tested.ts';",
    'src/wire/testing/used.ts': '',
    'src/wire/used.test.ts': "import './testing/used.ts';",
  });
  expect(findings.map((finding) => finding.where)).toEqual(['src/wire/lonely.ts', 'src/wire/tested.ts']);
});

it('finds imports that lead nowhere', async () => {
  const findings = await judge({ 'src/global.ts': "import './gone.ts';" });
  expect(findings).toEqual([{ where: 'src/global.ts:1', what: './gone.ts is no file' }]);
});
