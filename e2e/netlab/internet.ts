// What stands on the lab's internet: a DNS server, and the Shoal server with its own STUN server on two addresses, which
// serves the test page too.

import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { projectRoot } from '../../tools/files.ts';
import { INTERNET, type NetLab } from './net-lab.ts';
import { inNamespace, says, stopped } from './residents.ts';

/** Path of the one stream. */
const STREAM = 'live/nat';
/** The usual port: nobody else is there. */
const STUN_PORT = 3478;

/** STUN servers of the lab, as the service names them. */
export const STUN_SERVERS = INTERNET.map((ip) => `stun:${ip}:${STUN_PORT}`);

/** Names of the same. */
export const STUN_NAMES = ['stun.example', 'stun2.example'] as const;

/** Who answers questions for names. */
export const DNS_SERVER = INTERNET[0];

export class Internet {
  /** Where the server answers, without a slash at the end. */
  readonly url: string;
  readonly #children: readonly ChildProcess[];
  readonly #pages: string;

  private constructor(url: string, children: readonly ChildProcess[], pages: string) {
    this.url = url;
    this.#children = children;
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
    const dns = inNamespace(lab.internet, 'dnsmasq', [
      '--keep-in-foreground',
      '--log-facility=-',
      '--user=root',
      ...dnsOptions(),
    ]);
    const child = inNamespace(lab.internet, process.execPath, [...server, ...options]);
    try {
      await says(dns, /^dnsmasq.*: (started)/m);
      return new Internet(await says(child, /^page\s+(\S+?)\/?$/m), [child, dns], pages);
    } catch (error) {
      for (const each of [dns, child]) each.kill('SIGKILL');
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
    for (const child of this.#children) await stopped(child);
    rmSync(this.#pages, { recursive: true, force: true });
  }
}

/** Knows the names of the STUN servers, knows that there are none in `invalid`, and asks nobody else. */
function dnsOptions(): readonly string[] {
  const names = STUN_NAMES.map((name, at) => `--address=/${name}/${INTERNET[at]}`);
  const alone = ['--conf-file=/dev/null', '--no-hosts', '--no-resolv', '--pid-file=', '--address=/invalid/'];
  return [...alone, `--listen-address=${DNS_SERVER}`, '--bind-interfaces', ...names];
}
