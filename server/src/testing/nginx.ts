// An nginx of a test's own: everything it writes lies in a folder of the test, and it ends with the test.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';

/** Whether this machine has one. */
export const hasNginx = spawnSync('nginx', ['-v']).error === undefined;

/** A test that is counted as not run where there is no nginx. */
export const withNginx = (name: string, body: () => Promise<void>, timeoutMs?: number): void => {
  if (hasNginx) test(name, body, timeoutMs);
  else test.skip('HTTP cache and access layer: nginx is not installed', body);
};

/** What stands in the `http` block; it is told the folder it may write to and the port to listen on. */
export type HttpBlock = (place: { readonly dir: string; readonly port: number }) => string;

/** Starts one; returns its address. */
export const startNginx = async (block: HttpBlock): Promise<string> => {
  const dir = mkdtempSync(join(tmpdir(), 'shoal-nginx-'));
  const port = await freePort();
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi', 'cache']) mkdirSync(join(dir, name));
  const conf = join(dir, 'nginx.conf');
  const temporary = ['proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join('\n');
  writeFileSync(
    conf,
    `${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
daemon off;
pid ${dir}/pid;
error_log ${dir}/error.log;
events { worker_connections 512; }
http {
access_log off;
client_body_temp_path ${dir}/body;
${temporary}
${block({ dir, port })}
}
`,
  );
  const child = spawn('nginx', ['-c', conf, '-p', dir, '-e', join(dir, 'error.log')], { stdio: 'ignore' });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(dir, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(url, () => child.exitCode);
  return url;
};

const answers = async (url: string, ended: () => number | null): Promise<void> => {
  for (;;) {
    if (ended() !== null) throw new Error(`nginx ended with ${ended()}`);
    const answer = await fetch(`${url}/nginx-is-there`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/** A port that is free; nginx cannot choose one itself. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
