// The rates of a stream as a playlist lists them.

import { codecName, type Track } from '../../mp4/track.ts';
import type { RateEntry } from '../../publishing-options.ts';
import type { Variant } from './playlist.ts';

/** What is known of a stream and its rates. */
export interface VariantFacts {
  /** Last segment of the stream's path. */
  readonly name: string;
  /** Bytes a second of the stream itself. */
  readonly byteRate: number;
  readonly tracks: readonly Track[];
  readonly rates: Readonly<Record<string, RateEntry>>;
  /** What the caller was let in by, for the playlists of the rates. */
  readonly query: string;
}

const SOUND_BITS = 160_000;
/** x264 chooses the level; players want one that is high enough. */
const RATE_PICTURE = 'avc1.640028';

/** The stream itself first, then its rates. */
export const variantsOf = ({ name, byteRate, tracks, rates, query }: VariantFacts): Variant[] => {
  const asked = query === '' ? '' : `?${query}`;
  const picture = tracks.find(({ of }) => of === 'picture');
  const sound = tracks.filter(({ of }) => of === 'sound').map(codecName);
  const itself: Variant = {
    uri: `${name}/hls/index.m3u8${asked}`,
    bitsPerSec: Math.max(1, byteRate * 8),
    codecs: tracks.length === 0 ? undefined : tracks.map(codecName).join(','),
    resolution: picture?.of === 'picture' && picture.width > 0 ? `${picture.width}x${picture.height}` : undefined,
  };
  const made = Object.entries(rates).map(([rate, { height, kbps }]): Variant => {
    const width =
      picture?.of === 'picture' && picture.height > 0
        ? 2 * Math.round((picture.width * height) / picture.height / 2)
        : 0;
    return {
      uri: `${name}~${rate}/hls/index.m3u8${asked}`,
      bitsPerSec: kbps * 1000 + (sound.length > 0 ? SOUND_BITS : 0),
      codecs: [RATE_PICTURE, ...sound].join(','),
      resolution: width > 0 ? `${width}x${height}` : undefined,
    };
  });
  return [itself, ...made];
};
