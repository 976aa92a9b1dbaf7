// `npm run docs [-- --write]`: holds the pages to the source, or rewrites those that are made from it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vectorsText } from '../src/wire/testing/vectors.ts';
import { checkErrorTable, writeErrorTable } from './checks/error-table.ts';
import { checkNativeCodes, writeNativeCodes } from './checks/native-codes.ts';
import { checkPages } from './checks/pages.ts';
import { checkPluginCodes, writePluginCodes } from './checks/plugin-codes.ts';
import { checkProtocol, writeProtocol } from './checks/protocol.ts';
import { checkServerOptions, writeServerOptions } from './checks/server-options.ts';
import { projectRoot } from './files.ts';

if (process.argv.includes('--write')) {
  writeErrorTable(projectRoot);
  writeNativeCodes(projectRoot);
  writePluginCodes(projectRoot);
  writeServerOptions(projectRoot);
  writeFileSync(join(projectRoot, 'src/wire/vectors.json'), vectorsText());
  writeProtocol(projectRoot);
}
for (const check of [
  checkErrorTable,
  checkNativeCodes,
  checkPluginCodes,
  checkServerOptions,
  checkProtocol,
  checkPages,
]) {
  for (const finding of await check(projectRoot)) {
    console.error(`${finding.where}: ${finding.what}`);
    process.exitCode = 1;
  }
}
