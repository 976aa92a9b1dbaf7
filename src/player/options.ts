/**
 * What a page may ask of a player, and the one function that checks it. Nothing is checked again further in.
 */

import type { StreamPlace } from '../carrier/origin-address.ts';
import type { CodeSource } from '../carrier/worker-control.ts';
import { ShoalError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import { fromBase64Url, fromHex } from '../wire/bytes.ts';
import { asList, asNumber, asRecord, asText, asWhole } from '../wire/json.ts';
import { ID_BYTES, STREAM_PATH_MAX } from '../wire/limits.ts';
import type { IceServer } from '../wire/service.ts';

/** Whether a viewer carries for others: `download-only` takes from neighbours and gives nothing, `off` has none. */
export type Sharing = 'on' | 'download-only' | 'off';

/** Credentials for a stream: the query of its URL without `?`, and when to ask for the next ones. */
export type Credentials = string | { readonly query: string; readonly renewInMs?: number };

/** Options of `createPlayer`. */
export interface PlayerOptions extends StreamOptions {
  /** The element to play on. A second player on the same element ends the first. */
  readonly video: HTMLVideoElement;
}

/** Options of everything that plays a stream, with or without an element. */
export interface StreamOptions {
  /** Address of the stream: an http(s) address that ends in `.flv` or `.m3u8`. It must be given, here or as `src`. */
  readonly url?: string;
  /** The same as `url`, for those used to elements. */
  readonly src?: string;
  /** A key service that answers `POST` with a code and its key; the origin gets only the code. */
  readonly codeUrl?: string;
  /** A code and its key (base64url) that the page already has. */
  readonly code?: { readonly code: string; readonly key: string };
  /** Address of the Shoal description, when it is not on the stream's own host. */
  readonly service?: string;
  /** Gives credentials: at the start when the URL has none, and again when they run out or are refused. */
  readonly tokenProvider?: (reason: 'start' | 'renew') => Promise<Credentials>;
  /** Keys the origin may sign with, base64url or hexadecimal; by default whatever its own connection says. */
  readonly originKeys?: readonly string[];
  /** Default `on`. */
  readonly sharing?: Sharing;
  /** Most kilobits a second to upload; no cap by default. */
  readonly uploadCapKbps?: number;
  /** Most neighbours; default 16. Half of them are looked for, all of them only while those there are cannot feed this viewer. */
  readonly neighbours?: number;
  /** On a metered, cellular or data-saving line: `respect` (default) uploads nothing, `ignore` shares as elsewhere. */
  readonly metered?: 'respect' | 'ignore';
  /** A hidden page goes on carrying for others (`relay`, default) or leaves its neighbours (`leave`). */
  readonly whenHidden?: 'relay' | 'leave';
  /** Asked once; nothing is shared and no neighbour met before it answers true. */
  readonly consent?: () => Promise<boolean>;
  /** Distance to the live edge to aim at, ms; default 600. */
  readonly latencyMs?: number;
  /** ICE servers to use beside those of the service. No other host is ever contacted. */
  readonly iceServers?: readonly IceServer[];
  /**
   * STUN servers, such as `stun:stun.example:3478`, for links and for finding out what kind of NAT the viewer is behind.
   * By default those among the ICE servers are asked for the latter; an empty list asks nobody.
   */
  readonly stunServers?: readonly string[];
  /** Addresses in `natChanged` and `stats().nat`: without what tells one household from another (default), or in full. */
  readonly natAddresses?: 'masked' | 'full';
  /** Default true. */
  readonly autoplay?: boolean;
  /** Most memory for pieces, MB; default 24. */
  readonly memoryMb?: number;
  /** Hears one line for everything that happens. */
  readonly debug?: (line: string) => void;
  /** A log to write on, as when several players share one; by default the player makes its own. */
  readonly log?: Log;
}

/** Options that passed. */
export interface ParsedOptions {
  readonly url: string;
  readonly kind: 'flv' | 'hls';
  readonly place: StreamPlace;
  readonly credentials: string;
  readonly codes: CodeSource | undefined;
  /** Absolute address of the description. */
  readonly service: string | undefined;
  readonly tokenProvider: PlayerOptions['tokenProvider'];
  readonly originKeys: readonly Uint8Array[];
  readonly sharing: Sharing;
  readonly uploadBytesPerSec: number;
  readonly neighbours: number;
  readonly metered: 'respect' | 'ignore';
  readonly whenHidden: 'relay' | 'leave';
  readonly consent: PlayerOptions['consent'];
  readonly latencyMs: number;
  readonly iceServers: readonly IceServer[];
  /** Servers to probe with; undefined: those among the ICE servers. */
  readonly stunServers: readonly string[] | undefined;
  readonly natAddresses: 'masked' | 'full';
  readonly autoplay: boolean;
  readonly storeBytes: number;
  readonly debug: ((line: string) => void) | undefined;
  readonly log: Log | undefined;
}

const invalid = (option: string): ShoalError => new ShoalError('options/invalid', { detail: option });

/** Checks options, or throws `options/invalid` naming the one that is wrong. `base` resolves relative addresses. */
export const parseOptions = (options: StreamOptions, base: string): ParsedOptions => {
  if (asRecord(options) === undefined) throw invalid('options');
  const url = parseUrl(oneAddress(options), base);
  return {
    url: url.href,
    kind: url.pathname.endsWith('.m3u8') ? 'hls' : 'flv',
    place: { origin: url.origin, path: url.pathname.replace(/\.(flv|m3u8)$/, '') },
    credentials: url.search.slice(1),
    codes: parseCodes(options, base),
    service: options.service === undefined ? undefined : parseAddress(options.service, base, 'service').href,
    tokenProvider: optionalFunction(options.tokenProvider, 'tokenProvider'),
    originKeys: parseKeys(options.originKeys),
    sharing: parseSharing(options.sharing ?? 'on'),
    uploadBytesPerSec: parseCap(options.uploadCapKbps),
    neighbours: wholeOption(options.neighbours ?? 16, 0, 64, 'neighbours'),
    metered: oneOf(options.metered ?? 'respect', ['respect', 'ignore'], 'metered'),
    whenHidden: oneOf(options.whenHidden ?? 'relay', ['relay', 'leave'], 'whenHidden'),
    consent: optionalFunction(options.consent, 'consent'),
    latencyMs: wholeOption(options.latencyMs ?? 600, 50, 30_000, 'latencyMs'),
    iceServers: parseIceServers(options.iceServers ?? [], options.stunServers ?? []),
    stunServers: options.stunServers === undefined ? undefined : parseStunServers(options.stunServers),
    natAddresses: oneOf(options.natAddresses ?? 'masked', ['masked', 'full'], 'natAddresses'),
    autoplay: booleanOption(options.autoplay ?? true, 'autoplay'),
    storeBytes: wholeOption(options.memoryMb ?? 24, 4, 512, 'memoryMb') * 1024 * 1024,
    debug: optionalFunction(options.debug, 'debug'),
    log: optionalLog(options.log),
  };
};

/** Checks the element to play on. */
export const parseVideo = (options: PlayerOptions): HTMLVideoElement => {
  if (asRecord(options) === undefined) throw invalid('options');
  if (!isMediaElement(options.video)) throw invalid('video');
  return options.video;
};

/** Checks a sharing mode. */
export const parseSharing = (value: unknown): Sharing => oneOf(value, ['on', 'download-only', 'off'], 'sharing');

/** Checks an upload cap and turns it into bytes a second. */
export const parseCap = (kbps: unknown): number => {
  if (kbps === undefined || kbps === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const cap = asNumber(kbps, 0, 10_000_000);
  if (cap === undefined) throw invalid('uploadCapKbps');
  return (cap * 1000) / 8;
};

/** Checks credentials a page handed in. */
export const parseCredentials = (
  value: unknown,
): { readonly query: string; readonly renewInMs: number | undefined } => {
  const query = asText(typeof value === 'string' ? value : asRecord(value)?.query, 2000);
  const renewInMs = asRecord(value)?.renewInMs;
  if (query === undefined) throw invalid('credentials');
  if (renewInMs === undefined) return { query: withoutMark(query), renewInMs: undefined };
  return { query: withoutMark(query), renewInMs: wholeOption(renewInMs, 1000, 0x7fff_ffff, 'credentials.renewInMs') };
};

const withoutMark = (query: string): string => query.replace(/^\?/, '');

const isMediaElement = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'play' in value && 'currentTime' in value;

const oneAddress = ({ url, src }: StreamOptions): unknown => {
  if (url !== undefined && src !== undefined && url !== src) throw invalid('src: url is given too, and is another');
  return url ?? src;
};

const parseUrl = (value: unknown, base: string): URL => {
  const url = parseAddress(value, base, 'url');
  if (!/\.(flv|m3u8)$/.test(url.pathname)) throw invalid('url: wanted an address that ends in .flv or .m3u8');
  if (url.pathname.length > STREAM_PATH_MAX) throw invalid('url: too long');
  return url;
};

const parseAddress = (value: unknown, base: string, option: string): URL => {
  const text = asText(value, 4000)?.trim();
  if (text === undefined || text === '') throw invalid(option);
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw invalid(`${option}: wanted an http(s) address`);
  return url;
};

const parseCodes = (options: StreamOptions, base: string): CodeSource | undefined => {
  if (options.code !== undefined) {
    const code = asText(options.code.code, 128);
    const key = asText(options.code.key, 256);
    if (code === undefined || key === undefined || fromBase64Url(key) === undefined) throw invalid('code');
    return { kind: 'given', code, key };
  }
  if (options.codeUrl === undefined) return undefined;
  return { kind: 'service', address: parseAddress(options.codeUrl, base, 'codeUrl').href };
};

const parseKeys = (value: unknown): readonly Uint8Array[] => {
  if (value === undefined) return [];
  const keys = asList(value, 16, (one) => {
    const text = asText(one, 64) ?? '';
    const key = text.length === ID_BYTES * 2 ? fromHex(text) : fromBase64Url(text);
    return key?.length === ID_BYTES ? key : undefined;
  });
  if (keys === undefined || keys.length === 0) throw invalid('originKeys');
  return keys;
};

/** Names are looked up by the browser, which takes no list and no credentials for STUN. */
const parseStunServers = (value: unknown): readonly string[] => {
  const servers = asList(value, 8, (one) => {
    const url = asText(one, 500);
    return url !== undefined && /^stun:(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(url) ? url : undefined;
  });
  if (servers === undefined) throw invalid('stunServers: wanted addresses such as stun:stun.example:3478');
  return servers;
};

const parseIceServers = (value: unknown, stunServers: unknown): readonly IceServer[] => {
  const servers = asList(value, 16, (one) => {
    const urls = asText(asRecord(one)?.urls, 500);
    return urls !== undefined && /^(stuns?|turns?):/.test(urls) ? (one as IceServer) : undefined;
  });
  if (servers === undefined) throw invalid('iceServers');
  const known = new Set(servers.map(({ urls }) => urls));
  const added = parseStunServers(stunServers).filter((urls) => !known.has(urls));
  return [...servers, ...added.map((urls) => ({ urls }))];
};

const optionalFunction = <F>(value: F | undefined, option: string): F | undefined => {
  if (value !== undefined && typeof value !== 'function') throw invalid(option);
  return value;
};

const optionalLog = (value: Log | undefined): Log | undefined => {
  if (value !== undefined && typeof asRecord(value)?.writer !== 'function') throw invalid('log');
  return value;
};

const booleanOption = (value: unknown, option: string): boolean => {
  if (typeof value !== 'boolean') throw invalid(option);
  return value;
};

const wholeOption = (value: unknown, least: number, most: number, option: string): number => {
  const whole = asWhole(value, least, most);
  if (whole === undefined) throw invalid(`${option}: wanted a whole number from ${least} to ${most}`);
  return whole;
};

const oneOf = <T extends string>(value: unknown, choices: readonly T[], option: string): T => {
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw invalid(`${option}: wanted ${choices.join(', ')}`);
  return choice;
};
