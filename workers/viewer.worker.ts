/**
 * The worker of one player: starts the byte core at once, answers the page's calls, and holds a lock for as long as it
 * lives so that the page notices its death. Assembly only.
 */
import { wasmBytes } from 'virtual:shoal-wasm';
import { watchPolicy } from '../src/carrier/browser/policy-watch.ts';
import { exposeCalls } from '../src/carrier/calls.ts';
import { LIFE_LOCK } from '../src/carrier/worker-control.ts';
import { ByteCore } from '../wasm/abi.ts';
import { createControl } from './control.ts';
import { asStartFailure } from './start-failure.ts';

const core = ByteCore.load(wasmBytes()).catch((cause: unknown) => {
  throw asStartFailure(cause);
});
// `start` reports it; until then nobody listens.
core.catch(() => undefined);

const control = createControl(core, (heard) => watchPolicy(self, heard));
exposeCalls(control, self as unknown as Parameters<typeof exposeCalls>[1]);

// A promise that nobody looks after is a bug like any other: let the page see it and start afresh.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  setTimeout(() => {
    throw event.reason;
  });
});

const name = `shoal-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
navigator.locks?.request(name, () => {
  self.postMessage({ [LIFE_LOCK]: name });
  return new Promise(() => undefined);
});
