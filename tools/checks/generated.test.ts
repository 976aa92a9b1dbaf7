import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { helpText } from '../../server/src/config.ts';
import { errorCodes, sentenceOf } from '../../src/errors.ts';
import { ErrorCode, EventCode } from '../../src/native/codes.ts';
import { RESULT_CODES, resultCodes } from '../../src/plugin/codes.ts';
import { makeTree } from '../testing/tree.ts';
import { checkErrorTable, errorPage, writeErrorTable } from './error-table.ts';
import { checkNativeCodes, nativeCodesPage, writeNativeCodes } from './native-codes.ts';
import { checkPluginCodes, codesPage, writePluginCodes } from './plugin-codes.ts';
import { checkServerOptions, optionsPage, writeServerOptions } from './server-options.ts';

it('writes a row for every error, and notices a page that differs', async () => {
  const page = errorPage(errorCodes);
  for (const code of errorCodes) expect(page).toContain(`| \`${code}\` |`);
  expect(page).toContain(sentenceOf('options/invalid'));
  const root = makeTree({ 'docs/errors.md': page.replace('fatal', 'harmless') });
  expect(await checkErrorTable(root)).toHaveLength(1);
  writeErrorTable(root);
  expect(await checkErrorTable(root)).toEqual([]);
});

it('writes the help of the server, and notices a page that differs', async () => {
  const root = makeTree({ 'docs/server-options.md': optionsPage('old help') });
  expect(await checkServerOptions(root)).toHaveLength(1);
  writeServerOptions(root);
  expect(await checkServerOptions(root)).toEqual([]);
  expect(readFileSync(join(root, 'docs/server-options.md'), 'utf8')).toContain(helpText().trimEnd());
});

it('writes a row for every code of the plugin surface, and notices a page that differs', async () => {
  const page = codesPage();
  for (const code of resultCodes) expect(page).toContain(`| \`${code}\` | ${RESULT_CODES[code].sentence} |`);
  const root = makeTree({ 'docs/plugin-codes.md': page.replace('Success', 'Failure') });
  expect(await checkPluginCodes(root)).toHaveLength(1);
  writePluginCodes(root);
  expect(await checkPluginCodes(root)).toEqual([]);
});

it('writes a row for every event and error of the native surface, and notices a page that differs', async () => {
  const page = nativeCodesPage();
  for (const code of [...Object.values(EventCode), ...Object.values(ErrorCode)])
    expect(page).toContain(`| \`${code}\` |`);
  const root = makeTree({ 'docs/native-codes.md': page.replace('STARTED', 'BEGUN') });
  expect(await checkNativeCodes(root)).toHaveLength(1);
  writeNativeCodes(root);
  expect(await checkNativeCodes(root)).toEqual([]);
});
