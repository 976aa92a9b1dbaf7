/**
 * Where the services of a host are (`/.well-known/shoal.json`), and the key service's two answers. Both are JSON over
 * HTTP, guarded here so that page and server agree by construction.
 */
import { type Fault, fault } from '../errors.ts';
import { fromBase64Url } from './bytes.ts';
import { asList, asRecord, asText, asWhole } from './json.ts';
import { CODE_CHARS_MAX, ID_BYTES } from './limits.ts';
import { speaks } from './version.ts';

/** Path of the service description on a stream URL's own host. */
export const SERVICE_PATH = '/.well-known/shoal.json';

/** What a Shoal host says about itself. URLs may be relative to the description. */
export interface ServiceDescription {
  readonly version: number;
  /** WebSocket URL of the tracker. */
  readonly tracker: string;
  /** URL that hands out key codes by POST, or absent when keys come with admission. */
  readonly codes?: string;
  /** URL that says, by `?url=`, which stream here stands for a source; absent where only own addresses are played. */
  readonly sources?: string;
  /** URL of the witness that vouches for segments of HLS that come from elsewhere, or absent where there is none. */
  readonly witness?: string;
  /** Origin keys, base64url; heads must be signed by one of them. */
  readonly originKeys: readonly string[];
  /** ICE servers the operator runs; none by default. */
  readonly iceServers: readonly IceServer[];
}

/** An ICE server as the browser wants it. */
export interface IceServer {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

const keyText = (value: unknown): string | undefined => {
  const text = asText(value, 64);
  return text !== undefined && fromBase64Url(text)?.length === ID_BYTES ? text : undefined;
};

/** Checks one ICE server. */
export const readIceServer = (value: unknown): IceServer | undefined => {
  const fields = asRecord(value);
  const urls = asText(fields?.urls, 500);
  const username = asText(fields?.username, 500);
  const credential = asText(fields?.credential, 500);
  if (urls === undefined || urls === '') return undefined;
  if (fields?.username !== undefined && username === undefined) return undefined;
  if (fields?.credential !== undefined && credential === undefined) return undefined;
  return { urls, ...(username === undefined ? {} : { username }), ...(credential === undefined ? {} : { credential }) };
};

/** Checks a service description. */
export const readService = (value: unknown): ServiceDescription | Fault => {
  const fields = asRecord(value);
  const version = asWhole(fields?.version, 0, 0xff);
  const tracker = asText(fields?.tracker, 2000);
  const codes = asText(fields?.codes, 2000);
  const sources = asText(fields?.sources, 2000);
  const witness = asText(fields?.witness, 2000);
  const originKeys = asList(fields?.originKeys, 16, keyText);
  const iceServers = asList(fields?.iceServers ?? [], 16, readIceServer);
  if (version === undefined || !speaks(version)) return fault('service/bad-answer', 'version');
  if (tracker === undefined || tracker === '') return fault('service/bad-answer', 'tracker');
  if (fields?.codes !== undefined && codes === undefined) return fault('service/bad-answer', 'codes');
  if (fields?.sources !== undefined && sources === undefined) return fault('service/bad-answer', 'sources');
  if (fields?.witness !== undefined && witness === undefined) return fault('service/bad-answer', 'witness');
  if (originKeys === undefined) return fault('service/bad-answer', 'originKeys');
  if (iceServers === undefined) return fault('service/bad-answer', 'iceServers');
  return {
    version,
    tracker,
    ...(codes === undefined ? {} : { codes }),
    ...(sources === undefined ? {} : { sources }),
    ...(witness === undefined ? {} : { witness }),
    originKeys,
    iceServers,
  };
};

/** Answer to `POST /code`. */
export interface CodeGrant {
  readonly code: string;
  /** Life of the code, seconds. */
  readonly expire: number;
  /** The code's key, base64url, at least 32 bytes. */
  readonly key: string;
}

/** Answer to `GET /code/<code>`. */
export interface CodeKey {
  readonly key: string;
}

/** Fewest bytes of a code's key. */
export const CODE_KEY_BYTES = 32;

const codeKeyText = (value: unknown): string | undefined => {
  const text = asText(value, 256);
  return text !== undefined && (fromBase64Url(text)?.length ?? 0) >= CODE_KEY_BYTES ? text : undefined;
};

/** Whether a text may be a code: it becomes part of a URL. */
export const isCode = (text: string): boolean => text.length <= CODE_CHARS_MAX && /^[\w-]+$/.test(text);

/** Checks an answer to `POST /code`. */
export const readCodeGrant = (value: unknown): CodeGrant | Fault => {
  const fields = asRecord(value);
  const code = asText(fields?.code, CODE_CHARS_MAX);
  const expire = asWhole(fields?.expire, 1, 31_536_000);
  const key = codeKeyText(fields?.key);
  if (code === undefined || !isCode(code)) return fault('key/unknown-code', 'code');
  if (expire === undefined) return fault('key/unknown-code', 'expire');
  return key === undefined ? fault('key/unknown-code', 'key') : { code, expire, key };
};

/** Checks an answer to `GET /code/<code>`. */
export const readCodeKey = (value: unknown): CodeKey | Fault => {
  const key = codeKeyText(asRecord(value)?.key);
  return key === undefined ? fault('key/unknown-code', 'key') : { key };
};
