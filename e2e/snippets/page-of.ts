// The page that a code block becomes.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectRoot } from '../../tools/files.ts';
import type { Snippet } from '../../tools/snippets.ts';

/** Server of the examples in the written pages; a real one takes its place. */
const EXAMPLE_HOST = 'live.example.com';

/** The block as a whole page, with the real server's address in it. */
export function pageOf({ language, text, heading }: Snippet, server: string): string {
  const { host } = new URL(server);
  const real = text
    .replaceAll(`https://${EXAMPLE_HOST}`, `http://${host}`)
    .replaceAll(`wss://${EXAMPLE_HOST}`, `ws://${host}`)
    .replaceAll(EXAMPLE_HOST, host);
  if (language === 'html' && /^\s*<!doctype/i.test(real)) return real;
  return [HEAD, `<title>${heading}</title>`, importMap(), language === 'html' ? real : scriptPage(real)].join('\n');
}

const HEAD = '<!doctype html>\n<html lang="en">\n<meta charset="utf-8" />\n<link rel="icon" href="data:," />';

const scriptPage = (text: string): string =>
  [
    '<video id="video" width="640" height="360" autoplay muted playsinline></video>',
    '<pre id="out"></pre>',
    ...(/\bShoal\./.test(text) ? ['<script src="shoal.global.js"></script>'] : []),
    `<script type="module">\n${text}</script>`,
  ].join('\n');

/** Every export of the package by its name, as a bundler would find it. */
function importMap(): string {
  const described = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Described;
  const imports: Record<string, string> = {};
  for (const [path, target] of Object.entries(described.exports)) {
    if (typeof target === 'object') imports[`shoal${path.slice(1)}`] = `./${basename(target.default)}`;
  }
  return `<script type="importmap">${JSON.stringify({ imports })}</script>`;
}

interface Described {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}
