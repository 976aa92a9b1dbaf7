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
  if (base === undefined && named.size === 0 && config.relays.length === 0) named.set('/live/demo', 'embedded');
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

/** The path of the stream that stands for a source; undefined for a host the configuration does not name. */
export const pathOf = (table: SourceTable, source: URL): string | undefined => {
  for (const [path, place] of table.named) {
    if (place.includes('://') && isSamePlace(new URL(place), source) && new URL(place).pathname === source.pathname) {
      return path;
    }
  }
  const { upstream } = table;
  if (upstream === undefined || !isSamePlace(upstream, source)) return undefined;
  const prefix = upstream.pathname.replace(/\/$/, '');
  if (!source.pathname.startsWith(`${prefix}/`)) return undefined;
  const rest = source.pathname.slice(prefix.length);
  const path = source.protocol === 'rtmp:' ? rest : rest.replace(/\.flv$/, '');
  // Only what is pulled back to the very same place: an http path without .flv is none of ours.
  return isStreamPath(path) && upstreamUrl(table, path)?.pathname === source.pathname ? path : undefined;
};

/** Host and port; http and https are the same source, RTMP is another. */
const isSamePlace = (a: URL, b: URL): boolean =>
  (a.protocol === 'rtmp:') === (b.protocol === 'rtmp:') && a.hostname === b.hostname && portOf(a) === portOf(b);

/** A port that is the scheme's own is none, so that an https source is found by its http address. */
const portOf = ({ protocol, port }: URL): string => (protocol === 'rtmp:' && port === '1935' ? '' : port);
