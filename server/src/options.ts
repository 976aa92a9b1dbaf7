// Every option of the server, once: its flags, its default, how its value is read and the line of the help. The type of
// the configuration follows from the table.

import { readFlagList, readSwitch, readText, readWebUrl, readWhole } from './option-values.ts';
import { readStunAddresses, type StunAddress } from './stun/stun-address.ts';

/** One option. */
export interface Option<T> {
  /** Long flag first. */
  readonly flags: readonly string[];
  /** What stands for the value in the help; a switch has none. */
  readonly value?: string;
  readonly help: string;
  readonly fallback: T;
  /** What is expected, for the sentence of an error. */
  readonly wants: string;
  /** True when the flag may be given several times; `read` then gets a list. */
  readonly many?: boolean;
  /** Takes a flag's text or a value of the configuration file; undefined when it cannot be used. */
  readonly read: (value: unknown) => T | undefined;
}

const option = <T>(shape: Option<T>): Option<T> => shape;

const text = (flags: readonly string[], value: string, help: string): Option<string | undefined> =>
  option<string | undefined>({ flags, value, help, fallback: undefined, wants: 'a text', read: readText });

interface WholeShape {
  readonly value: string;
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
}

const webUrl = (flags: readonly string[], value: string, help: string): Option<string | undefined> =>
  option<string | undefined>({ flags, value, help, fallback: undefined, wants: 'an http(s) URL', read: readWebUrl });

const whole = (flags: readonly string[], help: string, shape: WholeShape): Option<number> =>
  option({
    flags,
    value: shape.value,
    help,
    fallback: shape.fallback,
    wants: `a whole number from ${shape.least} to ${shape.most}`,
    read: readWhole(shape.least, shape.most),
  });

/** An ICE server offered to viewers. */
export interface IceEntry {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

const readSource = (entry: string): readonly [string, string] | undefined => {
  const [, name, value] = /^\/?([\w./~-]+)=(.+)$/.exec(entry) ?? [];
  return name === undefined || value === undefined ? undefined : [`/${name}`, value];
};

const readChoice =
  <T extends string>(choices: readonly T[]) =>
  (value: unknown): T | undefined =>
    choices.find((choice) => choice === value);

const readPublishKey = (entry: string): readonly [string, string] | undefined => {
  const [, name, key] = /^\/?([\w./~-]+|\*)=([\w.~-]{8,200})$/.exec(entry) ?? [];
  return name === undefined || key === undefined ? undefined : [name === '*' ? name : `/${name}`, key];
};

/** A rate that streams can also be had in: lines of the picture, and kbit/s of it. */
export interface RateEntry {
  readonly height: number;
  readonly kbps: number;
}

const readRate = (entry: string): readonly [string, RateEntry] | undefined => {
  const [, name, height, kbps] = /^([\w-]{1,20})=(\d{2,4}):(\d{2,6})$/.exec(entry) ?? [];
  if (name === undefined || name === 'aac' || Number(height) % 2 !== 0) return undefined;
  return [name, { height: Number(height), kbps: Number(kbps) }];
};

/** A port, or off. */
const readPort = (value: unknown): number | 'off' | undefined =>
  value === 'off' ? value : readWhole(0, 65_535)(value);

const readIce = (entry: string): readonly [string, IceEntry] | undefined => {
  const [urls = '', username, credential] = entry.split(',');
  if (!/^(stun|turns?):./.test(urls)) return undefined;
  const entryOf = { urls, ...(username === undefined ? {} : { username }) };
  return [urls, credential === undefined ? entryOf : { ...entryOf, credential }];
};

/** The table. */
export const OPTIONS = {
  upstream: text(
    ['--upstream', '-u'],
    '<origin host>',
    'where streams are pulled from: http(s)://host[:port][/path] or rtmp://host[:port]',
  ),
  keyUrl: webUrl(
    ['--key-url', '-k'],
    '<url>',
    'key service the origin reads codes from, such as http://host:8080/code/; its own unless given',
  ),
  port: whole(['--port', '-p'], 'port to listen on, 0 for any free one', {
    value: '<port>',
    fallback: 8080,
    least: 0,
    most: 65_535,
  }),
  linger: whole(['--linger', '-t'], 'seconds a stream is still pulled after its last viewer left', {
    value: '<s>',
    fallback: 10,
    least: 0,
    most: 86_400,
  }),
  logDir: text(
    ['--log-dir', '-d'],
    '<dir>',
    'directory for shoal-server.log (three files of 10 MB); standard error unless given',
  ),
  verbose: option({
    flags: ['--verbose', '-v'],
    help: 'log more',
    fallback: false,
    wants: 'on or off',
    read: readSwitch,
  }),
  host: option({
    flags: ['--host'],
    value: '<address>',
    help: 'address to listen on',
    fallback: '0.0.0.0',
    wants: 'an address',
    read: readText,
  }),
  path: option({
    flags: ['--path'],
    value: '<prefix>',
    help: 'path before every address of the server, such as /shoal',
    fallback: '',
    wants: 'a path such as /shoal',
    read: (value) => (typeof value === 'string' && /^(\/[\w~-][\w.~-]*)*$/.test(value) ? value : undefined),
  }),
  staticDir: text(['--static'], '<dir>', 'directory of files to serve beside the streams'),
  sources: option<Readonly<Record<string, string>>>({
    flags: ['--source'],
    value: '<name=where>',
    help: 'a stream of its own: where is embedded, an FLV file (looped), or an http(s):// or rtmp:// URL; may be repeated',
    fallback: {},
    wants: 'name=embedded, name=file.flv or name=url',
    many: true,
    read: readFlagList(readSource),
  }),
  publish: option<'off' | 'keys' | 'hook' | 'open'>({
    flags: ['--publish'],
    value: '<who>',
    help: 'who may push streams: off (nobody), keys (who has a key), hook (a key, or --hook lets them in), open (anybody)',
    fallback: 'keys',
    wants: 'off, keys, hook or open',
    read: readChoice(['off', 'keys', 'hook', 'open']),
  }),
  publishKeys: option<Readonly<Record<string, string>>>({
    flags: ['--publish-key'],
    value: '<name=key>',
    help: 'a key that lets in who pushes this stream, or any stream with * as its name; may be repeated',
    fallback: {},
    wants: 'name=key or *=key, the key of 8 to 200 letters, digits, dots and dashes',
    many: true,
    read: readFlagList(readPublishKey),
  }),
  publishSecret: text(
    ['--publish-secret'],
    '<text>',
    'what keys that expire are made from; a fresh one at each start unless given',
  ),
  secondPublisher: option<'refuse' | 'take-over'>({
    flags: ['--second-publisher'],
    value: '<what>',
    help: 'what becomes of who pushes a stream that is being pushed: refuse it, or let it take-over',
    fallback: 'refuse',
    wants: 'refuse or take-over',
    read: readChoice(['refuse', 'take-over']),
  }),
  publishMbps: whole(['--publish-mbps'], 'most a publisher may send, Mbit/s, averaged over seconds', {
    value: '<Mbit/s>',
    fallback: 50,
    least: 1,
    most: 10_000,
  }),
  publishSilence: whole(['--publish-silence'], 'seconds after which a publisher that sends nothing is dismissed', {
    value: '<s>',
    fallback: 10,
    least: 1,
    most: 600,
  }),
  rtmpPort: option<number | 'off'>({
    flags: ['--rtmp-port'],
    value: '<port>',
    help: 'take RTMP pushes and serve RTMP there, 1935 by custom, 0 for any free one',
    fallback: 'off',
    wants: 'a port or off',
    read: readPort,
  }),
  ffmpeg: option({
    flags: ['--ffmpeg'],
    value: '<program>',
    help: 'what makes other codecs and rates of a stream; off for none',
    fallback: 'ffmpeg',
    wants: 'a program or off',
    read: readText,
  }),
  rates: option<Readonly<Record<string, RateEntry>>>({
    flags: ['--rate'],
    value: '<name=lines:kbps>',
    help: 'a rate every stream can also be had in, as <stream>~<name>, made by ffmpeg while somebody watches; may be repeated',
    fallback: {},
    wants: 'name=lines:kbps such as low=360:600, an even number of lines',
    many: true,
    read: readFlagList(readRate),
  }),
  encrypt: option({
    flags: ['--encrypt'],
    value: '<on|off>',
    help: 'encrypt pieces',
    fallback: true,
    wants: 'on or off',
    read: readSwitch,
  }),
  seedFile: text(
    ['--seed-file'],
    '<file>',
    "the origin's 32-byte signing key, made if it is missing; a fresh key at each start unless given",
  ),
  rotate: whole(['--rotate'], 'seconds a content key is used', {
    value: '<s>',
    fallback: 3600,
    least: 10,
    most: 604_800,
  }),
  limitMbps: option({
    flags: ['--limit-mbps'],
    value: '<Mbit/s>',
    help: 'most the server sends in all, 0 for no limit',
    fallback: 0,
    wants: 'a number of Mbit/s',
    read: (value) => {
      const number = typeof value === 'string' && value !== '' ? Number(value) : value;
      return typeof number === 'number' && number >= 0 && number <= 1_000_000 ? number : undefined;
    },
  }),
  hook: webUrl(['--hook'], '<url>', 'URL asked by POST before a viewer is let in; 2xx lets it in'),
  admitBySource: option({
    flags: ['--admit-by-source'],
    value: '<on|off>',
    help: "ask the upstream by HEAD, with the viewer's query, before a viewer is let in",
    fallback: false,
    wants: 'on or off',
    read: readSwitch,
  }),
  trackerUrl: text(['--tracker-url'], '<url>', 'tracker named to viewers, when it is another server'),
  publicCodes: option({
    flags: ['--name-codes'],
    value: '<on|off>',
    help: 'name the key service to viewers, so that content keys travel only wrapped',
    fallback: false,
    wants: 'on or off',
    read: readSwitch,
  }),
  keySecret: text(['--key-secret'], '<text>', 'bearer secret sent to the key service of -k'),
  codePostSecret: text(
    ['--code-post-secret'],
    '<text>',
    'bearer secret needed for POST /code; anybody may unless given',
  ),
  codeGetSecret: text(
    ['--code-get-secret'],
    '<text>',
    'bearer secret needed for GET /code/<code>; only this machine may unless given',
  ),
  codeLife: whole(['--code-life'], 'seconds a code is good for', {
    value: '<s>',
    fallback: 86_400,
    least: 1,
    most: 31_536_000,
  }),
  ice: option<Readonly<Record<string, IceEntry>>>({
    flags: ['--ice'],
    value: '<url[,user,secret]>',
    help: 'STUN or TURN server named to viewers; may be repeated',
    fallback: {},
    wants: 'stun:host, or turn:host,user,secret',
    many: true,
    read: readFlagList(readIce),
  }),
  stun: option<readonly StunAddress[]>({
    flags: ['--stun'],
    value: '<ip[:port][,name]>',
    help: 'answer STUN there, by coturn, and name it to viewers; may be repeated',
    fallback: [],
    wants: 'an IP address, a port if it is not 3478, and the host viewers reach it by if it is another',
    many: true,
    read: readStunAddresses,
  }),
  windowSeconds: whole(['--window'], 'seconds of pieces kept for repairs', {
    value: '<s>',
    fallback: 20,
    least: 2,
    most: 600,
  }),
  windowMegabytes: whole(['--window-mb'], 'most memory for the pieces of one stream', {
    value: '<MB>',
    fallback: 64,
    least: 1,
    most: 4096,
  }),
  readerSeconds: whole(['--reader-seconds'], 'a reader this far behind is cut off', {
    value: '<s>',
    fallback: 8,
    least: 1,
    most: 120,
  }),
  readerMegabytes: whole(['--reader-mb'], 'a reader with this much waiting is cut off', {
    value: '<MB>',
    fallback: 8,
    least: 1,
    most: 256,
  }),
  maxStreams: whole(['--max-streams'], 'most streams at once', { value: '<n>', fallback: 64, least: 1, most: 10_000 }),
  maxViewers: whole(['--max-viewers'], 'most open stream connections', {
    value: '<n>',
    fallback: 10_000,
    least: 1,
    most: 1_000_000,
  }),
  maxPerAddress: whole(['--max-per-address'], 'most tracker connections of one address', {
    value: '<n>',
    fallback: 256,
    least: 1,
    most: 1_000_000,
  }),
} as const;

type Table = typeof OPTIONS;

/** The name of an option: its key in a configuration file and in the library. */
export type OptionName = keyof Table;

/** A whole configuration: every option has a value. */
export type ServerConfig = { readonly [Name in OptionName]: Table[Name] extends Option<infer T> ? T : never };

/** All names, in the order of the help. */
export const optionNames = Object.keys(OPTIONS) as readonly OptionName[];
