/**
 * Loaders for hls.js: segments and parts come from whoever shares them, and plainly while nobody does; playlists are
 * loaded plainly and shown, because they may say who vouches for their segments.
 */
import type {
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderContext,
  LoaderStats,
  PlaylistLoaderContext,
} from './hls-library.ts';
import type { SegmentAnswer, SegmentRange, SegmentSource } from './segment-source.ts';

type LoaderMaker<C extends LoaderContext> = new (config: HlsConfig) => Loader<C>;

/** The loaders of one player; `withinMs` says how long a segment asked for now can wait. */
export const makeLoaders = (
  plain: LoaderMaker<LoaderContext>,
  source: SegmentSource,
  withinMs: () => number,
): { readonly fLoader: LoaderMaker<FragmentLoaderContext>; readonly pLoader: LoaderMaker<PlaylistLoaderContext> } => ({
  fLoader: class extends SegmentLoader {
    constructor(config: HlsConfig) {
      super(new plain(config), source, withinMs);
    }
  },
  pLoader: class extends (plain as LoaderMaker<PlaylistLoaderContext>) {
    override load(
      context: PlaylistLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<PlaylistLoaderContext>,
    ): void {
      super.load(context, config, {
        ...callbacks,
        onSuccess(response, stats, loaded, details) {
          if (typeof response.data === 'string') source.playlist(response.url || loaded.url, response.data);
          callbacks.onSuccess(response, stats, loaded, details);
        },
      });
    }
  },
});

class SegmentLoader implements Loader<FragmentLoaderContext> {
  context: FragmentLoaderContext | null = null;
  readonly stats: LoaderStats;
  readonly #plain: Loader<LoaderContext>;
  readonly #source: SegmentSource;
  readonly #withinMs: () => number;
  #callbacks: LoaderCallbacks<FragmentLoaderContext> | undefined;
  #breakOff: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(plain: Loader<LoaderContext>, source: SegmentSource, withinMs: () => number) {
    this.#plain = plain;
    this.#source = source;
    this.#withinMs = withinMs;
    this.stats = plain.stats;
  }

  load(
    context: FragmentLoaderContext,
    config: LoaderConfiguration,
    callbacks: LoaderCallbacks<FragmentLoaderContext>,
  ): void {
    this.context = context;
    this.#callbacks = callbacks;
    const order = { address: context.url, range: rangeOf(context), withinMs: this.#withinMs() };
    this.#breakOff = this.#source.load(order, (answer) => this.#answered(answer, config));
    if (this.#breakOff === undefined) return this.#loadPlainly(config);
    this.stats.loading.start = performance.now();
    this.#timer = setTimeout(() => {
      this.#letGo();
      callbacks.onTimeout(this.stats, context, null);
    }, config.loadPolicy.maxLoadTimeMs);
  }

  abort(): void {
    if (this.#breakOff === undefined) return this.#plain.abort();
    const { context } = this;
    this.#letGo();
    this.stats.aborted = true;
    if (context !== null) this.#callbacks?.onAbort?.(this.stats, context, null);
  }

  destroy(): void {
    this.#letGo();
    this.#callbacks = undefined;
    this.context = null;
    this.#plain.destroy();
  }

  getCacheAge(): number | null {
    return this.#breakOff === undefined && this.#timer === undefined ? (this.#plain.getCacheAge?.() ?? null) : null;
  }

  getResponseHeader(name: string): string | null {
    return this.#plain.getResponseHeader?.(name) ?? null;
  }

  #letGo(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#breakOff?.();
    this.#breakOff = undefined;
  }

  #answered(answer: SegmentAnswer, config: LoaderConfiguration): void {
    const { context, stats } = this;
    const callbacks = this.#callbacks;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#breakOff = undefined;
    if (context === null || callbacks === undefined) return;
    if (answer.kind === 'plainly') return this.#loadPlainly(config);
    if (answer.kind === 'failed') {
      callbacks.onError({ code: answer.status, text: 'segment' }, context, null, stats);
      return;
    }
    const { loading } = stats;
    loading.end = performance.now();
    // The wait for whoever has a segment says nothing about the line it came over.
    loading.start = Math.max(loading.start, loading.end - answer.underWayMs);
    loading.first = loading.start;
    stats.loaded = answer.bytes.byteLength;
    stats.total = stats.loaded;
    stats.bwEstimate = (stats.total * 8000) / Math.max(1, loading.end - loading.start);
    callbacks.onProgress?.(stats, context, answer.bytes, null);
    callbacks.onSuccess({ url: context.url, data: answer.bytes, code: 200 }, stats, context, null);
  }

  #loadPlainly(config: LoaderConfiguration): void {
    const { context } = this;
    const callbacks = this.#callbacks;
    if (context === null || callbacks === undefined) return;
    this.#plain.load(context, config, {
      ...(callbacks as LoaderCallbacks<LoaderContext>),
      onSuccess: (response, stats, _loaded, details) => {
        // hls.js gives the bytes away to its own worker.
        const copy = response.data instanceof ArrayBuffer ? response.data.slice(0) : undefined;
        if (copy !== undefined) this.#source.give(context.url, rangeOf(context), copy);
        callbacks.onSuccess(response, stats, context, details);
      },
    });
  }
}

const rangeOf = ({ rangeStart, rangeEnd }: LoaderContext): SegmentRange | undefined =>
  rangeEnd === undefined || rangeEnd === 0 ? undefined : { first: rangeStart ?? 0, last: rangeEnd - 1 };
