/**
 * The script-tag form: everything the package exports as members of a global `Shoal`, and the element is there to be used.
 */
import { defineShoalPlayer } from './element/index.ts';

export * from './element/index.ts';
export * from './index.ts';
export * as native from './native/index.ts';
export * as plugin from './plugin/index.ts';
export { p2pModule } from './plugin/index.ts';

defineShoalPlayer();
