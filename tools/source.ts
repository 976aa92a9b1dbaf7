// Reads one TypeScript or JavaScript file the way the checks need it: what it imports, its functions with their
// lengths, and a walk over its syntax tree. The parser is the one that Vite brings along.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';

/** A node of the syntax tree; its other members depend on `type`. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** One place where a file names another module. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** A parsed file. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly program: SyntaxNode;
  /** 1-based line of an offset into `text`. */
  lineAt(offset: number): number;
}

/** Parses a file given by its path from the root; a syntax error is thrown, since no check can look past one. */
export function readSource(root: string, path: string): Source {
  return parseSource(path, readFileSync(join(root, path), 'utf8'));
}

/** Parses a text as the file `path`. */
export function parseSource(path: string, text: string): Source {
  const result = parseSync(path, text, { sourceType: 'module', lang: 'ts' });
  const broken = result.errors.find((error) => error.severity === 'Error');
  if (broken) throw new Error(`${path}: ${broken.message}`);
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineAt = (offset: number): number => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
  return { path, text, program: result.program as unknown as SyntaxNode, lineAt };
}

/** Visits every node, parents first; `visit` gets the chain of parents, nearest last. */
export function walk(root: SyntaxNode, visit: (node: SyntaxNode, parents: readonly SyntaxNode[]) => void): void {
  const parents: SyntaxNode[] = [];
  const step = (node: SyntaxNode): void => {
    visit(node, parents);
    parents.push(node);
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) {
        for (const item of value) if (isNode(item)) step(item);
      } else if (isNode(value)) step(value);
    }
    parents.pop();
  };
  step(root);
}

/** True for anything that is a node of the tree. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** The name of an identifier, private ones too, or undefined for any other node. */
export function identifierName(node: unknown): string | undefined {
  return isNode(node) && /^(Private)?Identifier$/.test(node.type) ? (node.name as string) : undefined;
}

/** Every module the file names: imports and re-exports, types too, dynamic imports, and `new URL('...', import.meta.url)`. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  walk(source.program, (node) => {
    const literal = moduleLiteral(node);
    if (literal !== undefined) found.push({ specifier: literal, line: source.lineAt(node.start) });
  });
  return found;
}

function moduleLiteral(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return stringValue(node.source ?? node.argument);
    case 'NewExpression': {
      const args = node.arguments as readonly unknown[];
      const base = args[1];
      const relative = isNode(base) && base.type === 'MemberExpression' && identifierName(base.property) === 'url';
      const path = identifierName(node.callee) === 'URL' && relative ? stringValue(args[0]) : undefined;
      return path?.endsWith('.ts') ? path : undefined;
    }
    default:
      return undefined;
  }
}

function stringValue(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'TSLiteralType') return stringValue(node.literal);
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}
