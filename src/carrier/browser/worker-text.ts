/**
 * The worker's text as a blob address, made once for all players of a page, and a worker that is started before it is
 * asked for: starting one takes longer than fetching the first picture does.
 */
import { workerSource } from 'virtual:shoal-worker';

let address: string | undefined;
let spare: Worker | undefined;
let isUsed = false;

/** Whether a player of this page has had its worker. */
export const isWorkerUsed = (): boolean => isUsed;

/** Starts the worker of the next player, so that it need not wait for it. A page's policy may forbid it; then nothing is. */
export const warmWorker = (): void => {
  if (spare !== undefined) return;
  try {
    const warmed = fresh();
    spare = warmed;
    // Nobody uses it yet. Whatever stopped it stops the next one too, which has somebody to tell.
    warmed.addEventListener('error', (event) => {
      if (spare !== warmed) return;
      event.preventDefault();
      spare = undefined;
    });
  } catch {
    // The same will be thrown to whoever really asks for a worker.
  }
};

/** Starts a worker, or takes the one that is warm. Throws what the browser throws when the page's policy forbids it. */
export const startWorker = (): Worker => {
  const taken = spare ?? fresh();
  spare = undefined;
  isUsed = true;
  return taken;
};

const fresh = (): Worker => {
  address ??= URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  return new Worker(address, { name: 'shoal' });
};
