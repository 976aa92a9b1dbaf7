// The code blocks of README.md and docs/*.md, run in Chromium against a real server. A block takes part by the marks
// behind its fence, all listed in tools/snippets.ts:
//
//   ```js run shows="picture"
//   import { createPlayer } from 'shoal';
//   createPlayer({ url: 'https://live.example.com/live/demo.flv', video: document.querySelector('video') });
//   ```
//
// Around a block:
// - `https://live.example.com` (and `wss:`, and the bare host) is a shoal-server of this test. It loops the sample as
//   /live/demo.flv and /live/other.flv, is a key service at /code, lets anybody publish and has the open rooms of 8888.
// - A `js` block is a module in a page with `<video id="video">` and `<pre id="out">`. Every export of the package can be
//   imported by its name; a block that says `Shoal.` has the script-tag file instead.
// - An `html` block is the body of a page, or the whole page if it begins with a doctype. Every .js file of dist/ lies
//   beside it by its plain name, and so does mpegts.js.
// - The page is on another host (127.0.0.1 with another port) than the server, as a customer's is.
// - Complaints of the console and of the page that no `expects` declares fail the block.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { describe, expect } from 'vitest';
import { isForUsers } from '../tools/checks/pages.ts';
import { projectRoot } from '../tools/files.ts';
import { type Snippet, snippetsOf, valuesOf } from '../tools/snippets.ts';
import { it, type Stage } from './fixtures/stage.ts';
import { type Running, waitUntilLogged, waitUntilShown } from './snippets/outcome.ts';
import { pageOf } from './snippets/page-of.ts';

const STREAMS = { '/live/demo': 'embedded', '/live/other': 'embedded' };

const pages = ['README.md', ...readdirSync(join(projectRoot, 'docs')).map((name) => `docs/${name}`)].filter(isForUsers);
const snippets = pages
  .flatMap((page) => snippetsOf(page, readFileSync(join(projectRoot, page), 'utf8')))
  .filter(({ marks }) => marks.has('run'));

/** Opens the page of a block as one more viewer, and collects what it logs. */
async function openViewer(stage: Stage, name: string, file: string): Promise<Running> {
  const logged: string[] = [];
  const listen = (page: Page): unknown =>
    page.on('console', async (message) => {
      const values = await Promise.all(message.args().map((value) => value.jsonValue().catch(() => '')));
      logged.push(message.text(), values.map((value) => JSON.stringify(value) ?? '').join(' '));
    });
  const page = await stage.visit(name, `${stage.pages.address}/${file}`, { before: listen });
  const check = (): void => {
    const complaints = stage.complaints.undeclared();
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  };
  return { page, logged, check };
}

async function runSnippet(stage: Stage, snippet: Snippet): Promise<void> {
  const server = await stage.serve({ sources: STREAMS, publish: 'open', bypass: 'embedded' });
  stage.pages.offer('snippet.html', pageOf(snippet, server.url));
  stage.complaints.expect(...valuesOf(snippet, 'expects').map((pattern) => new RegExp(pattern)));
  const count = Number(valuesOf(snippet, 'viewers')[0] ?? 1);
  const viewers: Running[] = [];
  for (let at = 1; at <= count; at++) viewers.push(await openViewer(stage, `viewer ${at}`, 'snippet.html'));
  for (const viewer of viewers) {
    for (const selector of valuesOf(snippet, 'clicks')) await viewer.page.locator(selector).click();
    for (const what of valuesOf(snippet, 'shows')) await waitUntilShown(viewer, what);
    for (const pattern of valuesOf(snippet, 'logs')) await waitUntilLogged(viewer, pattern);
  }
}

describe('a code block', () => {
  for (const snippet of snippets) {
    it(`does what ${snippet.page}:${snippet.line} says ("${snippet.heading}")`, ({ stage }) =>
      runSnippet(stage, snippet));
  }

  it('is run for README.md at least', () => {
    expect(snippets.map(({ page }) => page)).toContain('README.md');
  });
});
