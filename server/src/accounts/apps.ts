// The customers of a server: who they are, what they sign with, and where and what their viewers may watch.

import { readFile } from 'node:fs/promises';
import { ShoalError } from '../../../src/errors.ts';
import { asList, asRecord, asText, asWhole, parseJson } from '../../../src/wire/json.ts';

/** One application of a customer. */
export interface App {
  /** Names it in tokens, accounts and metrics. */
  readonly id: string;
  /** Said by its pages; not secret. */
  readonly key: string;
  /** Signs; known to the customer's own servers and to this one. */
  readonly secret: string;
  /** Hosts its streams may be pulled from, `*.` in front for all below; absent: any. */
  readonly domains: readonly string[] | undefined;
  /** Paths of streams it may watch, `*` at the end for all below; absent: any. */
  readonly streams: readonly string[] | undefined;
  /** Pages that may use its tokens, such as `https://www.example.com`, `https://*.example.com`; absent: any. */
  readonly pages: readonly string[] | undefined;
  /** Package names it was registered under; absent: any. */
  readonly packages: readonly string[] | undefined;
  /** Life of a token it asks this server for. */
  readonly tokenSeconds: number;
}

const APPS_MAX = 10_000;
const RULES_MAX = 1000;
const SECRET_CHARS_MIN = 16;
const TOKEN_SECONDS = 900;

const MEMBERS = ['id', 'key', 'secret', 'domains', 'streams', 'pages', 'packages', 'tokenSeconds'];

const bad = (detail: string): ShoalError => new ShoalError('server/bad-config', { detail: `--apps: ${detail}` });

/** Whether a text may be the id of an app: it becomes part of keys and labels. */
export const isAppId = (text: string): boolean => /^[\w.-]{1,64}$/.test(text);

/** Reads the file of `--apps`. */
export const readAppsFile = async (path: string | undefined): Promise<readonly App[] | undefined> => {
  if (path === undefined) return undefined;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ShoalError('server/bad-config', { detail: '--apps: the file cannot be read', cause });
  });
  return readApps(parseJson(text));
};

/** Checks a list of apps: `{ "apps": [...] }`, or the list itself. */
export const readApps = (value: unknown): readonly App[] => {
  const list = Array.isArray(value) ? value : asRecord(value)?.apps;
  if (!Array.isArray(list) || list.length > APPS_MAX) throw bad('wanted JSON with a list "apps"');
  const apps = list.map(readApp);
  const twice = apps.find((app, at) => apps.findIndex(({ id }) => id === app.id) !== at);
  if (twice !== undefined) throw bad(`${twice.id} is there twice`);
  return apps;
};

const readApp = (value: unknown, at: number): App => {
  const fields = asRecord(value);
  if (fields === undefined) throw bad(`entry ${at + 1} is no object`);
  const id = asText(fields.id, 64) ?? '';
  if (!isAppId(id)) throw bad(`entry ${at + 1}: id wants 1 to 64 letters, digits, _ . -`);
  const unknown = Object.keys(fields).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw bad(`${id}: there is no ${unknown}`);
  const key = asText(fields.key, 200) ?? '';
  const secret = asText(fields.secret, 200) ?? '';
  if (key === '') throw bad(`${id}: key is missing`);
  if (secret.length < SECRET_CHARS_MIN) throw bad(`${id}: secret wants ${SECRET_CHARS_MIN} characters or more`);
  const tokenSeconds = asWhole(fields.tokenSeconds ?? TOKEN_SECONDS, 10, 86_400);
  if (tokenSeconds === undefined) throw bad(`${id}: tokenSeconds wants 10 to 86400`);
  const rules = (name: 'domains' | 'streams' | 'pages' | 'packages', form: RegExp): readonly string[] | undefined => {
    if (fields[name] === undefined) return undefined;
    const read = asList(fields[name], RULES_MAX, (rule) => {
      const text = asText(rule, 300);
      return text !== undefined && form.test(text)
        ? text.toLowerCase() === text || name !== 'domains'
          ? text
          : text.toLowerCase()
        : undefined;
    });
    if (read === undefined) throw bad(`${id}: ${name} has an entry that cannot be used`);
    return read;
  };
  return {
    id,
    key,
    secret,
    domains: rules('domains', /^(\*\.)?[a-z0-9.-]+(:\d{1,5})?$/i),
    streams: rules('streams', /^\/[\w.~/-]*\*?$/),
    pages: rules('pages', /^(null|https?:\/\/(\*\.)?[a-z0-9.-]+(:\d{1,5})?)$/),
    packages: rules('packages', /^.+$/),
    tokenSeconds,
  };
};
