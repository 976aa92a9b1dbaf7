// The sample camera of `npm start`: a device agent with recordings of the last days, a voice file, and a head that can be
// moved. What its page needs to call it is written beside the page while it runs.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';

const HOUR_S = 3600;
const HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;
const RECORDED_S = 120;
/** Hours ago; the newest are of today unless it is shortly after midnight. */
const RECORDED_AT = [0.25, 0.6, 1.5, 3, 26, 27.5, 51, 75];

/**
 * Starts it; `page` is where the server answers. Returns how to stop it.
 * @param {string} root
 * @param {string} page
 * @returns {() => void}
 */
export function startSampleCamera(root, page) {
  const folder = join(root, '.build/camera');
  const infoFile = join(root, 'demo/dist/camera-info.json');
  const sample = join(root, 'server/media/sample.flv');
  makeRecordings(folder, readFileSync(sample));
  const hook = join(folder, 'head.sh');
  writeFileSync(hook, HOOK);
  chmodSync(hook, 0o755);
  const small = smallerPicture(folder, sample);
  const agent = spawn(
    execPath,
    [
      join(root, 'server/dist/device.js'),
      ...[
        '--meeting',
        `${page.replace(/^http/, 'ws').replace(/\/$/, '')}/devices`,
        '--product',
        'sample',
        '--name',
        'door',
      ],
      ...['--key-file', join(folder, 'key'), '--recordings', folder, '--voice-file', join(folder, 'voice.pcm')],
      ...[
        '--hook',
        hook,
        '--live',
        `0/high=${sample}`,
        ...(small === undefined ? [] : ['--live', `0/standard=${small}`]),
      ],
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  createInterface(agent.stdout).on('line', (line) => {
    const [, info] = /^xp2pInfo (\S+)$/.exec(line) ?? [];
    if (info === undefined) return;
    writeFileSync(infoFile, JSON.stringify({ info }));
    console.log(`camera  ${page.replace(/\/$/, '')}/camera/`);
  });
  return () => {
    agent.kill('SIGTERM');
    rmSync(infoFile, { force: true });
  };
}

/**
 * Recordings of two minutes each.
 * @param {string} folder
 * @param {Buffer} sample
 */
function makeRecordings(folder, sample) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const flv = looped(sample, RECORDED_S * 1000);
  const now = Math.floor(Date.now() / 1000);
  for (const hours of RECORDED_AT) {
    const from = now - Math.round(hours * HOUR_S);
    writeFileSync(join(folder, `${from}-${from + RECORDED_S}.flv`), flv);
  }
}

/**
 * An FLV of so many milliseconds: the tags of a short one again and again, later each time.
 * @param {Buffer} flv
 * @param {number} ms
 * @returns {Buffer}
 */
export function looped(flv, ms) {
  const tags = [...tagsOf(flv)];
  const last = Math.max(...tags.map(({ at }) => at));
  const parts = [flv.subarray(0, HEADER_BYTES)];
  const turnMs = last + FRAME_MS;
  for (let shift = 0; shift < ms; shift += turnMs) {
    for (const { at, bytes } of tags) {
      if (shift + at >= ms) continue;
      const tag = Buffer.from(bytes);
      const stamp = shift + at;
      tag.writeUIntBE(stamp & 0xffffff, 4, 3);
      tag[7] = (stamp >>> 24) & 0xff;
      parts.push(tag);
    }
  }
  return Buffer.concat(parts);
}

/**
 * @param {Buffer} flv
 * @returns {Generator<{ at: number, bytes: Buffer }>}
 */
function* tagsOf(flv) {
  for (let from = HEADER_BYTES; from + TAG_HEADER_BYTES <= flv.length; ) {
    const end = from + TAG_HEADER_BYTES + flv.readUIntBE(from + 1, 3) + 4;
    const at = flv.readUIntBE(from + 4, 3) + (flv[from + 7] ?? 0) * 2 ** 24;
    yield { at, bytes: flv.subarray(from, end) };
    from = end;
  }
}

/**
 * The picture in a lower quality, made once; undefined where there is no ffmpeg.
 * @param {string} folder
 * @param {string} sample
 * @returns {string | undefined}
 */
function smallerPicture(folder, sample) {
  const file = join(folder, 'standard-picture.flv');
  const how = ['-c:v', 'libx264', '-profile:v', 'baseline', '-g', '25', '-b:v', '150k', '-c:a', 'copy'];
  const options = ['-loglevel', 'error', '-y', '-i', sample, '-vf', 'scale=320:-2', ...how, file];
  const { status } = spawnSync('ffmpeg', options, { stdio: 'ignore' });
  return status === 0 && existsSync(file) ? file : undefined;
}

const FRAME_MS = 40;

/** A head that turns five steps to each side, and says where it looks. */
const HOOK = `#!/bin/sh
cd "$(dirname "$0")" || exit 1
read -r command
pan=0 tilt=0
[ -f head ] && read -r pan tilt < head
case "$command" in
  ptz_left) pan=$((pan - 1)) ;;
  ptz_right) pan=$((pan + 1)) ;;
  ptz_up) tilt=$((tilt + 1)) ;;
  ptz_down) tilt=$((tilt - 1)) ;;
  *) printf '{"error":"the sample camera knows ptz_left, ptz_right, ptz_up and ptz_down"}'; exit 1 ;;
esac
apex=no
[ "$pan" -gt 5 ] && pan=5 apex=yes
[ "$pan" -lt -5 ] && pan=-5 apex=yes
[ "$tilt" -gt 5 ] && tilt=5 apex=yes
[ "$tilt" -lt -5 ] && tilt=-5 apex=yes
echo "$pan $tilt" > head
printf '{"pan":%s,"tilt":%s,"apex":"%s"}' "$pan" "$tilt" "$apex"
`;
