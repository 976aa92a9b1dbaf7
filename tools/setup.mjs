// Makes a fresh machine ready: npm packages, a Rust that can build the byte core, Chromium and ffmpeg for the tests,
// and the byte core itself. `npm start` and `npm test` run it by themselves. It says what it does, does nothing twice,
// and where it may not install something it prints the one line to type.
//
// node tools/setup.mjs [start|test]: `start` leaves out what only tests need.

import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { argv, env, execPath, exit, versions } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  canInstall,
  findChromium,
  findFirefox,
  findHeadlessShell,
  findProgram,
  hasDebianWasm,
  hasModernRust,
  hasWasmTarget,
  missingPackages,
  quietly,
} from './machine.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Debian's current Rust and what builds its standard library for WebAssembly. */
const debianRust = ['cargo-web', 'rustc-web', 'rust-web-src', 'lld'];

/** Programs of the network lab, and the packages they come in. */
/** @type {readonly (readonly [string, string])[]} */
const labPrograms = [
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
  ['conntrack', 'conntrack'],
  ['sysctl', 'procps'],
  ['dnsmasq', 'dnsmasq-base'],
  ['turnserver', 'coturn'],
];

/** Programs of the tests of many servers, and the packages they come in. */
/** @type {readonly (readonly [string, string])[]} */
const clusterPrograms = [
  ['redis-server', 'redis-server'],
  ['nginx', 'nginx'],
];

/** Stops the setup with a reason that tells the reader what to do. */
class Unready extends Error {}

/**
 * Everything that `purpose` needs, in order.
 * @param {'start' | 'test'} purpose
 */
export function setUp(purpose) {
  needNode();
  needPackages();
  needRust();
  if (purpose === 'test') {
    needTestPrograms();
    needFirefox();
    needHeadlessShell();
    needLabPrograms();
    needClusterPrograms();
  }
  needByteCore();
}

function needNode() {
  const [major = 0, minor = 0] = versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Unready(`Node ${versions.node} is too old: 20.19 is needed`);
}

function needPackages() {
  const missing = missingPackages(root);
  if (missing.length === 0) return;
  say(`${missing.length} npm packages are missing: npm ci`);
  visibly('npm', ['ci', '--no-audit', '--no-fund']);
}

function needRust() {
  if (!hasModernRust()) {
    const line = 'Rust 1.85 or newer is needed; type: curl https://sh.rustup.rs -sSf | sh';
    if (!canInstall()) throw new Unready(line);
    say('Rust is missing or too old');
    installPackages(debianRust);
    if (!hasModernRust()) throw new Unready(line);
  }
  if (findProgram(['cc']) === undefined) {
    say('a linker is missing');
    installPackages(['gcc', 'libc6-dev']);
  }
  if (hasWasmTarget() || hasDebianWasm()) return;
  if (findProgram(['rustup']) !== undefined) {
    say('the Rust target for WebAssembly is missing: rustup target add wasm32-unknown-unknown');
    if (quietly('rustup', ['target', 'add', 'wasm32-unknown-unknown']).status === 0 && hasWasmTarget()) return;
    say('rustup could not add it; the distribution has a compiler that can');
  }
  installPackages(debianRust);
  if (!hasDebianWasm()) throw new Unready(`${debianRust.join(' ')} do not provide a WebAssembly compiler`);
}

function needTestPrograms() {
  const packages = [];
  if (findChromium() === undefined) packages.push('chromium');
  if (findProgram(['ffmpeg']) === undefined || findProgram(['ffprobe']) === undefined) packages.push('ffmpeg');
  if (packages.length === 0) return;
  say(`${packages.join(' and ')} missing, needed by the tests`);
  installPackages(packages);
}

/** Without Firefox the tests that need it are counted as not run. */
function needFirefox() {
  if (!canInstall() || findFirefox() !== undefined) return;
  say('firefox-esr missing, needed by the tests of Firefox beside Chromium');
  tryPackage('firefox-esr', 'these tests will not run');
}

/** Without it benches of many tabs use the whole Chromium. */
function needHeadlessShell() {
  if (!canInstall() || findHeadlessShell() !== undefined) return;
  say('chromium-headless-shell missing, in which benches open their tabs');
  tryPackage('chromium-headless-shell', 'they will open them in Chromium');
}

/**
 * Not every distribution that has apt has every package.
 * @param {string} name
 * @param {string} otherwise
 */
function tryPackage(name, otherwise) {
  try {
    installPackages([name]);
  } catch (error) {
    if (!(error instanceof Unready)) throw error;
    say(`${error.message}, so ${otherwise}`);
  }
}

/** Tests with NATs of their own need root; anybody else reads at the end which tests did not run, and why. */
function needLabPrograms() {
  if (!canInstall()) return;
  const packages = labPrograms.filter(([program]) => findProgram([program]) === undefined).map(([, name]) => name);
  if (packages.length === 0) return;
  say(`${packages.join(' and ')} missing, needed by the tests behind NATs`);
  installPackages(packages);
  // The package starts a server for everybody; the tests start their own where nobody else sees it.
  if (packages.includes('coturn')) quietly('systemctl', ['disable', '--now', 'coturn']);
}

/** Like those of the lab: without them the tests that need them are counted as not run. */
function needClusterPrograms() {
  if (!canInstall()) return;
  const packages = clusterPrograms.filter(([program]) => findProgram([program]) === undefined).map(([, name]) => name);
  if (packages.length === 0) return;
  say(`${packages.join(' and ')} missing, needed by the tests of many servers`);
  // The packages start servers for everybody; the tests start their own.
  installPackages(packages);
  for (const name of packages) quietly('systemctl', ['disable', '--now', name]);
}

function needByteCore() {
  visibly(execPath, ['node_modules/tsx/dist/cli.mjs', 'tools/build.ts', '--wasm']);
}

/**
 * Installs with apt where that needs no question, otherwise stops with the line to type.
 * @param {readonly string[]} packages
 */
function installPackages(packages) {
  const line = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!canInstall()) throw new Unready(`type: sudo ${line}`);
  say(line);
  env.DEBIAN_FRONTEND = 'noninteractive';
  visibly('apt-get', ['update', '-qq']);
  visibly('apt-get', line.split(' ').slice(1));
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function visibly(program, args) {
  const { status } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Unready(`${program} ${args.join(' ')} failed`);
}

/**
 * @param {string} text
 */
function say(text) {
  console.log(`setup: ${text}`);
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  try {
    setUp(argv[2] === 'start' ? 'start' : 'test');
    say('ready');
  } catch (error) {
    if (!(error instanceof Unready)) throw error;
    console.error(`setup: ${error.message}`);
    exit(1);
  }
}
