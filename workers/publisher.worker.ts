/**
 * The worker of one publisher. Assembly only.
 */
import { wasmBytes } from 'virtual:shoal-writer-wasm';
import { exposeCalls } from '../src/carrier/calls.ts';
import { createPublisherControl } from '../src/publisher/sending/session.ts';
import { realTiming } from '../src/publisher/sending/timing.ts';
import { WriterCore } from '../wasm/flv-writer.ts';
import { asStartFailure } from './start-failure.ts';

const core = WriterCore.load(wasmBytes()).catch((cause: unknown) => {
  throw asStartFailure(cause);
});
// `start` reports what goes wrong.
core.catch(() => undefined);

const control = createPublisherControl(async (tracks) => (await core).createWriter(tracks), {
  open: (address) => new WebSocket(address),
  timing: realTiming(),
  random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 0x1_0000_0000,
});
exposeCalls(control, self as unknown as Parameters<typeof exposeCalls>[1]);
