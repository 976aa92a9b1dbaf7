// Words a room may not say: no clock, dice, waiting or printing where decisions are made, and no bare Error where
// callers need a code to branch on.

import { listFiles } from '../files.ts';
import type { Check, Finding } from '../finding.ts';
import { isTestFile, roomOf } from '../rooms.ts';
import { identifierName, isNode, readSource, type Source, type SyntaxNode, walk } from '../source.ts';

/** Every forbidden word in the rooms that decide, and every bare error in what is shipped. */
export const checkWords: Check = (root) => {
  const findings: Finding[] = [];
  for (const path of listFiles(root, ['.ts'])) {
    const room = roomOf(path)?.name;
    if (room === undefined || isTestFile(path) || path.endsWith('.d.ts')) continue;
    const source = readSource(root, path);
    if (room === 'wire' || room === 'core') findings.push(...impureWords(source));
    if (shipped.has(room)) findings.push(...bareErrors(source));
  }
  return findings;
};

/** Names that stand for a clock, dice, waiting or output, and async syntax. */
export function impureWords(source: Source): Finding[] {
  const findings: Finding[] = [];
  walk(source.program, (node, parents) => {
    const word = impureWord(node, parents);
    if (word !== undefined) {
      findings.push({
        where: `${source.path}:${source.lineAt(node.start)}`,
        what: `${word} has no place here: time, chance and waiting come in from outside`,
      });
    }
  });
  return findings;
}

function impureWord(node: SyntaxNode, parents: readonly SyntaxNode[]): string | undefined {
  if (node.async === true) return 'async';
  if (node.type === 'AwaitExpression') return 'await';
  if (node.type === 'MemberExpression' && identifierName(node.object) === 'Math') {
    return identifierName(node.property) === 'random' ? 'Math.random' : undefined;
  }
  const name = identifierName(node);
  if (name === undefined || !impure.has(name)) return undefined;
  const parent = parents[parents.length - 1];
  const isKey = parent !== undefined && parent.computed === false && (parent.property === node || parent.key === node);
  return isKey ? undefined : name;
}

/** Each `throw new Error(...)`. */
export function bareErrors(source: Source): Finding[] {
  const findings: Finding[] = [];
  walk(source.program, (node) => {
    if (node.type !== 'ThrowStatement' || !isNode(node.argument) || node.argument.type !== 'NewExpression') return;
    const name = identifierName(node.argument.callee);
    if (name !== undefined && /^(Type|Range|Syntax)?Error$/.test(name)) {
      findings.push({
        where: `${source.path}:${source.lineAt(node.start)}`,
        what: `throw new ${name}: throw a ShoalError with a code of src/errors.ts`,
      });
    }
  });
  return findings;
}

const impure = new Set(['Date', 'Promise', 'setTimeout', 'setInterval', 'queueMicrotask', 'console', 'globalThis']);

const shipped = new Set([
  'errors',
  'wire',
  'core',
  'wasm',
  'viewer',
  'hls',
  'carrier',
  'carrier/browser',
  'carrier/node',
  'workers',
  'player',
  'element',
  'p2p-player',
  'doors',
  'virtual',
  'native',
  'device',
  'recorder',
  'plugin',
  'server',
]);
