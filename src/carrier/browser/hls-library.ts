/**
 * The one file that knows where hls.js is.
 */
import type Hls from 'hls.js';

export type {
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderContext,
  LoaderStats,
  PlaylistLoaderContext,
} from 'hls.js';

/** The library, and a player made of it. */
export type HlsLibrary = typeof Hls;
export type HlsPlayer = Hls;

/** Loads it: only pages that play HLS need it. */
export const loadHls = async (): Promise<HlsLibrary> => (await import('hls.js')).default;
