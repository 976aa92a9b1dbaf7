/**
 * Broken engines, to see that the checks notice: each changes what an engine says before the world hears it.
 */
import type { ViewerOutput } from '../../src/core/viewer/io.ts';

type Sabotage = (output: ViewerOutput) => readonly ViewerOutput[];

const NOT_YET_CUT = 100_000;

/** By what is broken. */
export const sabotages: Readonly<Record<string, Sabotage>> = {
  'plays a piece twice': (output) =>
    output.kind === 'play' && output.sequence % 50 === 7 ? [output, output] : [output],
  'pushes what it does not hold': (output) =>
    output.kind === 'push' ? [{ ...output, sequence: output.sequence + NOT_YET_CUT }] : [output],
  'ignores the cap': (output) => (output.kind === 'push' ? Array.from({ length: 8 }, () => output) : [output]),
  'never lets go of a piece': (output) => (output.kind === 'evict' ? [] : [output]),
};
