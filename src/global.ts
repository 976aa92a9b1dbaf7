/**
 * The script-tag form: everything the package exports as members of a global `Shoal`, and the element is there to be used.
 * A page that has the tag is going to play: what that needs is made ready when the page has nothing else to do, unless
 * the tag says `data-warm="off"`.
 */
import { defineShoalPlayer } from './element/index.ts';
import { warmUpFirst } from './player/warm-up.ts';

export { connectDevice, fileSink, memorySink, opfsFile } from './device/index.ts';
export * from './element/index.ts';
export * from './index.ts';
export * as native from './native/index.ts';
export * from './p2p-player/index.ts';
export * as plugin from './plugin/index.ts';
export { p2pModule } from './plugin/index.ts';
export { getRecorderManager } from './recorder/index.ts';

defineShoalPlayer();

if (document.currentScript?.dataset.warm !== 'off') {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(() => warmUpFirst());
  else setTimeout(warmUpFirst);
}
