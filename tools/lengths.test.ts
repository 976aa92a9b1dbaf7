import { expect, it } from 'vitest';
import { blankRust, functionsOf, rustFunctionsOf } from './lengths.ts';
import { parseSource } from './source.ts';

const measure = (text: string): string[] =>
  functionsOf(parseSource('a.ts', text)).map(({ name, line, lines }) => `${name}@${line}:${lines}`);

it('measures functions, methods, accessors and arrows by their names', () => {
  const text = [
    'function first() {',
    '  return "}";',
    '}',
    'const second = () => {',
    '  return /}/;',
    '};',
    'class C {',
    '  third(): void {}',
    '  get fourth(): number {',
    '    return 1;',
    '  }',
    '}',
  ].join('\n');
  expect(measure(text)).toEqual(['first@1:3', 'second@4:3', 'third@8:1', 'fourth@9:3']);
});

it('leaves out the chapters of a test but not what they define', () => {
  const text = "describe('x', () => {\n  it.each([1])('y', () => {\n    const inner = () => {\n    };\n  });\n});";
  expect(measure(text)).toEqual(['inner@3:2']);
});

it('takes a suite that others call for a chapter', () => {
  const text = "function contract(make) {\n  const one = () => {\n  };\n  describe('x', () => {\n  });\n}";
  expect(measure(text)).toEqual(['one@2:2']);
});

it('counts parameters', () => {
  expect(functionsOf(parseSource('a.ts', 'const f = (a, b, c, d) => { a; };'))[0]?.parameters).toBe(4);
});

it('matches Rust braces outside strings, characters, lifetimes and comments', () => {
  const text = [
    "fn plain<'a>(text: &'a str) -> char {",
    '    let open = "{{{"; // {',
    '    let raw = r#"{ " {"#;',
    "    let (brace, escaped) = ('{', '\\'');",
    '    /* { /* { */ { */',
    '    brace',
    '}',
    'fn declared(x: [u8; 4]) -> u8;',
    'fn after() -> u8 { 1 }',
  ].join('\n');
  expect(rustFunctionsOf(text).map(({ name, lines }) => `${name}:${lines}`)).toEqual(['plain:7', 'after:1']);
});

it('keeps the line breaks of what it blanks', () => {
  expect(blankRust('a /* x\ny */ b')).toBe('a     \n     b');
});
