/**
 * What a virtual address asks for. A pure reading of path and query; who answers is decided elsewhere.
 */

/** A stream that is pulled through the page as through a proxy on the machine. */
export interface ProxiedSource {
  /** Address on its upstream, without the names that are ours. */
  readonly url: string;
  /** What the page calls it in `/stat`; by default the last segment of its path. */
  readonly resource: string;
  /** Two requests with the same key are one stream. */
  readonly key: string;
}

/** What can be asked for. */
export type Route =
  /** `<name>/media.flv`: a stream the page has opened. */
  | { readonly kind: 'media'; readonly name: string }
  /** `<logical host>/<host>/<path>.flv`: a stream that is opened by asking for it. */
  | { readonly kind: 'proxied'; readonly source: ProxiedSource }
  /** `stat`, anywhere: bytes of a resource, or of the stream it is asked beside. */
  | { readonly kind: 'stat'; readonly resource: string | undefined; readonly name: string | undefined }
  /** `feature`, anywhere: switches, absent ones being on. */
  | { readonly kind: 'feature'; readonly download: boolean; readonly upload: boolean }
  | { readonly kind: 'unknown'; readonly status: number; readonly reason: string };

const unknown = (reason: string, status = 404): Route => ({ kind: 'unknown', status, reason });

/** Reads path (below the page's own prefix) and query. */
export const routeOf = (path: string, query: string): Route => {
  const segments = path.split('/');
  const last = segments.at(-1) ?? '';
  const asked = new URLSearchParams(query);
  if (last === 'stat') {
    const resource = asked.get('xresid') ?? asked.get('channel') ?? undefined;
    return { kind: 'stat', resource, name: segments.length === 2 ? segments[0] : undefined };
  }
  if (last === 'feature') return readFeature(asked);
  if (segments.length === 2 && last === 'media.flv') return { kind: 'media', name: segments[0] ?? '' };
  if (segments.length < 3 || !last.endsWith('.flv')) return unknown('wanted <host>/<path>.flv, stat or feature');
  return readProxied(segments.slice(1), asked);
};

const readFeature = (asked: URLSearchParams): Route => {
  const [download, upload] = ['download', 'upload'].map((name) => asked.get(name) ?? '1');
  if (!/^[01]$/.test(download ?? '') || !/^[01]$/.test(upload ?? ''))
    return unknown('download and upload are 0 or 1', 400);
  return { kind: 'feature', download: download === '1', upload: upload === '1' };
};

const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i;
const RESOURCE_CHARS_MAX = 256;

const readProxied = ([host = '', ...path]: readonly string[], asked: URLSearchParams): Route => {
  const [resid, pulled, scheme] = ['xresid', 'xhost', 'xscheme'].map((name) => asked.get(name) ?? undefined);
  for (const name of ['xresid', 'xhost', 'xscheme']) asked.delete(name);
  const from = pulled ?? host;
  if (!HOST.test(from)) return unknown('xhost is no host', 400);
  if (scheme !== undefined && !/^(https?|rtmp)$/.test(scheme)) return unknown('xscheme is http, https or rtmp', 400);
  if (resid !== undefined && (resid === '' || resid.length > RESOURCE_CHARS_MAX))
    return unknown('xresid is too long', 400);
  const address = `${scheme ?? 'http'}://${from}/${path.join('/')}`;
  if (!URL.canParse(address)) return unknown('no address', 400);
  const url = new URL(scheme === 'rtmp' ? address.replace(/\.flv$/, '') : address);
  url.search = asked.toString();
  const resource = resid ?? (path.at(-1) ?? '').replace(/\.flv$/, '');
  // Equal file names in different places are different streams, unless the page says otherwise.
  return { kind: 'proxied', source: { url: url.href, resource, key: resid ?? `${from}/${path.join('/')}` } };
};
