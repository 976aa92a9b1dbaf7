/**
 * The one place that looks at what a page passed in: every documented form in, one form out, or
 * `options/invalid` naming what is wrong, which becomes -2000.
 */

import { TokenDesk } from '../carrier/application-tokens.ts';
import type { DownloadSink } from '../device/download-sink.ts';
import { ShoalError } from '../errors.ts';
import { parseOptions } from '../player/options.ts';
import type { RecorderManager, RecorderOptions } from '../recorder/recorder-face.ts';
import { asRecord, asText, asWhole } from '../wire/json.ts';
import type {
  DataCallback,
  DownloadCallbacks,
  InitArgument,
  InitParams,
  LocalEventHandler,
  MsgCallback,
  StreamInfo,
  VoiceCallbacks,
  VoiceDataCallbacks,
} from './face.ts';

/** What init was told. */
export interface Configuration {
  readonly secrets: readonly string[];
  readonly eventHandler: LocalEventHandler;
  readonly stunServers: readonly string[];
  readonly disconnectAfterMs: number;
  readonly params: Omit<InitParams, 'eventHandler' | 'stunServers' | 'disconnectAfterMs' | 'tokenUrl'>;
}

/** Callbacks that are there. */
export interface Callbacks {
  readonly msgCallback: MsgCallback | undefined;
  readonly dataCallback: DataCallback | undefined;
}

const APP_PARAMS = ['appid', 'appOauthId', 'appKey', 'appSecretKey', 'appPackage'];
/** What an application has to say of itself when it has no provider of tokens. */
const CREDENTIALS = ['appOauthId', 'appKey', 'appSecretKey', 'appPackage'];
const INIT_PARAMS = [
  'eventHandler',
  'stunServers',
  'natAddresses',
  'iceServers',
  'localServer',
  'service',
  'sharing',
  'tokenProvider',
  'tokenUrl',
  'disconnectAfterMs',
  'deviceP2PVersion',
  'development',
];
const ID_CHARACTERS_MAX = 256;
const TEXT_CHARACTERS_MAX = 4000;
const DISCONNECT_AFTER_MS = 10_000;
const ANY_STREAM = 'https://any.invalid/any.flv';

const wrong = (detail: string): ShoalError => new ShoalError('options/invalid', { detail });

type Fields = Readonly<Record<string, unknown>>;

/** Reads the argument of `init`. */
export const readInit = (argument: InitArgument): Configuration => {
  const fields = recordOf(argument, 'init');
  const app = recordOf(fields.appParams, 'appParams');
  const params = fields.initParams === undefined ? {} : recordOf(fields.initParams, 'initParams');
  onlyKnown(app, APP_PARAMS, 'appParams');
  onlyKnown(params, INIT_PARAMS, 'initParams');
  for (const name of CREDENTIALS) {
    if (params.tokenProvider === undefined || app[name] !== undefined) textOf(app[name], `appParams.${name}`);
  }
  // Every stream will be made with these; what is wrong with them is better said now.
  const { tokenUrl, ...options } = params as InitParams;
  parseOptions({ ...(options as Omit<InitParams, 'tokenProvider' | 'tokenUrl'>), url: ANY_STREAM }, ANY_STREAM);
  const disconnectAfterMs = asWhole(params.disconnectAfterMs ?? DISCONNECT_AFTER_MS, 1000, 3_600_000);
  if (disconnectAfterMs === undefined) throw wrong('initParams.disconnectAfterMs');
  const handler = functionOf<LocalEventHandler>(fields.eventHandler ?? params.eventHandler, 'eventHandler');
  if (params.development !== undefined && typeof params.development !== 'boolean')
    throw wrong('initParams.development');
  functionOf(params.tokenProvider, 'initParams.tokenProvider');
  if (params.localServer !== undefined) textOf(params.localServer, 'initParams.localServer');
  return {
    secrets: ['appKey', 'appSecretKey'].map((name) => String(app[name] ?? '')),
    eventHandler: handler ?? (() => undefined),
    stunServers: (params as InitParams).stunServers ?? [],
    disconnectAfterMs,
    params: { ...options, ...providerOf(tokenUrl, app, options.tokenProvider) },
  };
};

/** Who gives tokens: the page, or a service to which the application proves itself. */
const providerOf = (
  tokenUrl: unknown,
  app: Fields,
  tokenProvider: InitParams['tokenProvider'],
): Pick<InitParams, 'tokenProvider'> => {
  if (tokenProvider !== undefined || tokenUrl === undefined)
    return tokenProvider === undefined ? {} : { tokenProvider };
  const [id = '', key = '', secret = '', name = ''] = CREDENTIALS.map((member) => String(app[member] ?? ''));
  const tokens = new TokenDesk({
    tokenUrl: addressOf(tokenUrl, 'initParams.tokenUrl').href,
    tokenProvider: undefined,
    application: () => ({ id, key, secret, package: name }),
    fetch: (input, init) => fetch(input, init),
  });
  return { tokenProvider: (_url, reason) => tokens.provider?.(reason) ?? Promise.resolve('') };
};

/** Reads an id. */
export const readId = (id: string): string => {
  if (typeof id !== 'string' || id === '' || id.length > ID_CHARACTERS_MAX) throw wrong('id');
  return id;
};

/** What a service is for; `kind` says whether a shared stream or a device is meant. */
export interface ServiceInfo extends StreamInfo {
  readonly kind: 'stream' | 'device';
}

/** Reads what a service is for. */
export const readStreamInfo = (info: StreamInfo): ServiceInfo => {
  const fields = recordOf(info, 'streamInfo');
  const url = addressOf(fields.url, 'streamInfo.url');
  const named: { -readonly [K in keyof StreamInfo]: string } = { url: url.href };
  for (const name of ['codeUrl', 'productId', 'deviceName', 'xp2pInfo', 'liveStreamDomain'] as const) {
    const value = fields[name];
    if (value !== undefined && typeof value !== 'string') throw wrong(`streamInfo.${name}`);
    if (value !== undefined && value !== '') named[name] = value;
  }
  const { codeUrl, productId, deviceName, xp2pInfo, liveStreamDomain } = named;
  if (codeUrl !== undefined) addressOf(codeUrl, 'streamInfo.codeUrl');
  if (liveStreamDomain !== undefined) {
    const hasScheme = /^https?:/i.test(liveStreamDomain);
    const domain = hasScheme ? liveStreamDomain : `https://${liveStreamDomain}`;
    named.liveStreamDomain = addressOf(domain, 'streamInfo.liveStreamDomain').href;
  }
  const isDevice = url.hostname.endsWith('.xnet') || [productId, deviceName, xp2pInfo].some((one) => one !== undefined);
  if (!isDevice && !url.pathname.endsWith('.flv')) throw wrong('streamInfo.url: wanted an address that ends in .flv');
  return { ...named, kind: isDevice ? 'device' : 'stream' };
};

/** Reads callbacks; those that are there must be functions. */
export const readCallbacks = (callbacks: unknown, required: 'msgCallback' | 'dataCallback' | 'either'): Callbacks => {
  const fields = recordOf(callbacks, 'callbacks');
  const msgCallback = functionOf<MsgCallback>(fields.msgCallback, 'callbacks.msgCallback');
  const dataCallback = functionOf<DataCallback>(fields.dataCallback, 'callbacks.dataCallback');
  const found = { msgCallback, dataCallback };
  const has = required === 'either' ? (msgCallback ?? dataCallback) : found[required];
  if (has === undefined) throw wrong(`callbacks.${required === 'either' ? 'msgCallback' : required}`);
  return found;
};

/** What a pull is to read instead of the service's own address, and who takes it. */
export interface PullRequest {
  readonly dataCallback: DataCallback;
  readonly urlFrom: (serviceUrl: string) => string;
}

/** Reads the arguments of `startP2PStream` in each of their forms: callbacks, `{ flv, dataCallback }`, or info and callbacks. */
export const readPull = (second: unknown, third: unknown): PullRequest => {
  const hasInfo = third !== undefined;
  const { dataCallback } = readCallbacks(hasInfo ? third : second, 'dataCallback');
  if (dataCallback === undefined) throw wrong('dataCallback');
  const fields = second === undefined || second === null ? {} : recordOf(second, hasInfo ? 'streamInfo' : 'params');
  if (hasInfo && fields.url !== undefined) {
    const { href } = addressOf(fields.url, 'streamInfo.url');
    return { dataCallback, urlFrom: () => href };
  }
  if (fields.flv === undefined) return { dataCallback, urlFrom: (url) => url };
  const flv = recordOf(fields.flv, 'flv');
  const filename = textOf(flv.filename, 'flv.filename');
  const { params = '' } = flv;
  if (typeof params !== 'string') throw wrong('flv.params');
  return {
    dataCallback,
    urlFrom(serviceUrl) {
      const url = new URL(encodeURIComponent(filename), serviceUrl);
      url.search = params;
      return url.href;
    },
  };
};

/** A talk as it was asked for. */
export interface VoiceRequest {
  readonly recorder: RecorderManager;
  readonly options: RecorderOptions;
  readonly urlParams: string;
  readonly callbacks: VoiceCallbacks;
}

const RECORDER_CALLS = ['start', 'stop', 'resume'];
const RECORDER_EVENTS = ['onStart', 'onPause', 'onResume', 'onStop', 'onFrameRecorded', 'onError'];
/** A recorder of the page's own may know nothing of these. */
const RECORDER_MORE = ['onInterruptionBegin', 'onInterruptionEnd'];
const VOICE_CALLBACKS = ['onStart', 'onPause', 'onResume', 'onStop'];
const VOICE_DATA_CALLBACKS = ['onSuccess', 'onFailure', 'onError', 'onStop', 'onComplete'];

/** Reads the arguments of `startVoiceService`: the recorder's options are PCM or say nothing. */
export const readVoice = (recorder: unknown, options: unknown, callbacks: unknown): VoiceRequest => {
  const known = recordOf(recorder, 'recorderManager');
  for (const name of [...RECORDER_CALLS, ...RECORDER_EVENTS]) {
    if (functionOf(known[name], `recorderManager.${name}`) === undefined) throw wrong(`recorderManager.${name}`);
  }
  for (const name of RECORDER_MORE) functionOf(known[name], `recorderManager.${name}`);
  const { urlParams, ...given } = options === undefined || options === null ? {} : recordOf(options, 'options');
  const { format } = given as Fields;
  if (format !== undefined && String(format).toLowerCase() !== 'pcm') throw wrong('options.format: wanted PCM');
  return {
    recorder: recorder as RecorderManager,
    options: given as RecorderOptions,
    urlParams: paramsOf(urlParams),
    callbacks: callbacksOf<VoiceCallbacks>(callbacks, VOICE_CALLBACKS),
  };
};

/** Reads the arguments of `startVoiceData`. */
export const readVoiceData = (
  options: unknown,
  callbacks: unknown,
): { readonly urlParams: string; readonly callbacks: VoiceDataCallbacks } => {
  const { urlParams } = options === undefined || options === null ? {} : recordOf(options, 'options');
  return { urlParams: paramsOf(urlParams), callbacks: callbacksOf(callbacks, VOICE_DATA_CALLBACKS) };
};

/** A download as it was asked for. */
export interface DownloadRequest {
  readonly urlParams: string;
  readonly offCrypto: boolean;
  readonly closesService: boolean;
  readonly sink: DownloadSink | undefined;
  readonly callbacks: DownloadCallbacks;
}

const DOWNLOAD_CALLBACKS = [
  'onReceiveChunk',
  'onChunkReceived',
  'onProgress',
  'onComplete',
  'onPased',
  'onHeadersReceived',
  'onSuccess',
  'onFailure',
  'onError',
];

/** Reads the arguments of a download. */
export const readDownload = (options: unknown, callbacks: unknown): DownloadRequest => {
  const given = recordOf(options, 'options');
  const urlParams = textOf(given.urlParams, 'options.urlParams');
  if ((new URLSearchParams(urlParams).get('file_name') ?? '') === '') throw wrong('options.urlParams: file_name');
  const sink = given.sink === undefined || given.sink === null ? undefined : recordOf(given.sink, 'options.sink');
  for (const name of sink === undefined ? [] : ['write', 'close']) {
    if (functionOf(sink?.[name], `options.sink.${name}`) === undefined) throw wrong(`options.sink.${name}`);
  }
  const known = callbacksOf<DownloadCallbacks>(callbacks, DOWNLOAD_CALLBACKS);
  if (sink === undefined && (known.onReceiveChunk ?? known.onChunkReceived) === undefined) {
    throw wrong('callbacks.onReceiveChunk');
  }
  if (known.onComplete === undefined) throw wrong('callbacks.onComplete');
  const { offCrypto = false, closesService = false } = given;
  if (typeof offCrypto !== 'boolean' || typeof closesService !== 'boolean') throw wrong('options');
  return { urlParams, offCrypto, closesService, sink: sink as DownloadSink | undefined, callbacks: known };
};

/** Reads a command. */
export const readCommand = (command: unknown): string => textOf(command, 'command', 16 * 1024).replace(/^\?/, '');

const paramsOf = (value: unknown): string =>
  value === undefined || value === '' ? '' : textOf(value, 'options.urlParams').replace(/^(voice)?\?/, '');

/** The known ones of a page's callbacks; each must be a function. */
const callbacksOf = <C extends object>(value: unknown, known: readonly string[]): C => {
  if (value === undefined || value === null) return {} as C;
  const fields = recordOf(value, 'callbacks');
  const found = known.map((name) => [name, functionOf(fields[name], `callbacks.${name}`)] as const);
  return Object.fromEntries(found.filter(([, one]) => one !== undefined)) as C;
};

const recordOf = (value: unknown, name: string): Fields => {
  const record = asRecord(value);
  if (record === undefined) throw wrong(name);
  return record;
};

const textOf = (value: unknown, name: string, most = TEXT_CHARACTERS_MAX): string => {
  const text = asText(value, most);
  if (text === undefined || text === '') throw wrong(name);
  return text;
};

const functionOf = <F>(value: unknown, name: string): F | undefined => {
  if (value !== undefined && value !== null && typeof value !== 'function') throw wrong(name);
  return (value ?? undefined) as F | undefined;
};

const addressOf = (value: unknown, name: string): URL => {
  const text = textOf(value, name).trim();
  if (!URL.canParse(text) || !/^https?:/i.test(text)) throw wrong(`${name}: wanted an http(s) address`);
  return new URL(text);
};

const onlyKnown = (fields: Fields, known: readonly string[], name: string): void => {
  const unknown = Object.keys(fields).find((one) => !known.includes(one));
  if (unknown !== undefined) throw wrong(`${name}.${unknown}: there is no such member`);
};
