// The unit and the container file, as far as they can be tried without installing them: what parses them accepts them, the
// server accepts what they tell it, and it does with the rights they leave it.

import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath, getuid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { expect, onTestFinished, test } from 'vitest';
import { readCommandLine } from '../src/config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const shipped = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'shoal-service-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

const hasSystemd = spawnSync('systemd-analyze', ['--version']).error === undefined;
const withSystemd = (name: string, body: () => void): void =>
  hasSystemd ? test(name, body) : test.skip('systemd unit: systemd-analyze is not installed', body);

const unit = shipped('shoal-server.service');
const settingsOf = (name: string): string[] =>
  unit
    .split('\n')
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => line.slice(name.length + 1));

/** The unit with programs that are here, in a folder of its own. */
const unitHere = (change: (text: string) => string = (text) => text): string => {
  const path = join(folder(), 'shoal-server.service');
  expect(unit).toContain('ExecStart=/usr/bin/node ');
  const here = unit.replace('/usr/bin/node ', `${execPath} `);
  writeFileSync(path, change(here));
  return path;
};

withSystemd('systemd finds nothing to object to in the unit, and does in a broken one', () => {
  const verify = (path: string) => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    // What it says about other units of the machine is not about ours.
    return { status, said: stderr.split('\n').filter((line) => line.includes('shoal-server')) };
  };
  expect(verify(unitHere())).toEqual({ status: 0, said: [] });
  const broken = verify(unitHere((text) => text.replace('ProtectSystem=strict', 'ProtectSystem=strictly')));
  expect(broken.said.join()).toContain('strictly');
});

withSystemd('the unit leaves little to attack', () => {
  const rate = (path: string) =>
    spawnSync('systemd-analyze', ['security', '--offline=yes', '--threshold=25', '--no-pager', path], {
      encoding: 'utf8',
    });
  const rated = rate(unitHere());
  expect(rated.status, rated.stdout).toBe(0);
  expect(rate(unitHere((text) => text.replace(/^(Protect|Private|Restrict|Capability|System).*$/gm, ''))).status).toBe(
    1,
  );
});

test('the unit runs as a user of its own, and what it tells the server is understood', () => {
  expect(settingsOf('DynamicUser')).toEqual(['yes']);
  expect(settingsOf('User')).toEqual([]);
  const place = folder();
  writeFileSync(join(place, 'server.json'), '{"upstream":"http://source.example.com"}');
  const [start = ''] = settingsOf('ExecStart');
  const [node, script, ...flags] = start.replaceAll(['${', 'CREDENTIALS_DIRECTORY}'].join(''), place).split(' ');
  expect([node, script]).toEqual(['/usr/bin/node', '/opt/shoal/node_modules/shoal-server/dist/cli.js']);
  const wish = readCommandLine(flags);
  if (wish.kind !== 'run') throw new Error(wish.kind);
  expect(wish.config).toMatchObject({ upstream: 'http://source.example.com', seedFile: '/var/lib/shoal/origin.seed' });
  expect(wish.config.accountsDir).toBe('/var/lib/shoal/accounts');
});

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const instructions = (): Instruction[] =>
  shipped('Containerfile')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      return { name, rest };
    });

test('a reader of container files finds nothing to object to, and does in broken ones', () => {
  const file = shipped('Containerfile');
  const objections = (text: string): string[] =>
    validate(text).map(({ message }) => (typeof message === 'string' ? message : message.value));
  expect(objections(file)).toEqual([]);
  for (const [whole, broken] of [
    ['USER 10001', 'USERS 10001'],
    ['--interval=10s', '--interval=soon'],
    ['EXPOSE 8080', 'EXPOSE http'],
    ['FROM node', 'FRUM node'],
  ] as const) {
    expect(file).toContain(whole);
    expect(objections(file.replace(whole, broken)), broken).not.toEqual([]);
  }
});

test('the container file ends as a user without rights, and starts what the package has', () => {
  const all = instructions();
  expect(all[0]?.name).toBe('FROM');
  const at = (wanted: string): number => all.findIndex(({ name }) => name === wanted);
  expect(all[at('USER')]?.rest).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
  expect(at('USER')).toBeLessThan(at('ENTRYPOINT'));
  expect(all.slice(at('USER')).some(({ name }) => name === 'RUN' || name === 'COPY')).toBe(false);
  const entry = JSON.parse(all[at('ENTRYPOINT')]?.rest ?? '') as string[];
  const { bin } = JSON.parse(readFileSync(join(root, 'server/package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  expect(entry).toEqual(['node', `node_modules/shoal-server/${bin['shoal-server']?.slice(2)}`]);
  const wish = readCommandLine(JSON.parse(all[at('CMD')]?.rest ?? '') as string[]);
  expect(wish).toMatchObject({ kind: 'run', config: { port: Number(all[at('EXPOSE')]?.rest) } });
  const health = /CMD (\[.+\])$/.exec(all[at('HEALTHCHECK')]?.rest ?? '')?.[1] ?? '';
  expect(JSON.parse(health)).toHaveLength(3);
});

/** The built server in a folder of its own with all it needs beside it, as npm would have put it there. */
const installIn = (place: string): string => {
  const modules = join(root, 'node_modules');
  const install = (name: string, from: string, parts: readonly string[]): void => {
    const to = join(place, 'node_modules', name);
    for (const part of parts) cpSync(join(from, part), join(to, part), { recursive: true });
    const { dependencies = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as {
      readonly dependencies?: Readonly<Record<string, string>>;
    };
    for (const needed of Object.keys(dependencies)) install(needed, join(modules, needed), ['.']);
  };
  install('shoal-server', join(root, 'server'), ['package.json', 'dist']);
  return join(place, 'node_modules/shoal-server/dist/cli.js');
};

test('with the user, the command and the health check of the container file a server serves, and keeps its key and accounts to itself', async () => {
  const place = folder();
  const state = join(place, 'state');
  mkdirSync(state);
  // This checkout may lie where only its owner may look.
  const cli = installIn(place);
  // As root the test takes the rights away; anybody else has none to begin with.
  const isRoot = getuid?.() === 0;
  const rest = (wanted: string): string => instructions().find(({ name }) => name === wanted)?.rest ?? '';
  const [uid = 0, gid = 0] = rest('USER').split(':').map(Number);
  const user = isRoot ? { uid, gid } : {};
  // As in the image the program is root's, and only where the state goes may it write.
  chmodSync(place, 0o755);
  if (isRoot) chownSync(state, uid, gid);
  const [seed, accounts] = [join(state, 'origin.seed'), join(state, 'accounts')];
  const told = (JSON.parse(rest('CMD')) as string[]).map((word) => word.replace(rest('VOLUME'), state));
  const flags = [...told, '--host', '127.0.0.1', '--port', '0'];
  const child = spawn(execPath, [cli, ...flags, '--rtmp-port', 'off'], {
    cwd: state,
    env: { PATH: process.env.PATH, TMPDIR: state, HOME: state },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (text: Buffer): void => {
      said += text.toString();
      const found = /stream +(http:\/\/[\d.]+:\d+)\//.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void exited.then((code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  const health = JSON.parse(/CMD (\[.+\])$/.exec(rest('HEALTHCHECK'))?.[1] ?? '') as string[];
  const checks = (port: string): number | null =>
    spawnSync(
      execPath,
      health.slice(1).map((word) => word.replace(':8080', `:${port}`)),
    ).status;
  expect([checks(new URL(url).port), checks('1')]).toEqual([0, 1]);
  const stream = await fetch(`${url}/live/demo.flv`);
  expect((await stream.body?.getReader().read())?.done).toBe(false);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  for (const path of [seed, join(accounts, 'accounts.jsonl')]) {
    expect(statSync(path).mode & 0o077, path).toBe(0);
    if (isRoot) expect(statSync(path).uid).toBe(uid);
  }
});
