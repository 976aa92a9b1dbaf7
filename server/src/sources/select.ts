// Which source a path has. Every host that is ever asked comes from the configuration; a path only fills in the rest.

import { samplePath } from '../assets.ts';
import type { Clock } from '../clock.ts';
import { startFile } from './file.ts';
import { startHttpFlv } from './http-flv.ts';
import { startRtmp } from './rtmp/source.ts';
import type { StartSource } from './source.ts';
import { type SourceTable, upstreamUrl } from './source-table.ts';

/** How to start the source of a path, or undefined when there is none. */
export const sourceOf = (table: SourceTable, path: string, clock: Clock): StartSource | undefined => {
  const place = table.named.get(path);
  if (place === 'embedded') return (events) => startFile(samplePath(), clock, events);
  if (place !== undefined && !place.includes('://')) return (events) => startFile(place, clock, events);
  const url = upstreamUrl(table, path);
  if (url === undefined) return undefined;
  return (events, query) => {
    const asked = new URL(url);
    if (table.passQuery && query !== '') asked.search = query;
    return asked.protocol === 'rtmp:' ? startRtmp(asked, events) : startHttpFlv(asked, events);
  };
};
