// Which picture belongs to a channel and a quality: `[channel[/quality]=]<place>` with a file, or an address that is
// read by HTTP-FLV, RTMP or, for everything else, ffmpeg.

import { ShoalError } from '../../src/errors.ts';
import type { Clock } from '../src/clock.ts';
import { startFile } from '../src/sources/file.ts';
import { startHttpFlv } from '../src/sources/http-flv.ts';
import { startRtmp } from '../src/sources/rtmp/source.ts';
import type { StartSource } from '../src/sources/source.ts';
import { startFfmpeg } from './ffmpeg-source.ts';

/** How to start a picture, and under which name it is shared by its viewers. */
export interface LiveSource {
  readonly name: string;
  readonly start: StartSource;
}

const ENTRY = /^(?:(\d{1,2})(?:\/(standard|high|super))?=)?(.+)$/;

/** The sources by channel and quality; a channel without the asked quality gives any that it has. */
export const readLiveSources = (
  entries: readonly string[],
  clock: Clock,
): ((channel: number, quality: string) => LiveSource | undefined) => {
  const table = new Map<string, LiveSource>();
  for (const entry of entries) {
    const [, channel = '0', quality = 'any', place = ''] = ENTRY.exec(entry) ?? [];
    if (place === '') throw new ShoalError('server/bad-config', { detail: `--live ${entry}` });
    table.set(`${channel}/${quality}`, { name: entry, start: startOf(place, clock) });
  }
  return (channel, quality) =>
    [quality, 'any', ...(NEAREST[quality] ?? [])].flatMap((each) => table.get(`${channel}/${each}`) ?? [])[0];
};

/** What is shown instead of a quality that a channel does not have. */
const NEAREST: Readonly<Record<string, readonly string[]>> = {
  super: ['high', 'standard'],
  high: ['standard', 'super'],
  standard: ['high', 'super'],
};

const startOf = (place: string, clock: Clock): StartSource => {
  if (!/^[a-z]+:\/\//.test(place)) return (events) => startFile(place, clock, events);
  const url = new URL(place);
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      return (events) => (url.pathname.endsWith('.flv') ? startHttpFlv(url, events) : startFfmpeg(url, events));
    case 'rtmp:':
      return (events) => startRtmp(url, events);
    default:
      return (events) => startFfmpeg(url, events);
  }
};
