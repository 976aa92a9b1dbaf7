/**
 * What a page may say before loading, which no native call says because a native SDK has it built in.
 */

import type { TokenProvider } from '../carrier/application-tokens.ts';
import { ShoalError } from '../errors.ts';
import type { SourceOptions } from '../virtual/flv-source.ts';
import type { VirtualHostOptions } from '../virtual/virtual-host.ts';
import { asRecord, asText, asWhole } from '../wire/json.ts';

/** Options of `Configure`. */
export interface NativeOptions {
  /** Address of `shoal-sw.js` on this site; default `/shoal-sw.js`. `null`: the site's own Service Worker pulls it in. */
  readonly serviceWorker?: string | null;
  /** Narrower or wider than the script's folder. */
  readonly scope?: string;
  /** Address of a Shoal description that stands for the sources; by default each source's own host has one. */
  readonly service?: string;
  /** Trades application id, key and a signature for a short-lived token. */
  readonly tokenUrl?: string;
  /** Gives the query a viewer is admitted by; used instead of `tokenUrl`. */
  readonly tokenProvider?: TokenProvider;
  /** Without a picture by then the original address is handed out, ms; default 8000. */
  readonly startWithinMs?: number;
  /** Between two STATISTICS_DATA, ms; default 5000. */
  readonly statisticsEveryMs?: number;
  /** What every stream of the page is opened with, as in `createStream`. */
  readonly stream?: SourceOptions;
}

/** Options that passed. */
export interface NativeConfig extends Omit<VirtualHostOptions, 'credentials'> {
  readonly tokenUrl: string | undefined;
  readonly tokenProvider: TokenProvider | undefined;
  readonly statisticsEveryMs: number;
  readonly stream: SourceOptions;
}

const invalid = (option: string): ShoalError => new ShoalError('options/invalid', { detail: option });

/** Checks options, or throws `options/invalid`. */
export const readConfig = (options: NativeOptions): NativeConfig => {
  if (asRecord(options) === undefined) throw invalid('options');
  const { serviceWorker = '/shoal-sw.js', tokenProvider } = options;
  if (tokenProvider !== undefined && typeof tokenProvider !== 'function') throw invalid('tokenProvider');
  if (options.stream !== undefined && asRecord(options.stream) === undefined) throw invalid('stream');
  return {
    serviceWorker: {
      script: serviceWorker === null ? undefined : addressOf(serviceWorker, 'serviceWorker'),
      scope: options.scope === undefined ? undefined : addressOf(options.scope, 'scope'),
    },
    service: options.service === undefined ? undefined : addressOf(options.service, 'service'),
    tokenUrl: options.tokenUrl === undefined ? undefined : addressOf(options.tokenUrl, 'tokenUrl'),
    tokenProvider,
    startWithinMs: msOf(options.startWithinMs ?? 8000, 'startWithinMs'),
    statisticsEveryMs: msOf(options.statisticsEveryMs ?? 5000, 'statisticsEveryMs'),
    stream: options.stream ?? {},
  };
};

const addressOf = (value: unknown, option: string): string => {
  const text = asText(value, 2000)?.trim() ?? '';
  if (text === '' || !URL.canParse(text, document.baseURI)) throw invalid(option);
  return new URL(text, document.baseURI).href;
};

const msOf = (value: unknown, option: string): number => {
  const ms = asWhole(value, 100, 600_000);
  if (ms === undefined) throw invalid(`${option}: wanted milliseconds from 100 to 600000`);
  return ms;
};
