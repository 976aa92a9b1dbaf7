/**
 * The worker of one player: answers the page's calls, starts the byte core, and holds a lock for as long as it lives so
 * that the page notices its death. Assembly only.
 */
import { wasmBytes } from 'virtual:shoal-wasm';
import { watchPolicy } from '../src/carrier/browser/policy-watch.ts';
import { exposeCalls } from '../src/carrier/calls.ts';
import { LIFE_LOCK } from '../src/carrier/worker-control.ts';
import { ByteCore } from '../wasm/abi.ts';
import { createControl } from './control.ts';
import { asStartFailure } from './start-failure.ts';

let starting: Promise<ByteCore> | undefined;
const core = (): Promise<ByteCore> => {
  starting ??= ByteCore.load(wasmBytes()).catch((cause: unknown) => {
    throw asStartFailure(cause);
  });
  return starting;
};
// Unpacking the core keeps a thread busy: a start that waits already opens its connection first.
setTimeout(() => {
  // `start` reports what goes wrong.
  core().catch(() => undefined);
});

const name = `shoal-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
const held = new Promise<void>((resolve) => {
  navigator.locks
    ?.request(name, () => {
      resolve();
      return new Promise(() => undefined);
    })
    // A frame without an origin has no locks; the page's pings notice the death of its worker, a little later.
    .catch(() => undefined);
});

const control = createControl({
  core,
  // A page that warms a worker listens to it only from the start on.
  begun: () => void held.then(() => self.postMessage({ [LIFE_LOCK]: name })),
  // That WebAssembly is forbidden is why the start fails, which says so by itself.
  watchPolicy: (heard) => watchPolicy(self, (lack) => lack.directive !== 'script-src' && heard(lack)),
});
exposeCalls(control, self as unknown as Parameters<typeof exposeCalls>[1]);

// A promise that nobody looks after is a bug like any other: let the page see it and start afresh.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  setTimeout(() => {
    throw event.reason;
  });
});
