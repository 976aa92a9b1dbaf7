// docs/plugin-codes.md is written from the code table of the plugin surface, and nobody edits it by hand.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CodeRow, RESULT_CODES, resultCodes } from '../../src/plugin/codes.ts';
import type { Check } from '../finding.ts';

/** The file on disk against what the table says. */
export const checkPluginCodes: Check = (root) => {
  const file = join(root, codesFile);
  if (existsSync(file) && readFileSync(file, 'utf8') === codesPage()) return [];
  return [{ where: codesFile, what: 'differs from src/plugin/codes.ts: npm run docs -- --write' }];
};

/** Writes the page. */
export function writePluginCodes(root: string): void {
  writeFileSync(join(root, codesFile), codesPage());
}

/** The page: one row per code, success first. */
export function codesPage(): string {
  const rows = [...resultCodes]
    .sort((a, b) => b - a)
    .map((code) => {
      const { sentence, cause }: CodeRow = RESULT_CODES[code];
      return `| \`${code}\` | ${sentence} | ${cause} |`;
    });
  return `${introduction}\n| code | meaning | what leads to it in a browser |\n|---|---|---|\n${rows.join('\n')}\n`;
}

const codesFile = 'docs/plugin-codes.md';

const introduction = `# Codes of the plugin surface

What the promises of \`p2pModule\` are resolved with (\`0\`) or rejected with (\`{ errcode, errmsg }\`; \`errmsg\` is the sentence of the
code and, in brackets, what it is about). How to use the module: [plugin.md](plugin.md). This page is written from
\`src/plugin/codes.ts\` by \`npm run docs -- --write\`.
`;
