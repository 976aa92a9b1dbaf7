// From a command line, a configuration file or a library call to a whole configuration. What cannot be used is an error
// of one sentence that names the option.

import { readFileSync } from 'node:fs';
import { ShoalError } from '../../src/errors.ts';
import { asRecord, parseJson } from '../../src/wire/json.ts';
import type { Option } from './option-shapes.ts';
import { OPTIONS, type OptionName, optionNames, type ServerConfig } from './options.ts';

/** What a command line asks for. */
export type Wish =
  | { readonly kind: 'run'; readonly config: ServerConfig }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

const bad = (detail: string): ShoalError => new ShoalError('server/bad-config', { detail });

const optionOf = (name: OptionName): Option<unknown> => OPTIONS[name];

/** Checks values under their names and fills in the defaults. */
export const completeConfig = (given: Readonly<Record<string, unknown>>): ServerConfig => {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown !== undefined) throw bad(`there is no option ${unknown}`);
  const config: Partial<Record<OptionName, unknown>> = {};
  for (const name of optionNames) {
    const option = optionOf(name);
    const value = given[name];
    config[name] = value === undefined ? option.fallback : option.read(value);
    if (value !== undefined && config[name] === undefined) throw bad(`${option.flags[0]} wants ${option.wants}`);
  }
  return config as ServerConfig;
};

/** Reads a command line (without program and script). */
export const readCommandLine = (args: readonly string[]): Wish => {
  const given: Record<string, unknown> = {};
  let file: Readonly<Record<string, unknown>> = {};
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [flag = '', inline] = splitFlag(arg);
    if (flag === '-h' || flag === '--help') return { kind: 'help' };
    if (flag === '--version') return { kind: 'version' };
    const take = (wants: string): string => {
      const value = inline ?? rest.shift();
      if (value === undefined) throw bad(`${flag} wants ${wants}`);
      return value;
    };
    if (flag === '--config') file = readConfigFile(take('a file'));
    else setFlag(given, flag, take);
  }
  return { kind: 'run', config: completeConfig({ ...file, ...given }) };
};

const splitFlag = (arg: string): readonly (string | undefined)[] => {
  const at = arg.startsWith('--') ? arg.indexOf('=') : -1;
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
};

const setFlag = (given: Record<string, unknown>, flag: string, take: (wants: string) => string): void => {
  const name = optionNames.find((known) => optionOf(known).flags.includes(flag));
  if (name === undefined) throw bad(`there is no option ${flag}; --help lists them`);
  const option = optionOf(name);
  if (option.value === undefined) given[name] = true;
  else if (option.many === true) given[name] = [...((given[name] as string[] | undefined) ?? []), take(option.wants)];
  else given[name] = take(option.wants);
};

const readConfigFile = (path: string): Readonly<Record<string, unknown>> => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ShoalError('server/bad-config', { detail: `the file of --config cannot be read`, cause });
  }
  const fields = asRecord(parseJson(text));
  if (fields === undefined) throw bad('the file of --config is not a JSON object');
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [nameOfKey(key), value]));
};

/** `limitMbps`, or `limit-mbps` as on the command line. */
const nameOfKey = (key: string): string => optionNames.find((name) => optionOf(name).flags.includes(`--${key}`)) ?? key;

/** The text of `--help`, made from the table. */
export const helpText = (): string => {
  const lines = optionNames.map((name) => {
    const { flags, value, help, fallback } = optionOf(name);
    const usual = typeof fallback === 'object' || fallback === undefined || fallback === '' || value === undefined;
    const shown = typeof fallback === 'boolean' ? (fallback ? 'on' : 'off') : String(fallback);
    return helpLine([...flags].reverse().join(', '), value, usual ? help : `${help} (${shown})`);
  });
  return [
    'shoal-server: origin, tracker and key service in one process.',
    '',
    'Without -u and --source it serves its sample as /live/demo.',
    '',
    ...lines,
    helpLine('--config', '<file.json>', 'the same options as JSON, by their long names; flags win'),
    helpLine('-h, --help', undefined, 'this text'),
    helpLine('--version', undefined, 'the version'),
    '',
  ].join('\n');
};

const helpLine = (flags: string, value: string | undefined, help: string): string => {
  const left = `  ${flags}${value === undefined ? '' : ` ${value}`}`;
  return left.length < 36 ? `${left.padEnd(36)}${help}` : `${left}\n${' '.repeat(36)}${help}`;
};
