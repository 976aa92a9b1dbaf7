// The apps of a server: each customer's number, secrets, switches and addresses, read once from a file.

import { readFileSync } from 'node:fs';
import { ShoalError } from '../../../src/errors.ts';
import { asList, asRecord, asText, asWhole, parseJson } from '../../../src/wire/json.ts';
import { RECORD_ALL, RECORD_MP4, type Starter, starters } from '../../../src/wire/room.ts';
import type { CallbackTarget } from '../callbacks/post-event.ts';
import { capabilityOf } from './capability.ts';

/** One app. */
export interface LiveApp {
  /** The customer's number in stream codes. */
  readonly bizid: number;
  /** The customer's number in callbacks. */
  readonly appid: number;
  /** Room tokens are made from it; without one anybody enters. */
  readonly roomSecret: string | undefined;
  /** Bearer secret of the customer's server for recordings, screenshots and logs; without one anybody may. */
  readonly apiSecret: string | undefined;
  readonly bypass: Starter;
  readonly record: Starter;
  /** Formats recorded where recording is automatic. */
  readonly formats: number;
  /** Formats that may be recorded on demand, and whether those files are reported. */
  readonly manualFormats: number;
  readonly isManualReported: boolean;
  /** 0 for none. */
  readonly screenshotSeconds: number;
  readonly retentionDays: number;
  /** Live pushes at once. */
  readonly pushesMax: number;
  /** `url` may be `self`: the test receiver of this server. */
  readonly callback: CallbackTarget | undefined;
  /** Where viewers reach the outputs when it is not the address publishers come by. */
  readonly playUrl: string | undefined;
  readonly rtmpUrl: string | undefined;
}

/** An address that stands for this server's own test receiver. */
export const SELF = 'self';

const APPS_MAX = 1000;
const SECRET_MAX = 200;
const URL_MAX = 500;

/** One open app for trying things out: everything automatic, callbacks to the test receiver. */
export const embeddedApp: LiveApp = {
  bizid: 8888,
  appid: 0,
  roomSecret: undefined,
  apiSecret: undefined,
  bypass: 'auto',
  record: 'auto',
  formats: RECORD_ALL,
  manualFormats: RECORD_ALL,
  isManualReported: false,
  screenshotSeconds: 0,
  retentionDays: 7,
  pushesMax: 100,
  callback: { url: SELF, key: 'try', ack: 'code' },
  playUrl: undefined,
  rtmpUrl: undefined,
};

/** Reads `--bypass`: `embedded`, or a JSON file with a list. */
export const readApps = (place: string | undefined): ReadonlyMap<number, LiveApp> => {
  if (place === undefined) return new Map();
  if (place === 'embedded') return new Map([[embeddedApp.bizid, embeddedApp]]);
  let text: string;
  try {
    text = readFileSync(place, 'utf8');
  } catch (cause) {
    throw new ShoalError('server/bad-config', { detail: 'the file of --bypass cannot be read', cause });
  }
  return appsOf(parseJson(text));
};

/** The apps of a parsed file. */
export const appsOf = (value: unknown): ReadonlyMap<number, LiveApp> => {
  const list = asList(value, APPS_MAX, asRecord);
  if (list === undefined) throw bad(`the file of --bypass is not a JSON list of at most ${APPS_MAX} apps`);
  const apps = new Map<number, LiveApp>();
  for (const fields of list) {
    const app = readApp(fields);
    if (apps.has(app.bizid)) throw bad(`--bypass has bizid ${app.bizid} twice`);
    apps.set(app.bizid, app);
  }
  return apps;
};

const bad = (detail: string): ShoalError => new ShoalError('server/bad-config', { detail });

type Fields = Readonly<Record<string, unknown>>;

const NAMES = [
  ...['bizid', 'appid', 'roomSecret', 'apiSecret', 'bypass', 'record', 'formats', 'manualFormats'],
  ...['manualReported', 'screenshotSeconds', 'retentionDays', 'pushesMax', 'callback', 'playUrl', 'rtmpUrl'],
];

const readApp = (fields: Fields): LiveApp => {
  const bizid = asWhole(fields.bizid, 0, 999_999_999);
  if (bizid === undefined) throw bad('an app of --bypass has no bizid');
  const unknown = Object.keys(fields).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw bad(`app ${bizid} has a field ${unknown}, which there is not`);
  const reader = new FieldReader(bizid, fields);
  const bypass = reader.starter('bypass');
  const record = reader.starter('record');
  return {
    bizid,
    appid: reader.whole('appid', { fallback: 0, least: 0, most: 9_999_999_999 }),
    roomSecret: reader.text('roomSecret', SECRET_MAX),
    apiSecret: reader.text('apiSecret', SECRET_MAX),
    bypass,
    record,
    formats: reader.whole('formats', {
      fallback: record === 'auto' ? capabilityOf(bypass, record).formats : 0,
      least: 0,
      most: RECORD_ALL,
    }),
    manualFormats: reader.whole('manualFormats', { fallback: RECORD_MP4, least: 0, most: RECORD_ALL }),
    isManualReported: reader.flag('manualReported'),
    screenshotSeconds: reader.whole('screenshotSeconds', { fallback: 0, least: 0, most: 86_400 }),
    retentionDays: reader.whole('retentionDays', { fallback: 30, least: 1, most: 36_500 }),
    pushesMax: reader.whole('pushesMax', { fallback: 1000, least: 1, most: 1_000_000 }),
    callback: reader.callback(),
    playUrl: reader.url('playUrl', /^https?:\/\//),
    rtmpUrl: reader.url('rtmpUrl', /^rtmps?:\/\//),
  };
};

interface Bounds {
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
}

/** Reads one app's fields and says which one is wrong. */
class FieldReader {
  constructor(
    private readonly bizid: number,
    private readonly fields: Fields,
  ) {}

  whole(name: string, { fallback, least, most }: Bounds): number {
    if (this.fields[name] === undefined) return fallback;
    return asWhole(this.fields[name], least, most) ?? this.#wants(name, `a whole number from ${least} to ${most}`);
  }

  text(name: string, most: number): string | undefined {
    if (this.fields[name] === undefined) return undefined;
    const text = asText(this.fields[name], most);
    return text === undefined || text === '' ? this.#wants(name, `a text of 1 to ${most} characters`) : text;
  }

  flag(name: string): boolean {
    const value = this.fields[name] ?? false;
    return typeof value === 'boolean' ? value : this.#wants(name, 'true or false');
  }

  starter(name: string): Starter {
    const value = this.fields[name] ?? 'auto';
    return starters.find((known) => known === value) ?? this.#wants(name, 'auto or manual');
  }

  /** Without a slash at the end. */
  url(name: string, form: RegExp): string | undefined {
    const text = this.text(name, URL_MAX);
    if (text === undefined) return undefined;
    return form.test(text) && URL.canParse(text) ? text.replace(/\/+$/, '') : this.#wants(name, 'an address');
  }

  callback(): CallbackTarget | undefined {
    if (this.fields.callback === undefined) return undefined;
    const { url, key, ack = 'code' } = asRecord(this.fields.callback) ?? {};
    const address = asText(url, URL_MAX);
    const secret = asText(key, SECRET_MAX);
    const isAddress =
      address === SELF || (address !== undefined && /^https?:\/\//.test(address) && URL.canParse(address));
    if (!isAddress || secret === undefined || secret === '' || (ack !== 'code' && ack !== 'status')) {
      return this.#wants('callback', 'url (http(s), or self), key, and ack if it is not code but status');
    }
    return { url: address, key: secret, ack };
  }

  #wants(name: string, what: string): never {
    throw bad(`app ${this.bizid}: ${name} wants ${what}`);
  }
}
