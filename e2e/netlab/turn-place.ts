// A TURN server on the lab's internet, and a Shoal server whose meeting place names it.

import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STUN_SERVERS } from './internet.ts';
import { INTERNET, type NetLab } from './net-lab.ts';
import { inNamespace, says, stopped } from './residents.ts';

const PORT = 3500;
const ACCOUNT = ['lab', 'secret'] as const;

/** See above. */
export class TurnPlace {
  /** Address of the server with the meeting place. */
  readonly url: string;
  readonly #children: readonly ChildProcess[];
  readonly #folder: string;

  private constructor(url: string, children: readonly ChildProcess[], folder: string) {
    this.url = url;
    this.#folder = folder;
    this.#children = children;
  }

  static async start(lab: NetLab): Promise<TurnPlace> {
    const [ip] = INTERNET;
    const folder = mkdtempSync(join(tmpdir(), 'shoal-turn-'));
    const turn = inNamespace(lab.internet, 'turnserver', [
      ...['-n', '--lt-cred-mech', '--user', ACCOUNT.join(':'), '--realm', 'lab', '--no-tls', '--no-dtls', '--no-cli'],
      ...['--listening-ip', ip, '--relay-ip', ip, '--listening-port', String(PORT)],
      ...['--log-file=stdout', '--simple-log'],
      ...['--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'db')],
    ]);
    const ice = [
      ...STUN_SERVERS,
      ...['udp', 'tcp'].map((by) => `turn:${ip}:${PORT}?transport=${by},${ACCOUNT.join(',')}`),
    ].flatMap((entry) => ['--ice', entry]);
    const server = ['--import', 'tsx', 'server/src/cli.ts', '--host', ip, '--port', '0', ...ice];
    const child = inNamespace(lab.internet, process.execPath, server);
    const [, url] = await Promise.all([
      says(turn, /(Total General servers)/),
      says(child, /^stream\s+(http:\/\/[^/]+)/m),
    ]);
    return new TurnPlace(url, [turn, child], folder);
  }

  async close(): Promise<void> {
    for (const child of this.#children) await stopped(child);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
