// The written pages against the tree: links and anchors lead somewhere, commands in them exist, code blocks say how they
// are tested, ARCHITECTURE.md lists the rooms there are.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { listFiles } from '../files.ts';
import type { Check, Finding } from '../finding.ts';
import { rooms } from '../rooms.ts';
import { markFindings } from '../snippets.ts';

/** Everything in the pages that is not true of the tree. */
export const checkPages: Check = (root) => {
  const scripts = scriptNames(root);
  const findings: Finding[] = [];
  for (const page of listFiles(root, ['.md'])) {
    const text = readFileSync(join(root, page), 'utf8');
    findings.push(...brokenLinks(root, page, text), ...unknownCommands(page, text, scripts));
    if (isForUsers(page)) findings.push(...markFindings(page, text));
  }
  return [...findings, ...roomFindings(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'))];
};

/** The pages that a user of the packages reads, whose code is run by e2e/snippets.test.ts. */
export const isForUsers = (page: string): boolean => page === 'README.md' || /^docs\/[^/]+\.md$/.test(page);

function brokenLinks(root: string, page: string, text: string): Finding[] {
  const findings: Finding[] = [];
  for (const [, link = ''] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/i.test(link)) continue;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : posix.join(dirname(page), decodeURIComponent(path));
    if (!existsSync(join(root, target))) findings.push({ where: page, what: `${link} leads nowhere` });
    else if (anchor !== undefined && !anchorsOf(readFileSync(join(root, target), 'utf8')).has(anchor)) {
      findings.push({ where: page, what: `${target} has no heading #${anchor}` });
    }
  }
  return findings;
}

/** The anchors that GitHub gives to the headings of a text. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutCode(text, 'blocks').matchAll(/^#+\s+(.*)$/gm)) {
    const slug = heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let anchor = slug;
    for (let number = 1; anchors.has(anchor); number += 1) anchor = `${slug}-${number}`;
    anchors.add(anchor);
  }
  return anchors;
}

function withoutCode(text: string, what: 'blocks' | 'all' = 'all'): string {
  const plain = text.replace(/^```[\s\S]*?^```/gm, '');
  return what === 'all' ? plain.replace(/`[^`\n]*`/g, '') : plain;
}

/** Commands of ours in a page that package.json does not know. */
export function unknownCommands(page: string, text: string, scripts: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  for (const [, name = ''] of text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)) {
    if (!scripts.has(name)) findings.push({ where: page, what: `there is no script for npm run ${name}` });
  }
  for (const [, name = ''] of text.matchAll(/\bnpm (start|test)\b/g)) {
    if (!scripts.has(name)) findings.push({ where: page, what: `there is no script for npm ${name}` });
  }
  return findings;
}

function scriptNames(root: string): Set<string> {
  const described = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  return new Set(Object.keys(described.scripts));
}

/** The rows of the room table (first cell in backquotes) against the rooms of the house. */
export function roomFindings(text: string): Finding[] {
  const where = 'ARCHITECTURE.md';
  const section = /^## Rooms$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const listed = new Map(
    [...section.matchAll(/^\| `([^`]+)`[^|]*\|[^|]*\|([^|]*)\|/gm)].map((row) => [row[1], row[2]]),
  );
  const findings: Finding[] = [];
  for (const room of rooms) {
    const path = room.paths[0] as string;
    const row = listed.get(path.endsWith('.ts') ? path : `${path}/`);
    if (row === undefined) findings.push({ where, what: `the room ${path} is not in the table` });
    else if (!room.service && words(row) !== words(room.may.join(' '))) {
      findings.push({ where, what: `${room.name} may import: ${room.may.join(', ') || 'nothing'}` });
    }
  }
  for (const path of listed.keys()) {
    if (!rooms.some((room) => path === room.paths[0] || path === `${room.paths[0]}/`)) {
      findings.push({ where, what: `${path} is no room` });
    }
  }
  return findings;
}

function words(text: string): string {
  return (text.match(/[\w/]+/g) ?? [])
    .filter((word) => word !== 'nothing')
    .sort()
    .join(' ');
}
