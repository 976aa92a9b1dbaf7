import { describe, expect, it } from 'vitest';
import { markFindings, snippetsOf, valuesOf } from './snippets.ts';

const page = (info: string): string => `# Top\n\n## Below\n\n\`\`\`${info}\nfirst\n\n  second\n\`\`\`\n`;

describe('the code blocks of a page', () => {
  it('are found with their place, heading, language and text', () => {
    const [snippet] = snippetsOf('a.md', `${page('js run shows=picture')}`);
    expect(snippet).toMatchObject({ page: 'a.md', line: 5, heading: 'Below', language: 'js' });
    expect(snippet?.text).toBe('first\n\n  second\n');
  });

  it('have marks, some of them repeated and quoted', () => {
    const [snippet] = snippetsOf('a.md', page('html run shows=picture shows="it plays" logs="a b|c" viewers=2'));
    if (snippet === undefined) throw new Error('no block');
    expect(valuesOf(snippet, 'shows')).toEqual(['picture', 'it plays']);
    expect(valuesOf(snippet, 'logs')).toEqual(['a b|c']);
    expect(valuesOf(snippet, 'viewers')).toEqual(['2']);
    expect(valuesOf(snippet, 'run')).toEqual(['']);
    expect(valuesOf(snippet, 'clicks')).toEqual([]);
  });

  it('may hold fences of fewer marks, and headings that are none', () => {
    const found = snippetsOf('a.md', '````md\n```js\n# no heading\n```\n````\n```sh\nls\n```\n');
    expect(found.map(({ language, heading }) => [language, heading])).toEqual([
      ['md', ''],
      ['sh', ''],
    ]);
  });
});

describe('the marks of a block', () => {
  it.each([
    'js run shows=picture',
    'html run logs="x"',
    'ts file="a.spec.ts"',
    'js shown="the page of another site"',
    'sh',
    'json',
    '',
  ])('are in order: %s', (info) => {
    expect(markFindings('a.md', page(info))).toEqual([]);
  });

  it.each([
    ['js', /has one of/],
    ['html run', /by what it has worked/],
    ['js run shows', /shows needs value/],
    ['js run=yes shows=picture', /run takes no value/],
    ['js run shows=picture shown="why"', /has one of/],
    ['js run show=picture', /show is no mark/],
  ])('are not: %s', (info, what) => {
    const findings = markFindings('a.md', page(info));
    expect(findings[0]?.where).toBe('a.md:5');
    expect(findings.map((finding) => finding.what).join('\n')).toMatch(what);
  });
});
