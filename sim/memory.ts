/**
 * How much memory is in use, after a collection where one can be asked for.
 */
export const usedBytes = (): number => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
