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
    const isForbidden = cause instanceof Error && /unsafe-eval|Content Security/i.test(cause.message);
    const detail = isForbidden ? sentenceOfLack({ directive: 'script-src', source: "'wasm-unsafe-eval'" }) : undefined;
    return new ShoalError('support/no-webassembly', detail === undefined ? { cause } : { cause, detail });
  }
  return new ShoalError('worker/start-failed', { cause });
};
