// `npm run check [name...]`: runs the rules of the house and says which hold.
// The last line is `N passed, N failed`, one per rule.

import { checkErrorTable } from './checks/error-table.ts';
import { checkImports } from './checks/imports.ts';
import { checkLint } from './checks/lint.ts';
import { checkNativeCodes } from './checks/native-codes.ts';
import { checkPages } from './checks/pages.ts';
import { checkPluginCodes } from './checks/plugin-codes.ts';
import { checkProtocol } from './checks/protocol.ts';
import { checkServerOptions } from './checks/server-options.ts';
import { checkTidy } from './checks/tidy.ts';
import { checkTypes } from './checks/typing.ts';
import { checkWords } from './checks/words.ts';
import { projectRoot } from './files.ts';
import type { Check } from './finding.ts';

const checks: Readonly<Record<string, Check>> = {
  types: checkTypes,
  lint: checkLint,
  imports: checkImports,
  words: checkWords,
  tidy: checkTidy,
  protocol: checkProtocol,
  errors: checkErrorTable,
  codes: async (root) => [...(await checkPluginCodes(root)), ...(await checkNativeCodes(root))],
  options: checkServerOptions,
  pages: checkPages,
};

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in checks));
  if (unknown.length > 0) {
    console.error(`unknown check: ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  let passed = 0;
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const started = performance.now();
    const findings = await check(projectRoot);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (findings.length === 0) passed += 1;
    else failed += 1;
    console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
    for (const finding of findings) console.log(`  ${finding.where}: ${finding.what}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main(process.argv.slice(2));
