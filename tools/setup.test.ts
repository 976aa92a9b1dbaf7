import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from './files.ts';
import { isDebianLike } from './machine.mjs';
import { makeTree } from './testing/tree.ts';

/** Runs the setup on a machine whose PATH holds these programs only (name to shell script), and no apt. */
function setUpWith(programs: Readonly<Record<string, string>>): { status: number | null; said: string } {
  const scripts = Object.entries(programs).map(([name, script]) => [name, `#!/bin/sh\n${script}\n`]);
  const bin = makeTree(Object.fromEntries(scripts));
  for (const name of Object.keys(programs)) chmodSync(join(bin, name), 0o755);
  const { SHOAL_CHROMIUM: _, SHOAL_FIREFOX: __, RUSTC: ___, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/setup.mjs', 'test'], {
    cwd: projectRoot,
    encoding: 'utf8',
    env: { ...env, PATH: bin },
  });
  return { status, said: stdout + stderr };
}

it('names the line to type where Rust is missing', () => {
  const { status, said } = setUpWith({});
  expect(status).toBe(1);
  expect(said).toMatch(/^setup: Rust 1\.85 or newer is needed; type: curl .*$/m);
});

it('takes an old Rust for none', () => {
  const { said } = setUpWith({ cargo: 'echo cargo 1.63.0', rustc: 'echo rustc 1.63.0' });
  expect(said).toMatch(/Rust 1\.85 or newer is needed/);
});

it('names one line for all the test programs that are missing', () => {
  const rustc = 'case "$*" in *target-libdir*) echo /;; *) echo "rustc 1.95.0 (x)";; esac';
  const { status, said } = setUpWith({ cargo: 'echo "cargo 1.95.0 (x)"', rustc, cc: 'true' });
  expect(status).toBe(1);
  expect(said).toContain('setup: type: sudo apt-get install -y --no-install-recommends chromium ffmpeg\n');
});

it.skipIf(process.getuid?.() !== 0 || !isDebianLike())(
  'goes on without Firefox and the headless shell where apt does not bring them',
  () => {
    const rustc = 'case "$*" in *target-libdir*) echo /;; *) echo "rustc 1.95.0 (x)";; esac';
    const test = { chromium: 'true', ffmpeg: 'true', ffprobe: 'true', 'apt-get': 'exit 1' };
    const { status, said } = setUpWith({ cargo: 'echo "cargo 1.95.0 (x)"', rustc, cc: 'true', ...test });
    expect(said).toContain('setup: apt-get update -qq failed, so these tests will not run\n');
    expect(said).toContain('setup: apt-get update -qq failed, so they will open them in Chromium\n');
    // What the setup does not go on without.
    expect(status).toBe(1);
    expect(said).toMatch(
      /iproute2 .* missing, needed by the tests behind NATs\n(.*\n)*setup: apt-get update -qq failed\n/,
    );
  },
);
