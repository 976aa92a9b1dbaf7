// Writes THIRD-PARTY.txt: the licence of every package whose code went into a bundle, as those licences ask.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** A plugin that adds THIRD-PARTY.txt to the bundle's folder. */
export function thirdPartyNotices(root: string): Plugin {
  return {
    name: 'third-party-notices',
    generateBundle(_options, bundle) {
      const packages = new Set<string>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const id of chunk.moduleIds) {
          const name = packageOf(id);
          if (name !== undefined) packages.add(name);
        }
      }
      const source = [...packages].sort().map((name) => notice(join(root, 'node_modules', name), name));
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY.txt', source: source.join('\n') });
    },
  };
}

/** The package that a module file lies in: what follows the last node_modules. */
export function packageOf(id: string): string | undefined {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll('\\', '/'))?.[1];
}

function notice(folder: string, name: string): string {
  const described = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '';
  return `${name} ${described.version} (${described.license})\n\n${text.trim()}\n${'-'.repeat(79)}\n`;
}
