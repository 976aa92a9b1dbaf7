// How long the functions of a file are: TypeScript by its syntax tree, Rust by matching braces outside strings,
// characters, lifetimes and comments.

import { identifierName, isNode, type Source, type SyntaxNode, walk } from './source.ts';

/** One function and its extent. */
export interface Measured {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
}

/** The functions of a TypeScript file. Callbacks of describe, it and the hooks are not functions
 * but chapters, and so is a suite that others call with what it is to test. */
export function functionsOf(source: Source): Measured[] {
  const found: Measured[] = [];
  walk(source.program, (node, parents) => {
    if (!functionTypes.has(node.type) || !isNode(node.body)) return;
    const parent = parents[parents.length - 1];
    if (isSuite(node) || (parent?.type === 'CallExpression' && isChapter(parent))) return;
    const first = source.lineAt(node.start);
    found.push({
      name: functionName(node, parents),
      line: first,
      lines: source.lineAt(node.end - 1) - first + 1,
      parameters: (node.params as readonly unknown[]).length,
    });
  });
  return found;
}

/** True for a function whose own statements are chapters, such as a contract's suite. */
function isSuite(node: SyntaxNode): boolean {
  const statements =
    isNode(node.body) && Array.isArray(node.body.body) ? (node.body.body as readonly SyntaxNode[]) : [];
  return statements.some(
    ({ expression }) => isNode(expression) && expression.type === 'CallExpression' && isChapter(expression),
  );
}

function isChapter(call: SyntaxNode): boolean {
  let callee: unknown = call.callee;
  while (isNode(callee) && (callee.type === 'MemberExpression' || callee.type === 'CallExpression')) {
    callee = callee.type === 'MemberExpression' ? callee.object : callee.callee;
  }
  const name = identifierName(callee);
  return name !== undefined && chapters.has(name);
}

function functionName(node: SyntaxNode, parents: readonly SyntaxNode[]): string {
  const own = identifierName(node.id);
  if (own !== undefined) return own;
  const parent = parents[parents.length - 1];
  return identifierName(parent?.key) ?? identifierName(parent?.id) ?? 'anonymous';
}

/** The functions of a Rust file. */
export function rustFunctionsOf(text: string): Measured[] {
  const code = blankRust(text);
  const found: Measured[] = [];
  for (const match of code.matchAll(/\bfn\s+(\w+)/g)) {
    const open = bodyStart(code, match.index);
    if (open === undefined) continue;
    const line = lineOf(text, match.index);
    found.push({ name: match[1] as string, line, lines: lineOf(text, closeOf(code, open)) - line + 1, parameters: 0 });
  }
  return found;
}

/** The `{` of a function's body, or undefined for a declaration that ends in `;`. */
function bodyStart(code: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    const char = code[at] as string;
    if (char === '(' || char === '[') depth += 1;
    else if (char === ')' || char === ']') depth -= 1;
    else if (depth === 0 && char === ';') return undefined;
    else if (depth === 0 && char === '{') return at;
  }
  return undefined;
}

function closeOf(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    if (code[at] === '{') depth += 1;
    else if (code[at] === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return code.length - 1;
}

function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** The same text with comments, strings and character literals turned into spaces; line breaks stay. */
export function blankRust(text: string): string {
  return text.replace(rustNoise, (match) => match.replace(/[^\n]/g, ' '));
}

// Block comments nest in Rust; two levels are matched, which is as deep as people write them.
const rustNoise = new RegExp(
  [
    String.raw`\/\/[^\n]*`,
    String.raw`\/\*(?:[^*/]|\*(?!\/)|\/(?!\*)|\/\*(?:[^*]|\*(?!\/))*\*\/)*\*\/`,
    String.raw`\bb?r(#+)"[\s\S]*?"\1`,
    String.raw`\bb?r"[^"]*"`,
    String.raw`b?"(?:[^"\\]|\\[\s\S])*"`,
    String.raw`b?'(?:[^'\\\n]|\\(?:u\{[^}]*\}|x..|.))'`,
  ].join('|'),
  'g',
);

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

const chapters = new Set(['describe', 'it', 'test', 'suite', 'beforeAll', 'beforeEach', 'afterAll', 'afterEach']);
