// Builds the byte core: `node wasm/build.mjs` writes wasm/dist/shoal.wasm for viewers and servers and
// wasm/dist/shoal-writer.wasm for publishers, or says that nothing changed. The compiler is rustup's when it has the
// wasm32 target, else Debian's rustc-web with its standard library built from source. What comes out is held to the
// contract: these exports, no imports, a size limit.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const ROOM = dirname(fileURLToPath(import.meta.url));
const DIST = join(ROOM, 'dist');
const STAMP = join(DIST, 'shoal.stamp');
const TARGET = 'wasm32-unknown-unknown';

/** What is built; the list of exports has its home in the NAMES of the TypeScript file that calls them. */
const BUILDS = [
  { out: 'shoal.wasm', features: [], names: 'linear.ts', gzipBytesMax: 60 * 1024 },
  { out: 'shoal-writer.wasm', features: ['--features', 'writer'], names: 'flv-writer.ts', gzipBytesMax: 16 * 1024 },
];

/** Debian's compiler has no ready standard library for wasm32; its own one is built from rust-web-src. */
const DEBIAN = {
  RUSTC: '/usr/bin/rustc',
  RUSTC_BOOTSTRAP: '1',
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: 'wasm-ld',
};

/** The ways to build, best first. */
const WAYS = [
  {
    name: 'rustup target',
    usable: () => answers('rustc', ['--print', 'target-libdir', '--target', TARGET], (dir) => existsSync(dir)),
    cargo: 'cargo',
    flags: [],
    env: {},
  },
  {
    name: 'rustup target, installed just now',
    usable: () => answers('rustup', ['target', 'add', TARGET], () => true),
    cargo: 'cargo',
    flags: [],
    env: {},
  },
  {
    name: 'Debian rustc-web with -Zbuild-std',
    usable: () =>
      existsSync('/usr/bin/rustc') &&
      answers('/usr/bin/rustc', ['--print', 'sysroot'], (root) =>
        existsSync(join(root, 'lib/rustlib/src/rust/library/Cargo.lock')),
      ) &&
      answers('wasm-ld', ['--version'], () => true),
    cargo: '/usr/bin/cargo',
    flags: ['-Zbuild-std=std,panic_abort'],
    env: DEBIAN,
  },
];

const NO_WAY =
  'No Rust compiler for wasm32-unknown-unknown. Either: rustup target add wasm32-unknown-unknown\n' +
  'or, on Debian and Ubuntu: apt-get install -y rustc-web rust-web-src cargo-web lld';

function main() {
  const stamp = fingerprint();
  const made = BUILDS.map(({ out }) => join(DIST, out));
  if (made.every(existsSync) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) {
    console.log(`byte core: nothing changed, ${made.map((file) => describe(readFileSync(file))).join('; ')}`);
    return;
  }
  const only = process.env.SHOAL_WASM_WAY;
  const ways = only === undefined ? WAYS : WAYS.filter((way) => way.name.startsWith(only));
  for (const way of ways) {
    if (!way.usable()) continue;
    if (BUILDS.every((one) => make(way, one))) {
      writeFileSync(STAMP, stamp);
      return;
    }
    console.log(`byte core: the way "${way.name}" failed, trying the next`);
  }
  console.error(NO_WAY);
  process.exitCode = 1;
}

function make(way, { out, features, names, gzipBytesMax }) {
  const started = Date.now();
  const built = build(way, features);
  if (built === undefined) return false;
  const optimised = optimise(built);
  check(optimised.bytes, names, gzipBytesMax);
  mkdirSync(DIST, { recursive: true });
  writeFileSync(join(DIST, out), optimised.bytes);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`byte core: ${out} by ${way.name}${optimised.by} in ${seconds} s, ${describe(optimised.bytes)}`);
  return true;
}

/** Whether a command runs and what it prints pleases. */
function answers(command, args, pleases) {
  const { status, stdout } = spawnSync(command, args, { cwd: ROOM, encoding: 'utf8' });
  return status === 0 && pleases(stdout.trim());
}

function build({ cargo, flags, env }, features) {
  const target = join(ROOM, 'target', flags.length === 0 ? 'wasm' : 'wasm-std');
  const args = [
    'build',
    '--release',
    '--lib',
    '--locked',
    '--target',
    TARGET,
    '--target-dir',
    target,
    ...flags,
    ...features,
  ];
  const { status } = spawnSync(cargo, args, { cwd: ROOM, env: { ...process.env, ...env }, stdio: 'inherit' });
  return status === 0 ? join(target, TARGET, 'release', 'shoal.wasm') : undefined;
}

/** Lets wasm-opt have a go where there is one; takes its work only if it is smaller. */
function optimise(built) {
  const bytes = readFileSync(built);
  const features = ['simd', 'bulk-memory', 'sign-ext', 'mutable-globals', 'nontrapping-float-to-int'];
  const out = `${built}.opt`;
  const args = ['-O3', ...features.map((feature) => `--enable-${feature}`), built, '-o', out];
  if (spawnSync('wasm-opt', args).status !== 0) return { bytes, by: '' };
  const smaller = readFileSync(out);
  rmSync(out);
  return gzipSync(smaller).length < gzipSync(bytes).length
    ? { bytes: smaller, by: ' and wasm-opt' }
    : { bytes, by: '' };
}

function check(bytes, names, gzipBytesMax) {
  const module = new WebAssembly.Module(bytes);
  const imports = WebAssembly.Module.imports(module).map(({ module, name }) => `${module}.${name}`);
  if (imports.length > 0) throw new Error(`the byte core must import nothing, but imports ${imports.join(', ')}`);
  const found = WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name)
    .sort();
  const wanted = declaredExports(names);
  if (found.join() !== wanted.join())
    throw new Error(`exports are\n${found.join()}\nbut ${names} wants\n${wanted.join()}`);
  const size = gzipSync(bytes, { level: 9 }).length;
  if (size > gzipBytesMax) throw new Error(`the byte core has ${size} bytes gzipped; the limit is ${gzipBytesMax}`);
}

function declaredExports(names) {
  const source = readFileSync(join(ROOM, names), 'utf8');
  const list = /const NAMES = \[([^\]]*)\]/.exec(source)?.[1] ?? '';
  return [...list.matchAll(/'(\w+)'/g)].map((match) => match[1]).sort();
}

const describe = (bytes) => `${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`;

/** A hash over everything that the result depends on. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = [
    'Cargo.toml',
    'Cargo.lock',
    '.cargo/config.toml',
    'linear.ts',
    'flv-writer.ts',
    'build.mjs',
    ...sources('src'),
  ];
  for (const file of files) hash.update(file).update(readFileSync(join(ROOM, file)));
  return hash.digest('hex');
}

const sources = (folder) =>
  readdirSync(join(ROOM, folder), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.rs'))
    .sort()
    .map((file) => join(folder, file));

main();
