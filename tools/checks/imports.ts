// Who imports whom: the room table, libraries behind one file each, cycles (type imports count), files nobody uses.
// Tests and their fixtures may reach anywhere but into the service rooms.

import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { listFiles } from '../files.ts';
import type { Check, Finding } from '../finding.ts';
import { cyclesOf, reachableFrom } from '../graph.ts';
import { isTestFile, type Room, roomOf } from '../rooms.ts';
import { type Import, importsOf, readSource } from '../source.ts';

/** Everything that breaks the import rules. */
export const checkImports: Check = (root) => {
  const findings: Finding[] = [];
  const edges = new Map<string, string[]>();
  const wrappers = new Map<string, Set<string>>();
  for (const path of listFiles(root, ['.ts', '.mjs'])) {
    const room = roomOf(path);
    if (room === undefined || path.endsWith('.d.ts')) continue;
    const targets: string[] = [];
    edges.set(path, targets);
    for (const found of importsOf(readSource(root, path))) {
      if (found.specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(path), found.specifier);
        targets.push(target);
        findings.push(...judgeRelative({ root, path, room, found, target }));
      } else findings.push(...judgeLibrary({ path, room, found, wrappers }));
    }
  }
  for (const [key, files] of wrappers) {
    if (files.size > 1) {
      findings.push({ where: key, what: `wrapped by ${files.size} files, wanted one: ${[...files].join(', ')}` });
    }
  }
  return [...findings, ...cycleFindings(edges), ...unusedFindings(edges)];
};

function judgeRelative(at: { root: string; path: string; room: Room; found: Import; target: string }): Finding[] {
  const where = `${at.path}:${at.found.line}`;
  const file = join(at.root, at.target);
  if (!existsSync(file) || !statSync(file).isFile()) return [{ where, what: `${at.found.specifier} is no file` }];
  const other = roomOf(at.target);
  if (other === undefined || other.name === at.room.name || at.room.may.includes('*')) return [];
  if (isTestFile(at.path) && other.service !== true) return [];
  if (isTestFile(at.target)) return [{ where, what: `${at.found.specifier} is for tests only` }];
  if (at.room.may.includes(other.name)) return [];
  const allowed = at.room.may.length > 0 ? `only ${at.room.may.join(', ')}` : 'no other room';
  return [{ where, what: `${at.room.name} may not import from ${other.name}; it may import from ${allowed}` }];
}

function judgeLibrary(at: { path: string; room: Room; found: Import; wrappers: Map<string, Set<string>> }): Finding[] {
  const { path, room, found, wrappers } = at;
  if (room.libraries.includes('*') || isTestFile(path) || path.endsWith('.mjs')) return [];
  const library = libraryOf(found.specifier);
  if (!room.libraries.includes(library)) {
    return [{ where: `${path}:${found.line}`, what: `${room.name} may not import the library ${found.specifier}` }];
  }
  if (library === 'node:' || room.service) return [];
  const key = `${library} in ${room.name}`;
  wrappers.set(key, (wrappers.get(key) ?? new Set()).add(path));
  return [];
}

/** The package a specifier belongs to; all of Node's own modules count as `node:`. */
function libraryOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  if (specifier.startsWith('virtual:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function cycleFindings(edges: ReadonlyMap<string, readonly string[]>): Finding[] {
  return cyclesOf(edges).map((group) => ({ where: group[0] as string, what: `import cycle: ${group.join(' -> ')}` }));
}

function unusedFindings(edges: ReadonlyMap<string, readonly string[]>): Finding[] {
  const findings: Finding[] = [];
  const shipped: string[] = [];
  const tests: string[] = [];
  for (const path of edges.keys()) {
    const room = roomOf(path);
    if (/\.test\.ts$/.test(path)) tests.push(path);
    else if (room?.service === true || room?.entries.includes(path)) shipped.push(path);
  }
  const used = reachableFrom(shipped, edges);
  const tested = reachableFrom(tests, edges);
  for (const path of edges.keys()) {
    if (used.has(path) || tests.includes(path)) continue;
    if (!tested.has(path)) findings.push({ where: path, what: 'no entry and no test imports this file' });
    else if (!isTestFile(path)) {
      findings.push({
        where: path,
        what: 'only tests import this file; use it, delete it or move it to a folder testing/',
      });
    }
  }
  return findings;
}
