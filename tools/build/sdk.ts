// Builds what the package `shoal` ships: the worker, the ESM library with its doors, the script-tag file, the types.
//
// Every library is bundled, so the package has no dependencies: mpegts.js and hls.js become chunks beside shoal.js that
// are loaded when a player needs them, and are part of the one script-tag file. A page without a bundler can therefore
// import dist/shoal.js as it is, and the versions are the ones our tests ran with.

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type InlineConfig } from 'vite';
import { emitTypes } from './declarations.ts';
import { thirdPartyNotices } from './notices.ts';
import type { Target } from './stale.ts';
import {
  fileWorkerFile,
  publisherWorkerFile,
  shoalModules,
  wasmFile,
  workerFile,
  workletFile,
  writerWasmFile,
} from './virtual.ts';

const shared = ['src', 'wasm', 'package-lock.json', 'tools/build', 'tsconfig.base.json'];

/** The doors of the package: the files that package.json exports, and their sources. What they share is in chunks. */
export const doors: Readonly<Record<string, string>> = {
  shoal: 'src/index.ts',
  'shoal-element': 'src/element/index.ts',
  'shoal-p2p-player': 'src/p2p-player/index.ts',
  'shoal-plugin': 'src/plugin/index.ts',
  'shoal-native': 'src/native/index.ts',
  'shoal-device': 'src/device/index.ts',
  'shoal-recorder': 'src/recorder/index.ts',
  'shoal-publisher': 'src/publisher/index.ts',
};

/** The worker: one classic script with the byte core inside. */
export const worker: Target = {
  name: 'worker',
  inputs: [...shared, 'workers', wasmFile],
  outputs: [workerFile],
  async make(root) {
    await build(
      scriptConfig(root, { entry: 'workers/viewer.worker.ts', name: 'ShoalWorker', file: 'shoal-worker.js' }),
    );
  },
};

/** The worker of publishers, the same way. */
export const publisherWorker: Target = {
  name: 'publisher-worker',
  inputs: [...shared, 'workers', writerWasmFile],
  outputs: [publisherWorkerFile],
  async make(root) {
    await build(
      scriptConfig(root, {
        entry: 'workers/publisher.worker.ts',
        name: 'ShoalPublisherWorker',
        file: 'shoal-publisher-worker.js',
      }),
    );
  },
};

/** The Service Worker that customers copy to their own origin; the one script of the package that must keep its name. */
export const serviceWorker: Target = {
  name: 'service-worker',
  inputs: ['src/virtual/pipe-messages.ts', 'workers/shoal-sw.ts', 'package-lock.json', 'tools/build'],
  outputs: ['dist/shoal-sw.js'],
  async make(root) {
    await build(scriptConfig(root, { entry: 'workers/shoal-sw.ts', name: 'ShoalServiceWorker', file: 'shoal-sw.js' }));
  },
};

/** The recorder's part in the audio thread, and the worker that writes files: small scripts inside the SDK. */
export const smallScripts: Target = {
  name: 'small-scripts',
  inputs: ['src/recorder', 'src/device', 'workers', 'package-lock.json', 'tools/build'],
  outputs: [workletFile, fileWorkerFile],
  async make(root) {
    const recorder = { entry: 'workers/recorder.worklet.ts', name: 'ShoalRecorder', file: 'shoal-recorder-worklet.js' };
    await build(scriptConfig(root, recorder));
    const file = { entry: 'workers/file.worker.ts', name: 'ShoalFile', file: 'shoal-file-worker.js' };
    await build(scriptConfig(root, file));
  },
};

/** What the library's build leaves where it is. */
const KEPT = [
  'shoal-worker.js',
  'shoal-publisher-worker.js',
  'shoal-recorder-worklet.js',
  'shoal-file-worker.js',
  'shoal-sw.js',
];

/** The ESM library with its lazy chunks, and the script-tag file. */
export const sdk: Target = {
  name: 'sdk',
  inputs: [...shared, workerFile, publisherWorkerFile, workletFile, fileWorkerFile],
  outputs: [...Object.keys(doors).map((name) => `dist/${name}.js`), 'dist/shoal.global.js', 'dist/THIRD-PARTY.txt'],
  async make(root) {
    for (const name of readdirSync(join(root, 'dist'))) {
      if (/\.(js|map|txt)$/.test(name) && !KEPT.includes(name)) rmSync(join(root, 'dist', name));
    }
    await build(libraryConfig(root));
    await build(scriptConfig(root, { entry: 'src/global.ts', name: 'Shoal', file: 'shoal.global.js' }));
  },
};

/** The types: one folder of .d.ts files, holding only what the public ones lead to. */
export const sdkTypes: Target = {
  name: 'sdk-types',
  inputs: [...shared],
  outputs: Object.values(doors).map((source) => `dist/types/${source.replace(/\.ts$/, '.d.ts')}`),
  async make(root) {
    mkdirSync(join(root, 'dist'), { recursive: true });
    await emitTypes(root, {
      entries: Object.values(doors),
      outDir: 'dist/types',
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      ambient: ['src/modules.d.ts'],
    });
  },
};

function common(root: string): InlineConfig {
  return {
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [shoalModules(root)],
  };
}

function libraryConfig(root: string): InlineConfig {
  return {
    ...common(root),
    plugins: [shoalModules(root), thirdPartyNotices(root)],
    build: {
      outDir: 'dist',
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      lib: {
        entry: Object.fromEntries(Object.entries(doors).map(([name, source]) => [name, join(root, source)])),
        formats: ['es'],
        fileName: (_format, name) => `${name}.js`,
      },
      rolldownOptions: { output: { chunkFileNames: 'shoal-[name].js', minify: true } },
    },
  };
}

function scriptConfig(root: string, script: { entry: string; name: string; file: string }): InlineConfig {
  return {
    ...common(root),
    build: {
      outDir: 'dist',
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      lib: { entry: join(root, script.entry), formats: ['iife'], name: script.name, fileName: () => script.file },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  };
}
