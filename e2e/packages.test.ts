// What a customer gets: both tarballs installed into fresh projects, built with Vite, with webpack and not at all, served
// by the packed server, and opened in Chromium until a frame is painted.

import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../tools/files.ts';
import { run } from '../tools/run.ts';
import { startChromium } from './fixtures/chromium.ts';
import { Complaints } from './fixtures/complaints.ts';

let work: string;
let sdkTarball: string;
let serverTarball: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'shoal-packages-'));
  sdkTarball = await pack('.');
  serverTarball = await pack('server');
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('the server package', () => {
  it('answers npx shoal-server -h', async () => {
    const customer = await project('help', {}, [serverTarball]);
    const help = await succeed('npx', ['shoal-server', '-h'], customer);
    for (const flag of ['-h', '-u', '-k', '-p', '-t', '-d', '-v', '--static']) expect(help).toContain(flag);
  });

  it('can be imported, and its types hold without our sources', async () => {
    const text = "import * as server from 'shoal-server';\nif (Object.keys(server).length === 0) process.exit(1);\n";
    const customer = await project('library', { 'main.mts': text, 'main.mjs': text }, [
      serverTarball,
      '@types/node@20',
    ]);
    await succeed('node', ['main.mjs'], customer);
    await succeed(
      'node',
      [tsc, ...strict, '--module', 'nodenext', '--lib', 'es2023', '--types', 'node', 'main.mts'],
      customer,
    );
  });
});

describe('the SDK package', () => {
  it('brings no other package along', async () => {
    const customer = await project('alone', {}, [sdkTarball]);
    expect(readdirSync(join(customer, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['shoal']);
  });

  it.each([
    ['bundler', 'preserve'],
    ['nodenext', 'nodenext'],
  ])('has types that hold under moduleResolution %s', async (resolution, module) => {
    const customer = await project(`types-${resolution}`, { 'main.mts': pageScript }, [sdkTarball]);
    const options = ['--module', module, '--moduleResolution', resolution, '--lib', 'es2023,dom', '--types', ''];
    await succeed('node', [tsc, ...strict, ...options, 'main.mts'], customer);
  });
});

describe('a page of the SDK paints a frame', { timeout: 300_000 }, () => {
  let site: string;
  let server: ChildProcess;
  let address: string;
  let browser: Browser;

  beforeAll(async () => {
    site = join(work, 'site');
    mkdirSync(site);
    const customer = await project('server', {}, [serverTarball]);
    const options = ['-p', '0', '--host', '127.0.0.1', '--source', 'live/demo=embedded', '--static', site];
    server = spawn(join(customer, 'node_modules/.bin/shoal-server'), options, { stdio: ['ignore', 'pipe', 'inherit'] });
    address = await firstAddress(server);
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser.close();
    server.kill();
  });

  it('built with Vite', async () => {
    const packages = [sdkTarball, `vite@${versionOf('vite')}`];
    const files = { 'index.html': pageWith('<script type="module" src="./main.ts"></script>'), 'main.ts': pageScript };
    const customer = await project('vite', files, packages);
    await succeed('npx', ['vite', 'build', '--base', './', '--outDir', join(site, 'vite')], customer);
    await expectFrame('vite/index.html');
  });

  it('built with webpack', async () => {
    const files = { 'src/index.js': pageScript, 'build.mjs': webpackScript(join(site, 'webpack')) };
    const customer = await project('webpack', files, [sdkTarball, 'webpack@5']);
    await succeed('node', ['build.mjs'], customer);
    writeFileSync(join(site, 'webpack/index.html'), pageWith('<script type="module" src="./main.js"></script>'));
    await expectFrame('webpack/index.html');
  });

  it('with one script tag', async () => {
    const customer = await project('plain', {}, [sdkTarball]);
    const script = pageScript.replace(/^import.*$/m, 'const { createPlayer } = Shoal;');
    const tags = `<script src="./shoal.global.js"></script>\n<script>${script}</script>`;
    write(site, { 'plain/index.html': pageWith(tags) });
    cpSync(join(customer, 'node_modules/shoal/dist/shoal.global.js'), join(site, 'plain/shoal.global.js'));
    await expectFrame('plain/index.html');
  });

  it('with the ES module as it is', async () => {
    const customer = await project('module', {}, [sdkTarball]);
    const script = pageScript.replace("'shoal'", "'./dist/shoal.js'");
    write(site, { 'module/index.html': pageWith(`<script type="module">${script}</script>`) });
    cpSync(join(customer, 'node_modules/shoal/dist'), join(site, 'module/dist'), { recursive: true });
    await expectFrame('module/index.html');
  });

  /** Opens a page until its video shows a picture with more than one colour, and wants no word in the console. */
  async function expectFrame(path: string): Promise<void> {
    const context = await browser.newContext();
    const complaints = new Complaints();
    complaints.listenTo(context, path);
    const page = await context.newPage();
    await page.goto(`${address}/${path}`);
    await page.waitForFunction(picturePainted, undefined, { timeout: 20_000 }).catch((error: Error) => {
      complaints.add(path, `no picture: ${error.message}`);
    });
    expect(complaints.undeclared()).toEqual([]);
    await context.close();
  }
});

/** Runs in the page. */
function picturePainted(): boolean {
  const video = document.querySelector('video') as HTMLVideoElement;
  const context = document.createElement('canvas').getContext('2d');
  if (context === null || video.videoWidth === 0) return false;
  context.drawImage(video, 0, 0, 64, 36);
  const pixels = new Uint32Array(context.getImageData(0, 0, 64, 36).data.buffer);
  return new Set(pixels).size > 16;
}

/** Packs a package the way it would be published and returns the tarball's path. */
async function pack(folder: string): Promise<string> {
  const to = join(work, folder === '.' ? 'sdk-tarball' : 'server-tarball');
  mkdirSync(to);
  await succeed('npm', ['pack', '--pack-destination', to], join(projectRoot, folder));
  return join(to, readdirSync(to)[0] as string);
}

/** A fresh project of a customer with the given files and packages. */
async function project(name: string, files: Readonly<Record<string, string>>, packages: string[]): Promise<string> {
  const folder = join(work, name);
  const described = JSON.stringify({ name: `customer-${name}`, private: true, type: 'module' });
  write(folder, { 'package.json': described, ...files });
  await succeed('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], folder);
  return folder;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Runs a program and shows what it said if it fails. */
async function succeed(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await run(program, args, cwd);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

/** The first address that a server prints. */
function firstAddress(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const address = /http:\/\/[\d.]+:\d+/.exec(output)?.[0];
      if (address !== undefined) resolve(address);
    });
    server.on('exit', () => reject(new Error(`the server ended: ${output}`)));
  });
}

function versionOf(name: string): string {
  const file = join(projectRoot, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

const pageWith = (scripts: string): string =>
  `<!doctype html>\n<link rel="icon" href="data:," />\n<video autoplay muted playsinline></video>\n${scripts}\n`;

const pageScript = `import { createPlayer } from 'shoal';
const video = document.querySelector('video');
if (video === null) throw new Error('no video');
const player = createPlayer({ url: new URL('/live/demo.flv', location.href).href, video });
addEventListener('pagehide', () => player.destroy());
`;

const webpackScript = (to: string): string => `import webpack from 'webpack';
webpack({ mode: 'production', output: { path: ${JSON.stringify(to)} } }, (error, stats) => {
  if (!error && !stats.hasErrors()) return;
  console.error(error ?? stats.toString());
  process.exitCode = 1;
});
`;

const tsc = join(projectRoot, 'node_modules/typescript/bin/tsc');
const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--ignoreConfig'];
