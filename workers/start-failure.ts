/**
 * Why a byte core did not start, as a code: a page that forbids compiling WebAssembly is told so, since its own policy
 * is what must change.
 */
import { ShoalError } from '../src/errors.ts';

/** The error of a core that did not start. */
export const asStartFailure = (cause: unknown): ShoalError => {
  if (cause instanceof ShoalError) return cause;
  if (typeof WebAssembly === 'undefined' || cause instanceof WebAssembly.CompileError) {
    return new ShoalError('support/no-webassembly', { cause });
  }
  return new ShoalError('worker/start-failed', { cause });
};
