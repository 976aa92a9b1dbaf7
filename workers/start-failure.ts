/**
 * Why a byte core did not start, as a code: a page that forbids compiling WebAssembly is told so, since its own policy
 * is what must change.
 */
import { sentenceOfLack } from '../src/carrier/browser/policy-watch.ts';
import { ShoalError } from '../src/errors.ts';

/** The error of a core that did not start. */
export const asStartFailure = (cause: unknown): ShoalError => {
  if (cause instanceof ShoalError) return cause;
  if (typeof WebAssembly === 'undefined' || cause instanceof WebAssembly.CompileError) {
    // The bytes are our own and sound: only a policy keeps them from being compiled.
    const isForbidden = typeof WebAssembly !== 'undefined';
    const detail = isForbidden ? sentenceOfLack({ directive: 'script-src', source: "'wasm-unsafe-eval'" }) : undefined;
    return new ShoalError('support/no-webassembly', detail === undefined ? { cause } : { cause, detail });
  }
  return new ShoalError('worker/start-failed', { cause });
};
