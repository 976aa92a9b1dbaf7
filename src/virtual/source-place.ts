/**
 * Where a source's stream is on a Shoal server. Without a configured service that is the source's own host; with one,
 * the service says which of its streams stands for the source, so that the list of upstream hosts stays with the server.
 */
import { ShoalError } from '../errors.ts';
import { asRecord, asText } from '../wire/json.ts';
import { readService } from '../wire/service.ts';

const WITHIN_MS = 8000;
const URL_CHARS_MAX = 4000;

/** Reads the address a page handed in; throws `options/invalid`. */
export const readSource = (address: unknown, base: string): URL => {
  const text = asText(address, URL_CHARS_MAX)?.trim() ?? '';
  const url = text !== '' && URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (url === undefined || !/^(https?|rtmp):$/.test(url.protocol) || url.hostname === '') {
    throw new ShoalError('options/invalid', { detail: 'url: wanted an http(s) or rtmp address' });
  }
  if (url.protocol !== 'rtmp:' && !url.pathname.endsWith('.flv')) {
    throw new ShoalError('options/invalid', { detail: 'url: wanted an address that ends in .flv' });
  }
  return url;
};

/** The address on a Shoal server of the stream that stands for a source; rejects with `service/...`. */
export const findPlace = async (source: URL, service: string | undefined, get: typeof fetch): Promise<string> => {
  const isOwn = service === undefined || (source.protocol !== 'rtmp:' && source.host === new URL(service).host);
  const url = isOwn ? onItsOwnHost(source) : await askService(source, service, get);
  url.search = source.search;
  return url.href;
};

const onItsOwnHost = (source: URL): URL => {
  if (source.protocol !== 'rtmp:') return new URL(source);
  return new URL(`${location.protocol}//${source.hostname}${source.pathname}.flv`);
};

const askService = async (source: URL, service: string, get: typeof fetch): Promise<URL> => {
  const description = readService(await ask(service, get));
  if ('kind' in description) throw new ShoalError('service/bad-answer', { detail: description.detail });
  if (description.sources === undefined) throw refused(source);
  const where = new URL(description.sources, service);
  // The query is the viewer's own business, and may be a secret.
  where.searchParams.set('url', `${source.protocol}//${source.host}${source.pathname}`);
  const stream = asText(asRecord(await ask(where.href, get, source))?.stream, URL_CHARS_MAX);
  if (stream === undefined || !URL.canParse(stream, where)) {
    throw new ShoalError('service/bad-answer', { detail: 'stream' });
  }
  return new URL(stream, where);
};

const refused = (source: URL): ShoalError => new ShoalError('service/unknown-upstream', { detail: source.host });

const ask = async (address: string, get: typeof fetch, source?: URL): Promise<unknown> => {
  try {
    const response = await get(address, { signal: AbortSignal.timeout(WITHIN_MS), credentials: 'omit' });
    if (response.status === 403 && source !== undefined) throw refused(source);
    if (!response.ok) throw new ShoalError('service/not-found', { detail: `status ${response.status}` });
    return await response.json();
  } catch (cause) {
    throw cause instanceof ShoalError ? cause : new ShoalError('service/not-found', { cause });
  }
};
