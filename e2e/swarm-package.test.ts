// The swarm tests of docs/swarm-tests.md as a customer runs them: both tarballs and Playwright from the registry in a fresh
// project, against the packed server.

import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../tools/files.ts';
import { findChromium } from '../tools/machine.mjs';
import { run } from '../tools/run.ts';
import { snippetsOf, valuesOf } from '../tools/snippets.ts';
import { Customer, serveFrom, strict, succeed, tsc, versionOf, write } from './fixtures/customer.ts';

const PAGE = `<!doctype html>
<link rel="icon" href="data:," />
<video autoplay muted playsinline></video>
<script type="module">
  import { createPlayer } from './shoal.js';
  createPlayer({ url: new URL('/live/demo.flv', location.href).href, video: document.querySelector('video') });
</script>
`;

const CONFIG = `import { defineConfig } from '@playwright/test';
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  timeout: 120_000,
  retries: 0,
  use: { launchOptions: { executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] } },
});
`;

/** An expectation that cannot hold, for what a failure looks like. */
const FAILING = `import { test as base } from '@playwright/test';
import { type SwarmFixtures, swarmFixtures } from 'shoal/swarm-test';
base.extend<SwarmFixtures>(swarmFixtures)('too much', async ({ swarm }) => {
  await swarm.open(process.env.PAGE_UNDER_TEST ?? '', { names: ['solo'] });
  await swarm.expect({ offloadAtLeast: 0.5 }, { seconds: 1 });
});
`;

let computer: Customer;
let customer: string;
let server: ChildProcess;

/** A whole file of the page. */
function fileOf(name: string): string {
  const page = readFileSync(join(projectRoot, 'docs/swarm-tests.md'), 'utf8');
  const found = snippetsOf('docs/swarm-tests.md', page).find((snippet) => valuesOf(snippet, 'file').includes(name));
  if (found === undefined) throw new Error(`docs/swarm-tests.md has no file ${name}`);
  return found.text;
}

beforeAll(async () => {
  computer = new Customer();
  const tarballs = [await computer.pack('.'), await computer.pack('server')];
  const files = {
    'playwright.config.ts': CONFIG,
    'swarm.spec.ts': fileOf('swarm.spec.ts'),
    'with-vitest.test.ts': fileOf('with-vitest.test.ts'),
    'failing/failing.spec.ts': FAILING,
    'failing/playwright.config.ts': CONFIG,
  };
  const versions = [`@playwright/test@${versionOf('playwright')}`, `vitest@${versionOf('vitest')}`, '@types/node@20'];
  customer = await computer.project('swarm', files, [...tarballs, ...versions]);
  const site = join(computer.folder, 'site');
  mkdirSync(site);
  cpSync(join(customer, 'node_modules/shoal/dist'), site, { recursive: true });
  write(site, { 'index.html': PAGE });
  let address: string;
  [server, address] = await serveFrom(customer, ['--source', 'live/demo=embedded', '--static', site]);
  process.env.PAGE_UNDER_TEST = `${address}/index.html`;
  process.env.CHROMIUM = findChromium();
}, 240_000);

afterAll(() => {
  server.kill();
  computer.close();
});

describe('the documented swarm test', { timeout: 240_000 }, () => {
  it('runs under @playwright/test', async () => {
    const { code, output } = await run('npx', ['playwright', 'test', '--reporter=line', 'swarm.spec.ts'], customer);
    expect(output).toMatch(/\b1 passed/);
    expect(code, output).toBe(0);
  });

  it('runs under vitest', async () => {
    const args = ['vitest', 'run', '--testTimeout=120000', 'with-vitest.test.ts'];
    const { code, output } = await run('npx', args, customer);
    expect(code, output).toBe(0);
  });

  it('has types that hold in a strict project', async () => {
    const options = ['--module', 'nodenext', '--lib', 'es2023,dom', '--types', 'node'];
    await succeed('node', [tsc, ...strict, ...options, 'swarm.spec.ts', 'with-vitest.test.ts'], customer);
  });

  it('shows figures and table when it fails', async () => {
    const { code, output } = await run('npx', ['playwright', 'test', '--reporter=line'], join(customer, 'failing'));
    expect(code).toBe(1);
    expect(output).toMatch(/the offload: -?[\d.]+, wanted at least 0.5/);
    expect(output).toMatch(/who feeds whom[\s\S]*fed by +origin +solo +nobody/);
  });
});
