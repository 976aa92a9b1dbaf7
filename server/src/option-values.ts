// How the text of a flag, or the value in a configuration file, becomes the value of an option. Each reader returns
// undefined for what it cannot use.

import { fromBase64Url } from '../../src/wire/bytes.ts';
import { ID_BYTES } from '../../src/wire/limits.ts';

/** A text that is not empty. */
export const readText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 2000 ? value : undefined;

/** An absolute http or https URL. */
export const readWebUrl = (value: unknown): string | undefined => {
  const text = readText(value);
  return text !== undefined && /^https?:\/\//.test(text) && URL.canParse(text) ? text : undefined;
};

/** One such URL, or a list of them, without slashes at their ends. */
export const readWebUrls = (value: unknown): readonly string[] | undefined => {
  const read = (Array.isArray(value) ? value : [value]).map(readWebUrl);
  const urls = read.filter((url) => url !== undefined).map((url) => url.replace(/\/+$/, ''));
  return urls.length === read.length && urls.length <= 16 ? urls : undefined;
};

/** Where a Redis is: its URL, or the path of its socket. */
export const readStoreAddress = (value: unknown): string | undefined => {
  const text = readText(value);
  const good = text !== undefined && (/^rediss?:\/\/./.test(text) ? URL.canParse(text) : text.startsWith('/'));
  return good ? text : undefined;
};

/** A public key, base64url. */
export const readPublicKey = (value: unknown): string | undefined => {
  const text = readText(value);
  return text !== undefined && fromBase64Url(text)?.length === ID_BYTES ? text : undefined;
};

/** on, off, true, false, or nothing after a switch. */
export const readSwitch = (value: unknown): boolean | undefined => {
  if (value === true || value === 'on' || value === 'true') return true;
  return value === false || value === 'off' || value === 'false' ? false : undefined;
};

/** A whole number within bounds. */
export const readWhole =
  (least: number, most: number) =>
  (value: unknown): number | undefined => {
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
    return typeof number === 'number' && Number.isSafeInteger(number) && number >= least && number <= most
      ? number
      : undefined;
  };

/** A list of `name=value` texts, one such text, or an object of the same (values already read). */
export const readFlagList =
  <T>(readEntry: (entry: string) => readonly [string, T] | undefined) =>
  (value: unknown): Readonly<Record<string, T>> | undefined => {
    const entries = typeof value === 'string' ? [value] : Array.isArray(value) ? value : asEntries(value);
    if (entries === undefined || entries.length > 1000) return undefined;
    const read: Record<string, T> = {};
    for (const entry of entries) {
      const pair = typeof entry === 'string' ? readEntry(entry) : undefined;
      if (pair === undefined) return undefined;
      read[pair[0]] = pair[1];
    }
    return read;
  };

/** `{ "live/demo": "embedded" }` as `live/demo=embedded`; entries with parts of their own are joined as flags join them. */
const asEntries = (value: unknown): string[] | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).map(([name, part]) => {
    if (typeof part === 'string') return `${name}=${part}`;
    const { urls, username, credential, height, kbps } = (part ?? {}) as Readonly<Record<string, unknown>>;
    if (height !== undefined) return `${name}=${String(height)}:${String(kbps)}`;
    return [urls, username, credential].filter((field) => typeof field === 'string').join(',');
  });
};
