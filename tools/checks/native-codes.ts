// docs/native-codes.md is written from the code table of the native surface, and nobody edits it by hand.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ERROR_CAUSES,
  ErrorCode,
  type ErrorName,
  EVENT_MOMENTS,
  EventCode,
  type EventName,
} from '../../src/native/codes.ts';
import type { Check } from '../finding.ts';

/** The file on disk against what the table says. */
export const checkNativeCodes: Check = (root) => {
  const file = join(root, codesFile);
  if (existsSync(file) && readFileSync(file, 'utf8') === nativeCodesPage()) return [];
  return [{ where: codesFile, what: 'differs from src/native/codes.ts: npm run docs -- --write' }];
};

/** Writes the page. */
export function writeNativeCodes(root: string): void {
  writeFileSync(join(root, codesFile), nativeCodesPage());
}

/** The page: one row per event, then one per error. */
export function nativeCodesPage(): string {
  const events = (Object.keys(EventCode) as EventName[]).map((name) => {
    const { moment, message } = EVENT_MOMENTS[name];
    return `| \`${EventCode[name]}\` | \`${name}\` | ${moment} | ${message} |`;
  });
  const errors = (Object.keys(ErrorCode) as ErrorName[]).map((name) => {
    const { cause, codes } = ERROR_CAUSES[name];
    return `| \`${ErrorCode[name]}\` | \`${name}\` | ${cause} | ${codes.map((code) => `\`${code}\``).join(' ') || '-'} |`;
  });
  const eventTable = ['| code | name | when | message |', '|---|---|---|---|', ...events];
  const errorTable = [
    '| code | name | what leads to it in a browser | codes of ours |',
    '|---|---|---|---|',
    ...errors,
  ];
  return [introduction, ...eventTable, errorIntroduction, ...errorTable, ''].join('\n');
}

const codesFile = 'docs/native-codes.md';

const introduction = `# Codes of the native surface

What the two callbacks of an instance hear. How to use the surface: [native.md](native.md). This page is written from
\`src/native/codes.ts\` by \`npm run docs -- --write\`.

## Events
`;

const errorIntroduction = `
## Errors

The message begins with the code of ours that led to it, all of which are explained in [errors.md](errors.md). An error never
stands in for STARTED: when a start fails, the error comes first and STARTED with the original address after it. Other trouble
that is worked around, such as a neighbour that was lost, is in the log only.
`;
