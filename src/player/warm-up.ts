/**
 * Getting ready for a player that will be made soon.
 */
import { loadRuns } from '../carrier/browser/mpegts-run.ts';
import { detectSupport } from '../carrier/browser/support.ts';
import { isWorkerUsed, warmWorker } from '../carrier/browser/worker-text.ts';

/**
 * Starts the worker of the next player and loads what decodes its stream, so that its first picture comes sooner. Call
 * it when it is likely that somebody will watch; it costs a few megabytes until then. Calling it again does nothing.
 */
export const warmUp = (): void => {
  const { mediaSource, webAssembly, worker } = detectSupport();
  if (webAssembly && worker) warmWorker();
  // A player that is made loads it again, and says what is wrong.
  if (mediaSource) loadRuns().catch(() => undefined);
};

/** The same for the first player of the page; one that is there already has started its own, and another would be for nobody. */
export const warmUpFirst = (): void => {
  if (!isWorkerUsed()) warmUp();
};
