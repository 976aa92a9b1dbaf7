/**
 * Order statistics of samples.
 */

/** The value below which this share of the samples lies, interpolated; NaN without samples. */
export const quantile = (samples: readonly number[], share: number): number => {
  if (samples.length === 0) return Number.NaN;
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
};

/** The middle sample. */
export const median = (samples: readonly number[]): number => quantile(samples, 0.5);
