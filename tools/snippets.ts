// The code blocks of the written pages and the marks behind their fences, which say what a test does with a block.
//
//   ```html run shows="picture" viewers=2 logs="come from neighbours"
//
// The first word is the language, as everywhere; the rest is invisible where the page is read. The marks:
//
//   run               the block is run in Chromium by e2e/snippets.test.ts, which says what it finds around it
//   shows="picture"   it has worked when a video of the page shows a moving picture
//   shows="text"      ... when the page shows this text; shows="/pattern/" for a pattern
//   logs="pattern"    ... when the page has logged a line like this
//   viewers=2         so many viewers open the page, each in a context of its own; all must come to all outcomes
//   clicks="#start"   what is clicked once the page is there
//   expects="pattern" a complaint of the console or of the page that belongs to what is shown
//   file="name"       a whole file; a test of its own takes it by this name and runs it
//   shown="why"       never run, for this reason
//
// `shows`, `logs`, `clicks` and `expects` may be repeated. Of `run`, `file` and `shown` every block of a page language
// has exactly one, and `run` needs an outcome.

import type { Finding } from './finding.ts';

/** A code block of a page. */
export interface Snippet {
  readonly page: string;
  /** Line of its fence. */
  readonly line: number;
  /** The heading above it. */
  readonly heading: string;
  readonly language: string;
  readonly text: string;
  /** Values by mark; a mark without a value has an empty one. */
  readonly marks: ReadonlyMap<string, readonly string[]>;
}

/** All code blocks of a page's text. */
export function snippetsOf(page: string, text: string): Snippet[] {
  const found: Snippet[] = [];
  let heading = '';
  let open: { fence: string; line: number; info: string; body: string[] } | undefined;
  for (const [at, line] of text.split('\n').entries()) {
    if (open === undefined) {
      heading = /^#+\s+(.*)$/.exec(line)?.[1] ?? heading;
      const [, fence, info = ''] = /^(```+)(.*)$/.exec(line) ?? [];
      if (fence !== undefined) open = { fence, line: at + 1, info, body: [] };
    } else if (line.trimEnd() === open.fence) {
      const [language = ''] = open.info.trim().split(/\s/, 1);
      const marks = marksOf(open.info.trim().slice(language.length));
      found.push({ page, line: open.line, heading, language, text: `${open.body.join('\n')}\n`, marks });
      open = undefined;
    } else open.body.push(line);
  }
  return found;
}

/** The values of one mark. */
export const valuesOf = ({ marks }: Snippet, mark: string): readonly string[] => marks.get(mark) ?? [];

/** What is wrong with the marks of a page's blocks. */
export function markFindings(page: string, text: string): Finding[] {
  const findings: Finding[] = [];
  for (const snippet of snippetsOf(page, text)) {
    const where = `${page}:${snippet.line}`;
    for (const [mark, values] of snippet.marks) {
      const known = MARKS.get(mark);
      if (known === undefined) findings.push({ where, what: `${mark} is no mark of a code block` });
      else if (values.some((value) => (value !== '') !== known)) {
        findings.push({ where, what: `${mark} ${known ? 'needs' : 'takes no'} value` });
      }
    }
    const fates = FATES.filter((mark) => snippet.marks.has(mark));
    if (PAGE_LANGUAGES.has(snippet.language) && fates.length !== 1) {
      findings.push({ where, what: `a ${snippet.language} block has one of ${FATES.join(', ')}; this has ${fates}` });
    }
    if (snippet.marks.has('run') && !OUTCOMES.some((mark) => snippet.marks.has(mark))) {
      findings.push({ where, what: 'a block that is run says by what it has worked: shows or logs' });
    }
  }
  return findings;
}

function marksOf(info: string): Map<string, string[]> {
  const marks = new Map<string, string[]>();
  for (const [, mark = '', quoted, plain] of info.matchAll(/([\w-]+)(?:="([^"]*)"|=(\S+))?/g)) {
    marks.set(mark, [...(marks.get(mark) ?? []), quoted ?? plain ?? '']);
  }
  return marks;
}

/** The marks, and whether each takes a value. */
const MARKS: ReadonlyMap<string, boolean> = new Map([
  ['run', false],
  ['shows', true],
  ['logs', true],
  ['viewers', true],
  ['clicks', true],
  ['expects', true],
  ['file', true],
  ['shown', true],
]);
const FATES = ['run', 'file', 'shown'];
const OUTCOMES = ['shows', 'logs'];
const PAGE_LANGUAGES: ReadonlySet<string> = new Set(['html', 'js', 'ts', 'mjs', 'tsx', 'jsx']);
