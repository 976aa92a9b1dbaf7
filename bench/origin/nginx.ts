/**
 * nginx as a proxy of one server, one process without workers, so that its processor time is easily told.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** A running nginx. */
export interface Nginx {
  readonly url: string;
  readonly pid: number;
  close(): void;
}

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const configOf = (folder: string, port: number, upstream: URL): string => `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://${upstream.host};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;

/** Starts it with its files in a folder of the bench; undefined where there is no nginx. */
export const startNginx = async (folder: string, upstream: string): Promise<Nginx | undefined> => {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'nginx.conf'), configOf(folder, port, new URL(upstream)));
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  const state = await started(child, `http://127.0.0.1:${port}/healthz`);
  if (state === 'gone') return undefined;
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, close: () => void child.kill() };
};

/** Whether it answers before it is gone. */
const started = async (child: ChildProcess, url: string): Promise<'up' | 'gone'> => {
  let state: 'starting' | 'gone' = 'starting';
  const gone = (): void => {
    state = 'gone';
  };
  child.once('error', gone);
  child.once('exit', gone);
  for (;;) {
    if ((state as string) === 'gone') return 'gone';
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok === true) return 'up';
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
