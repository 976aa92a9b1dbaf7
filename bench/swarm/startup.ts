/**
 * Pairs of tabs that start together, one shared and one plain: how much later the shared one paints its first picture.
 */
import { quantile } from '../harness/quantiles.ts';
import type { Stage } from './stage.ts';

/** Median of the paired differences, ms. */
export const startupDifference = async (stage: Stage, pairs: number): Promise<number> => {
  const differences: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const [shared, plain] = await Promise.all([stage.open('shared'), stage.open('plain')]);
    // Whoever is asked first has a head start of one message; turns even it out.
    const starts = [() => shared.shared({ url: stage.streamUrl }), () => plain.plain(stage.streamUrl)];
    const took =
      pair % 2 === 0
        ? starts.map((start) => start())
        : starts
            .reverse()
            .map((start) => start())
            .reverse();
    const [sharedMs = Number.NaN, plainMs = Number.NaN] = await Promise.all(took);
    differences.push(sharedMs - plainMs);
    await Promise.all([shared.close(), plain.close()]);
  }
  return quantile(differences, 0.5);
};
