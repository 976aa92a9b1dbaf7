import { beforeEach, expect, it, vi } from 'vitest';
import type { FragmentLoaderContext, HlsConfig, LoaderCallbacks, LoaderConfiguration } from './hls-library.ts';
import { makeLoaders } from './hls-loader.ts';
import type { SegmentAnswer, SegmentRange, SegmentSource } from './segment-source.ts';

const BODY = Uint8Array.of(1, 2, 3).buffer;
let told: string[];
let plain: FakePlain[];
let source: FakeSource;

/** hls.js's own loader, in the test's hands. */
class FakePlain {
  context = null;
  readonly stats = { aborted: false, loaded: 0, total: 0, bwEstimate: 0, loading: { start: 0, first: 0, end: 0 } };
  callbacks: LoaderCallbacks<FragmentLoaderContext> | undefined;

  constructor() {
    plain.push(this);
  }

  load(_context: unknown, _config: unknown, callbacks: LoaderCallbacks<FragmentLoaderContext>): void {
    told.push('plain load');
    this.callbacks = callbacks;
  }

  abort(): void {
    told.push('plain abort');
  }

  destroy(): void {
    told.push('plain destroy');
  }
}

class FakeSource implements SegmentSource {
  mode: 'share' | 'refuse' = 'share';
  answer: ((answer: SegmentAnswer) => void) | undefined;
  order: Parameters<SegmentSource['load']>[0] | undefined;

  load(order: Parameters<SegmentSource['load']>[0], done: (answer: SegmentAnswer) => void): (() => void) | undefined {
    this.order = order;
    this.answer = done;
    return this.mode === 'share' ? () => void told.push('broken off') : undefined;
  }

  playlist(address: string, text: string): void {
    told.push(`playlist ${address} ${text}`);
  }

  give(address: string, range: SegmentRange | undefined, bytes: ArrayBuffer): void {
    told.push(`given ${address} ${range?.first}-${range?.last} ${bytes.byteLength}`);
  }
}

beforeEach(() => {
  told = [];
  plain = [];
  source = new FakeSource();
});

const config = { loadPolicy: { maxLoadTimeMs: 20_000 } } as unknown as LoaderConfiguration;

const callbacks = {
  onSuccess: ({ data }, stats) => told.push(`success ${(data as ArrayBuffer).byteLength} ${stats.loaded}`),
  onError: ({ code }) => told.push(`error ${code}`),
  onTimeout: () => told.push('timeout'),
  onAbort: () => told.push('abort'),
} as LoaderCallbacks<FragmentLoaderContext>;

const load = (more: Partial<FragmentLoaderContext> = {}) => {
  const { fLoader } = makeLoaders(FakePlain as never, source, () => 1234);
  const loader = new fLoader({} as HlsConfig);
  loader.load({ url: 'https://h/s.m4s', ...more } as FragmentLoaderContext, config, callbacks);
  return loader;
};

it('asks whoever shares, with the time there is, and measures without the wait', () => {
  const { stats } = load({ rangeStart: 5, rangeEnd: 10 });
  expect(source.order).toEqual({ address: 'https://h/s.m4s', range: { first: 5, last: 9 }, withinMs: 1234 });
  stats.loading.start = performance.now() - 5_000;
  source.answer?.({ kind: 'loaded', bytes: BODY, from: 'neighbours', underWayMs: 20 });
  expect(told).toEqual(['success 3 3']);
  expect(stats.loading.end - stats.loading.start).toBeCloseTo(20);
});

it('says what status a server gave', () => {
  load();
  source.answer?.({ kind: 'failed', status: 404 });
  expect(told).toEqual(['error 404']);
});

it('loads plainly where nothing is shared, and gives a copy to whoever shares later', () => {
  source.mode = 'refuse';
  load();
  plain[0]?.callbacks?.onSuccess({ url: '', data: BODY }, plain[0].stats as never, {} as never, null);
  expect(told).toEqual(['plain load', 'given https://h/s.m4s undefined-undefined 3', 'success 3 0']);
});

it('loads plainly when it is told so after a while', () => {
  load();
  source.answer?.({ kind: 'plainly' });
  expect(told).toEqual(['plain load']);
});

it('is broken off, and answers nothing afterwards', () => {
  const loader = load();
  loader.abort();
  expect(told).toEqual(['broken off', 'abort']);
  expect(loader.stats.aborted).toBe(true);
  loader.destroy();
  source.answer?.({ kind: 'loaded', bytes: BODY, from: 'server', underWayMs: 1 });
  expect(told).toEqual(['broken off', 'abort', 'plain destroy']);
});

it('gives up in the time of hls.js', () => {
  vi.useFakeTimers();
  load();
  vi.advanceTimersByTime(20_000);
  vi.useRealTimers();
  expect(told).toEqual(['broken off', 'timeout']);
});

it('shows playlists before the player reads them', () => {
  const { pLoader } = makeLoaders(FakePlain as never, source, () => 0);
  const onSuccess = (): void => void told.push('read');
  new pLoader({} as HlsConfig).load({ url: 'https://h/a.m3u8' } as never, config, { ...callbacks, onSuccess } as never);
  plain[0]?.callbacks?.onSuccess({ url: '', data: '#EXTM3U' }, {} as never, { url: 'https://h/a.m3u8' } as never, null);
  expect(told).toEqual(['plain load', 'playlist https://h/a.m3u8 #EXTM3U', 'read']);
});
