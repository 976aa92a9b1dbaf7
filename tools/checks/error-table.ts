// docs/errors.md is written from the error table, and nobody edits it by hand.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, errorCodes, sentenceOf, severityOf } from '../../src/errors.ts';
import type { Check } from '../finding.ts';

/** The file on disk against what the table says. */
export const checkErrorTable: Check = (root) => {
  const file = join(root, errorFile);
  if (existsSync(file) && readFileSync(file, 'utf8') === errorPage(errorCodes)) return [];
  return [{ where: errorFile, what: 'differs from src/errors.ts: npm run docs -- --write' }];
};

/** Writes the page. */
export function writeErrorTable(root: string): void {
  writeFileSync(join(root, errorFile), errorPage(errorCodes));
}

/** The page: one table per room of origin, in the order of the source. */
export function errorPage(codes: readonly ErrorCode[]): string {
  const groups = new Map<string, ErrorCode[]>();
  for (const code of codes) {
    const group = code.split('/', 1)[0] as string;
    groups.set(group, [...(groups.get(group) ?? []), code]);
  }
  const sections = [...groups].map(([group, members]) => {
    const rows = members.map((code) => `| \`${code}\` | ${severityOf(code)} | ${sentenceOf(code)} |`);
    return [`## ${group}`, '', '| code | severity | meaning |', '|---|---|---|', ...rows, ''].join('\n');
  });
  return `${introduction}\n${sections.join('\n')}`;
}

const errorFile = 'docs/errors.md';

const introduction = `# Errors

Every error of Shoal is a \`ShoalError\` with a stable \`code\`: branch on it. A \`recoverable\` error is reported and worked
around; a \`fatal\` one ends what it happened to. This page is written from \`src/errors.ts\` by \`npm run docs -- --write\`.
`;
