// `npm run build [--] [--sdk] [--server] [--demo] [--fresh]`: makes what is out of date; without a name, everything.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { demo } from './build/demo.ts';
import { whileLocked } from './build/lock.ts';
import { publisherWorker, sdk, sdkTypes, serviceWorker, smallScripts, worker } from './build/sdk.ts';
import { server } from './build/server.ts';
import { makeIfStale, type Target } from './build/stale.ts';
import { swarmTest } from './build/swarm-test.ts';
import { wasm } from './build/wasm.ts';
import { projectRoot } from './files.ts';

const products: Readonly<Record<string, readonly Target[]>> = {
  '--wasm': [wasm],
  '--sdk': [wasm, worker, publisherWorker, smallScripts, serviceWorker, sdk, sdkTypes, swarmTest],
  '--server': [wasm, server],
  '--demo': [wasm, worker, publisherWorker, smallScripts, sdk, demo],
};

async function main(args: readonly string[]): Promise<void> {
  const unknown = args.filter((arg) => !(arg in products) && arg !== '--fresh');
  if (unknown.length > 0)
    throw new Error(`unknown option ${unknown.join(' ')}; there are ${Object.keys(products).join(' ')} --fresh`);
  const wanted = args.filter((arg) => arg in products);
  const targets = new Set((wanted.length > 0 ? wanted : Object.keys(products)).flatMap((name) => products[name] ?? []));
  for (const target of targets) {
    if (args.includes('--fresh')) rmSync(join(projectRoot, '.build', `${target.name}.stamp`), { force: true });
    const started = performance.now();
    const made = await makeIfStale(projectRoot, target);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (target.inputs !== undefined)
      console.log(made ? `built ${target.name} (${seconds} s)` : `${target.name} is up to date`);
  }
}

await whileLocked(join(projectRoot, '.build/lock'), () => main(process.argv.slice(2)));
