/**
 * What page and Service Worker say to each other. The Service Worker remembers nothing between two events, since the
 * browser stops it whenever it is idle: the id of the page that answers stands in the address, and every request brings
 * a port of its own.
 */

/** First path segment below the Service Worker's scope; the next one is `<client id of the page>.<door of the page>`. */
export const VIRTUAL_SEGMENT = '__shoal__';

/** From the page to the Service Worker; a port comes along for the answer. */
export type WorkerQuestion =
  /** Who am I? Also takes the page under control. */
  | { readonly shoal: 'hello' }
  /** Said while responses are open: an event keeps a Service Worker alive, and the answer shows which one it is. */
  | { readonly shoal: 'alive' };

/** The answer to both. */
export interface WorkerSelf {
  /** Client id of the page. */
  readonly client: string;
  /** Random, made at each start of the Service Worker: responses of another one are dead. */
  readonly instance: string;
  readonly version: number;
}

/** From the Service Worker to the page, with a port for everything that follows. */
export interface PageRequest {
  readonly shoal: 'request';
  readonly instance: string;
  readonly method: string;
  /** Which of the page's doors is meant: several surfaces may live on one page. */
  readonly door: string;
  /** What follows that segment, without a slash in front. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
}

/** From the page, on the port of a request. */
export type PageAnswer =
  | { readonly kind: 'whole'; readonly status: number; readonly type: string; readonly body: string }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'stream'; readonly type: string }
  /** Sent only when pulled. */
  | { readonly kind: 'bytes'; readonly bytes: ArrayBuffer }
  | { readonly kind: 'end' };

/** From the Service Worker, on the port of a request. */
export type ReaderSaid = { readonly kind: 'pull' } | { readonly kind: 'cancel' };

/** Rises when the two no longer understand each other. */
export const PIPE_VERSION = 1;

/** How long a page may take to begin its answer. */
export const ANSWER_WITHIN_MS = 20_000;

/** What an address names. */
export interface VirtualAddress extends Pick<PageRequest, 'door' | 'path' | 'query'> {
  /** Client id of the page that answers. */
  readonly client: string;
}

/** The virtual part of an address below a scope; undefined when it is none of ours. */
export const readVirtual = (address: string, scope: string): VirtualAddress | undefined => {
  const url = new URL(address);
  const base = new URL(scope);
  const prefix = `${base.pathname}${VIRTUAL_SEGMENT}/`;
  if (url.origin !== base.origin || !url.pathname.startsWith(prefix)) return undefined;
  const [, client, door, path] = /^([\w-]+)\.([\w-]+)\/(.*)$/.exec(url.pathname.slice(prefix.length)) ?? [];
  if (client === undefined || door === undefined || path === undefined) return undefined;
  return { client, door, path, query: url.search };
};

/** The address below which a door of a page answers, ending in a slash. */
export const virtualBase = (scope: string, client: string, door: string): string =>
  new URL(`${VIRTUAL_SEGMENT}/${client}.${door}/`, scope).href;
