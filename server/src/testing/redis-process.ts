// A Redis of one's own: on a socket in a folder of its own, nothing on disk.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** A Redis that can be killed, frozen and started again. */
export class RedisProcess {
  readonly #dir = mkdtempSync(join(tmpdir(), 'shoal-redis-'));
  #child: ChildProcess | undefined;

  /** What a server is told. */
  get url(): string {
    return join(this.#dir, 'socket');
  }

  /** Starts, or comes back empty at the same address. */
  async start(): Promise<void> {
    const quiet = ['--port', '0', '--save', '', '--appendonly', 'no', '--dir', this.#dir, '--daemonize', 'no'];
    const child = spawn('redis-server', [...quiet, '--unixsocket', this.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString();
        if (/ready to accept connections/i.test(said)) resolve();
      });
    });
  }

  /** Killed, as a machine that loses its power. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Stands still with all its connections open, or goes on. */
  freeze(how: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(how);
  }

  /** A line of the test's own. */
  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.url);
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
