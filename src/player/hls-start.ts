/**
 * How a player begins to play HLS: the playback, and the sharing behind it.
 */
import type { SharingPolicy } from '../carrier/worker-control.ts';
import type { HlsPlayback } from './hls-playback.ts';
import { HlsSharing } from './hls-sharing.ts';
import type { ParsedOptions } from './options.ts';
import type { PlaybackEvents } from './playback.ts';
import type { Screen } from './screen.ts';
import type { FoundService } from './service-lookup.ts';
import type { PlayerWorld } from './world.ts';

/** What a player brings. */
export interface HlsStartParts {
  readonly world: PlayerWorld;
  readonly screen: Screen;
  readonly options: ParsedOptions;
  readonly policy: SharingPolicy;
  readonly credentials: string;
  readonly playing: boolean;
  found(service: FoundService): void;
}

/** Begins; undefined where there is nothing that could play HLS. */
export const startHls = (parts: HlsStartParts, events: PlaybackEvents): HlsPlayback | undefined => {
  const { world, screen, options, policy, credentials, playing, found } = parts;
  if (screen.openHls === undefined) return undefined;
  const sharing = new HlsSharing(world, { options, policy, credentials, found }, events);
  return screen.openHls({ url: options.url, playing, sharing }, events);
};
