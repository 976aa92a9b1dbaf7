// What stands on the lab's internet: the Shoal server with its own STUN server on two addresses, which serves the test
// page too.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { projectRoot } from '../../tools/files.ts';
import { INTERNET, type NetLab } from './net-lab.ts';

/** Path of the one stream. */
const STREAM = 'live/nat';
/** The usual port: nobody else is there. */
const STUN_PORT = 3478;

/** STUN servers of the lab, as the service names them. */
export const STUN_SERVERS = INTERNET.map((ip) => `stun:${ip}:${STUN_PORT}`);

export class Internet {
  /** Where the server answers, without a slash at the end. */
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #pages: string;

  private constructor(url: string, child: ChildProcess, pages: string) {
    this.url = url;
    this.#child = child;
    this.#pages = pages;
  }

  /** Starts everything; rejects with what the server said when it does not come up. */
  static async start(lab: NetLab): Promise<Internet> {
    const pages = mkdtempSync(join(tmpdir(), 'shoal-netlab-'));
    const site = inject('site');
    for (const name of readdirSync(site)) if (name.endsWith('.js')) cpSync(join(site, name), join(pages, name));
    for (const name of ['nat.html', 'nat.js']) cpSync(join(projectRoot, 'e2e/pages', name), join(pages, name));
    const server = ['--import', 'tsx', 'server/src/cli.ts', '--host', INTERNET[0], '--port', '0', '--static', pages];
    const options = ['--source', `${STREAM}=embedded`, ...INTERNET.flatMap((ip) => ['--stun', `${ip}:${STUN_PORT}`])];
    // It ends with whoever runs the test, however that ends.
    const inside = ['--pdeathsig', 'TERM', 'ip', 'netns', 'exec', lab.internet, process.execPath];
    const child = spawn('setpriv', [...inside, ...server, ...options], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      return new Internet(await addressOf(child), child, pages);
    } catch (error) {
      child.kill('SIGKILL');
      rmSync(pages, { recursive: true, force: true });
      throw error;
    }
  }

  get page(): string {
    return `${this.url}/nat.html`;
  }

  get stream(): string {
    return `${this.url}/${STREAM}.flv`;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.#pages, { recursive: true, force: true });
  }
}

/** Where a server that has just started says it is. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const [, url] = /^page\s+(\S+?)\/?$/m.exec(said) ?? [];
        if (url !== undefined) resolve(url);
      });
    }
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the server of the lab ended: ${said}`)));
  });
}
