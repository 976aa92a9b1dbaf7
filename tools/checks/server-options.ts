// docs/server-options.md is the server's own help text, and nobody edits it by hand.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { helpText } from '../../server/src/config.ts';
import type { Check } from '../finding.ts';

/** The file on disk against what the server says of itself. */
export const checkServerOptions: Check = (root) => {
  const file = join(root, optionsFile);
  if (existsSync(file) && readFileSync(file, 'utf8') === optionsPage(helpText())) return [];
  return [{ where: optionsFile, what: 'differs from what the server says: npm run docs -- --write' }];
};

/** Writes the page. */
export function writeServerOptions(root: string): void {
  writeFileSync(join(root, optionsFile), optionsPage(helpText()));
}

/** The page around a help text. */
export function optionsPage(help: string): string {
  return `${introduction}\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`;
}

const optionsFile = 'docs/server-options.md';

const introduction = `# Options of shoal-server

What \`shoal-server -h\` prints. This page is written by \`npm run docs -- --write\`.
`;
