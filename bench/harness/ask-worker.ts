/**
 * One question to a module worker on a page of Chromium: a bench's own code, the byte core at `/core.wasm`, and what else
 * the worker fetches.
 */
import { readFileSync } from 'node:fs';
import { projectRoot } from '../../tools/files.ts';
import { startTabs } from './browser.ts';
import { bundle } from './bundle.ts';
import { servePages } from './page-server.ts';

/** What a worker answers. */
export type WorkerAnswer = { readonly figures: Readonly<Record<string, number>> } | { readonly error: string };

/** The built byte core. */
export const wasmPath = `${projectRoot}/wasm/dist/shoal.wasm`;

const PAGE = `<!doctype html><script>window.ask = (order) => new Promise((resolve, reject) => {
  const worker = new Worker('/worker.js', { type: 'module' });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage(order);
});</script>`;

/** Starts the worker, asks it and returns its figures; throws what went wrong in it. */
export const askWorker = async (
  entry: string,
  order: object,
  files: Parameters<typeof servePages>[0],
): Promise<Readonly<Record<string, number>>> => {
  const server = await servePages({
    '/': { type: 'text/html', body: PAGE },
    '/favicon.ico': { type: 'image/x-icon', body: '' },
    '/worker.js': { type: 'text/javascript', body: await bundle(entry) },
    '/core.wasm': { type: 'application/wasm', body: readFileSync(wasmPath) },
    ...files,
  });
  const tabs = await startTabs();
  try {
    const tab = await tabs.open(`${server.url}/`);
    const answer = (await tab.evaluate(
      (sent) => (window as unknown as { ask(order: unknown): Promise<unknown> }).ask(sent),
      order,
    )) as WorkerAnswer;
    if ('error' in answer) throw new Error(answer.error);
    return answer.figures;
  } finally {
    await tabs.close();
    server.close();
  }
};
