// The Vite plugin behind the modules that the build makes: a build of the byte core as base64 inside a worker, and a
// worker's text inside the SDK. That way an SDK file needs nothing beside it and no bundler has to understand workers.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Where the byte core lies after `node wasm/build.mjs`. */
export const wasmFile = 'wasm/dist/shoal.wasm';

/** Where the FLV writer of publishers lies. */
export const writerWasmFile = 'wasm/dist/shoal-writer.wasm';

/** Where the self-contained worker lies. */
export const workerFile = 'dist/shoal-worker.js';

/** Where the recorder's part in the audio thread lies. */
export const workletFile = 'dist/shoal-recorder-worklet.js';

/** Where the worker that writes files lies. */
export const fileWorkerFile = 'dist/shoal-file-worker.js';

/** Where the one of publishers lies. */
export const publisherWorkerFile = 'dist/shoal-publisher-worker.js';

/** Serves the `virtual:` modules of src/modules.d.ts from what was built before. */
export function shoalModules(root: string): Plugin {
  const sources: Readonly<Record<string, () => string>> = {
    'virtual:shoal-wasm': () => wasmModule(readFileSync(join(root, wasmFile))),
    'virtual:shoal-writer-wasm': () => wasmModule(readFileSync(join(root, writerWasmFile))),
    'virtual:shoal-publisher-worker': () =>
      `export const workerSource = ${JSON.stringify(readText(root, publisherWorkerFile))};`,
    'virtual:shoal-worker': () => `export const workerSource = ${JSON.stringify(readText(root, workerFile))};`,
    'virtual:shoal-recorder': () => `export const workletSource = ${JSON.stringify(readText(root, workletFile))};`,
    'virtual:shoal-file': () => `export const fileWorkerSource = ${JSON.stringify(readText(root, fileWorkerFile))};`,
  };
  return {
    name: 'shoal-modules',
    enforce: 'pre',
    resolveId: (id) => (id in sources ? `\0${id}` : null),
    load: (id) => (id.startsWith('\0') ? (sources[id.slice(1)]?.() ?? null) : null),
  };
}

function wasmModule(bytes: Buffer): string {
  return [
    `const base64 = '${bytes.toString('base64')}';`,
    'export function wasmBytes() {',
    '  const text = atob(base64);',
    '  const bytes = new Uint8Array(text.length);',
    '  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);',
    '  return bytes;',
    '}',
  ].join('\n');
}

function readText(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
