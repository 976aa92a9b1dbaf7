/**
 * Why a byte core did not start, as a code: a page that forbids compiling WebAssembly is told what its policy lacks, since
 * its own policy is what must change.
 */
import { sentenceOfLack } from '../src/carrier/browser/policy-watch.ts';
import { ShoalError } from '../src/errors.ts';

/** The error of a core that did not start. */
export const asStartFailure = (cause: unknown): ShoalError => {
  const isKnown = cause instanceof ShoalError;
  if (isKnown && cause.code !== 'support/no-webassembly') return cause;
  if (!isKnown && !isCompileError(cause)) return new ShoalError('worker/start-failed', { cause });
  if (typeof WebAssembly === 'undefined') return new ShoalError('support/no-webassembly', { cause });
  // The bytes are our own and sound: only a policy keeps them from being compiled.
  const detail = sentenceOfLack({ directive: 'script-src', source: "'wasm-unsafe-eval'" });
  return new ShoalError('support/no-webassembly', { cause, detail });
};

const isCompileError = (cause: unknown): boolean =>
  typeof WebAssembly === 'undefined' || cause instanceof WebAssembly.CompileError;
