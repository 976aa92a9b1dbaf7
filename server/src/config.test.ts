import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { completeConfig, helpText, readCommandLine } from './config.ts';
import { OPTIONS, optionNames } from './options.ts';

const read = (...args: string[]) => {
  const wish = readCommandLine(args);
  if (wish.kind !== 'run') throw new Error(wish.kind);
  return wish.config;
};

test('every option has its default', () => {
  const config = read();
  for (const name of optionNames) expect(config[name]).toEqual(OPTIONS[name].fallback);
});

test("the seed system's letters are understood", () => {
  const config = read('-u', 'http://up:9188', '-k', 'http://keys/code/', '-p', '0', '-t', '7', '-d', '/tmp/logs', '-v');
  expect(config).toMatchObject({
    upstream: 'http://up:9188',
    keyUrl: 'http://keys/code/',
    port: 0,
    linger: 7,
    logDir: '/tmp/logs',
    verbose: true,
  });
});

test('long names, with a space or an equals sign, and repeated ones', () => {
  const config = read(
    '--port=99',
    '--limit-mbps',
    '2.5',
    '--source',
    'live/a=embedded',
    '--source=/live/b=b.flv',
    '--encrypt',
    'off',
  );
  expect(config).toMatchObject({ port: 99, limitMbps: 2.5, encrypt: false });
  expect(config.sources).toEqual({ '/live/a': 'embedded', '/live/b': 'b.flv' });
});

test('a configuration file is read by either spelling, and flags win over it', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'shoal-')), 'config.json');
  writeFileSync(
    file,
    JSON.stringify({
      port: 1,
      'limit-mbps': 10,
      codeLife: 60,
      sources: { 'live/x': 'embedded' },
      ice: { 'turn:t': { urls: 'turn:t', username: 'u', credential: 'c' } },
    }),
  );
  const config = read('--config', file, '-p', '2');
  expect(config).toMatchObject({ port: 2, limitMbps: 10, codeLife: 60, sources: { '/live/x': 'embedded' } });
  expect(config.ice).toEqual({ 'turn:t': { urls: 'turn:t', username: 'u', credential: 'c' } });
});

test.each([
  [['--port', 'abc'], /--port wants a whole number from 0 to 65535/],
  [['--port', '70000'], /--port wants/],
  [['--port'], /--port wants/],
  [['--encrypt', 'maybe'], /--encrypt wants on or off/],
  [['--source', 'nonsense'], /--source wants name=/],
  [['--path', 'no-slash'], /--path wants a path/],
  [['--hook', 'nowhere'], /--hook wants an http/],
  [['--key-url', 'ftp://x/'], /--key-url wants/],
  [['--what'], /no option --what/],
  [['stray'], /no option stray/],
  [['--config', '/nowhere.json'], /--config cannot be read/],
])('%j is refused in one sentence', (args, sentence) => {
  expect(() => readCommandLine(args)).toThrow(expect.objectContaining({ code: 'server/bad-config' }));
  expect(() => readCommandLine(args)).toThrow(sentence);
});

test('a library call is checked like a command line', () => {
  expect(() => completeConfig({ port: -1 })).toThrow(/--port wants/);
  expect(() => completeConfig({ prot: 1 })).toThrow(/no option prot/);
});

test('the help names every flag and every default', () => {
  const help = helpText();
  for (const name of optionNames) for (const flag of OPTIONS[name].flags) expect(help).toContain(flag);
  expect(help).toContain('(86400)');
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(160);
});

test('-h asks for help and --version for the version', () => {
  expect(readCommandLine(['-h']).kind).toBe('help');
  expect(readCommandLine(['-p', '1', '--help']).kind).toBe('help');
  expect(readCommandLine(['--version']).kind).toBe('version');
});

test('the command line exits with 2 and one sentence when it cannot be used', () => {
  const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
  const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [tsx, cli, '--port', 'x'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toBe(
    'The server configuration is not valid; the detail names the option. (--port wants a whole number from 0 to 65535)\n',
  );
  const source = spawnSync(process.execPath, [tsx, cli, '-p', '0', '-u', 'ftp://x'], { encoding: 'utf8' });
  expect(source.status).toBe(2);
});
