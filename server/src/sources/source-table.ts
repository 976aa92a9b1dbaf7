// The sources a configuration names, checked once.

import { ShoalError } from '../../../src/errors.ts';
import { isStreamPath } from '../http/stream-path.ts';
import type { ServerConfig } from '../options.ts';

/** Where streams come from. */
export interface SourceTable {
  /** `embedded`, a file or a URL, by path. */
  readonly named: ReadonlyMap<string, string>;
  /** Where every other path is pulled from. */
  readonly upstream: URL | undefined;
  /** Hand the waking viewer's query to the source: it is what the source admits by. */
  readonly passQuery: boolean;
}

const bad = (detail: string): ShoalError => new ShoalError('server/bad-config', { detail });

const sourceUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:', 'rtmp:'].includes(url.protocol) || url.hostname === '') {
    throw bad('a source wants http://host, https://host or rtmp://host');
  }
  return url;
};

/** Reads the sources of a configuration; without any, the sample as `/live/demo`. */
export const readSources = (config: ServerConfig): SourceTable => {
  const named = new Map(Object.entries(config.sources));
  for (const [name, place] of named) {
    if (!isStreamPath(name)) throw bad(`--source ${name} is no stream path`);
    if (place.includes('://')) sourceUrl(place);
  }
  const { upstream } = config;
  const base = upstream === undefined ? undefined : upstream.includes('://') ? upstream : `http://${upstream}`;
  if (base === undefined && named.size === 0) named.set('/live/demo', 'embedded');
  return { named, upstream: base === undefined ? undefined : sourceUrl(base), passQuery: config.admitBySource };
};

/** The URL a path is pulled from, or undefined when it is a file or not served. */
export const upstreamUrl = (table: SourceTable, path: string): URL | undefined => {
  const place = table.named.get(path);
  if (place !== undefined) return place.includes('://') ? new URL(place) : undefined;
  if (table.upstream === undefined) return undefined;
  const url = new URL(table.upstream);
  url.pathname = `${url.pathname.replace(/\/$/, '')}${path}${url.protocol === 'rtmp:' ? '' : '.flv'}`;
  return url;
};
