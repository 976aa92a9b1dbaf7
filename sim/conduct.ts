/**
 * Viewers that do not play by the rules.
 */
import type { ViewerOutput } from '../src/core/viewer/io.ts';

export interface Conduct {
  /**
   * `corrupts`: every piece it sends on is not what the origin signed. `free-rider`: says it uploads, and never does.
   * `gullible`: believes every piece, as a viewer without verification would. `broken`: an honest one whose engine is sabotaged. `none`: only what `rewrite` does.
   */
  readonly policy: 'corrupts' | 'free-rider' | 'gullible' | 'broken' | 'none';
  /** Changes what its decider says before the world hears it. */
  readonly rewrite: ((output: ViewerOutput) => readonly ViewerOutput[]) | undefined;
}

/** Sends bad bytes. */
export const corrupting: Conduct = { policy: 'corrupts', rewrite: undefined };

/** Takes, and gives nothing. */
export const freeRiding: Conduct = { policy: 'free-rider', rewrite: undefined };

const NOTHING: readonly ViewerOutput[] = [];

/** Attracts children with a perfect status and feeds them nothing. */
export const luring: Conduct = {
  policy: 'none',
  rewrite: (output) => {
    if (output.kind === 'push') return NOTHING;
    if (output.kind !== 'tell' || output.message.kind !== 'status') return [output];
    const { message } = output;
    const lured = {
      ...message,
      open: 0xffff_ffff,
      lags: message.lags.map(() => 1),
      ranks: message.ranks.map(() => 0),
      have: message.have.map(() => 0xff),
    };
    return [{ ...output, message: lured }];
  },
};

/** Calls every piece missing, so that its children wait instead of asking others. */
export const excusing: Conduct = {
  policy: 'none',
  rewrite: (output) => {
    if (output.kind !== 'push') return [output];
    const { sequence } = output;
    return output.links.map((link) => ({
      kind: 'tell' as const,
      link,
      message: { kind: 'missing' as const, sequences: [sequence] },
    }));
  },
};
