/**
 * The worker's text as a blob address, made once for all players of a page.
 */
import { workerSource } from 'virtual:shoal-worker';

let address: string | undefined;

/** Starts a fresh worker. Throws what the browser throws when the page's policy forbids it. */
export const startWorker = (): Worker => {
  address ??= URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  return new Worker(address, { name: 'shoal' });
};
