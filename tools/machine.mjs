// What this machine has and how to get what it lacks. Needs nothing but Node, since it runs before npm install.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The first of the named programs that is on the PATH.
 * @param {readonly string[]} names
 * @param {string} [path]
 * @returns {string | undefined}
 */
export function findProgram(names, path = process.env.PATH ?? '') {
  for (const name of names) {
    for (const folder of path.split(delimiter)) {
      const file = join(folder, name);
      if (folder !== '' && isExecutable(file)) return file;
    }
  }
  return undefined;
}

/**
 * @param {string} file
 */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The system's Chromium; SHOAL_CHROMIUM overrides the search.
 * @returns {string | undefined}
 */
export function findChromium() {
  return (
    process.env.SHOAL_CHROMIUM ?? findProgram(['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'])
  );
}

/**
 * Chromium without a window and what belongs to one, as Playwright brings it too: opening a page takes it a quarter of the
 * processor time. SHOAL_CHROMIUM overrides this search too.
 * @returns {string | undefined}
 */
export function findHeadlessShell() {
  return process.env.SHOAL_CHROMIUM ?? findProgram(['chromium-headless-shell', 'chrome-headless-shell']);
}

/**
 * The system's Firefox; SHOAL_FIREFOX overrides the search.
 * @returns {string | undefined}
 */
export function findFirefox() {
  return process.env.SHOAL_FIREFOX ?? findProgram(['firefox-esr', 'firefox']);
}

/**
 * True when cargo and rustc are there and know the edition the byte core is written in.
 */
export function hasModernRust() {
  return ['cargo', 'rustc'].every((program) => {
    const [, minor] = /^\w+ 1\.(\d+)\./.exec(quietly(program, ['--version']).stdout) ?? [];
    return minor !== undefined && Number(minor) >= 85;
  });
}

/**
 * True when the compiler that cargo would use has the standard library for wasm32-unknown-unknown.
 * @param {string} compiler
 */
export function hasWasmTarget(compiler = process.env.RUSTC ?? 'rustc') {
  const { status, stdout } = quietly(compiler, ['--print', 'target-libdir', '--target', 'wasm32-unknown-unknown']);
  return status === 0 && existsSync(stdout.trim());
}

/**
 * True when Debian's compiler with sources for building the standard library is there, with its cargo and linker.
 */
export function hasDebianWasm() {
  if (findProgram(['wasm-ld']) === undefined || !['/usr/bin/rustc', '/usr/bin/cargo'].every(isExecutable)) return false;
  const { status, stdout } = quietly('/usr/bin/rustc', ['--print', 'sysroot']);
  return status === 0 && existsSync(join(stdout.trim(), 'lib/rustlib/src/rust/library/std/Cargo.toml'));
}

/**
 * Runs a program and keeps its output; a program that is not there counts as failed.
 * @param {string} program
 * @param {readonly string[]} args
 */
export function quietly(program, args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return { status: status ?? 1, stdout: stdout ?? '' };
}

/**
 * True on Debian, Ubuntu and what calls itself like them.
 * @param {string} [release] text of /etc/os-release
 */
export function isDebianLike(release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '') {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
}

/** True when packages can be installed without asking anybody. */
export function canInstall() {
  return process.getuid?.() === 0 && isDebianLike() && findProgram(['apt-get']) !== undefined;
}

/**
 * The packages of package-lock.json that node_modules lacks or has in another version, by the record npm keeps of what
 * it installed. Optional ones may be missing: they belong to other platforms.
 * @param {string} root
 * @returns {string[]}
 */
export function missingPackages(root) {
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  const missing = [];
  for (const [path, wanted] of Object.entries(readPackages(join(root, 'package-lock.json')))) {
    if (!path.startsWith('node_modules/') || wanted.link) continue;
    const present = installed[path];
    if (present === undefined ? !wanted.optional : present.version !== wanted.version) missing.push(path);
  }
  return missing;
}

/**
 * @param {string} file
 * @returns {Record<string, {version?: string, link?: boolean, optional?: boolean}>}
 */
function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}
