/**
 * A live source of a known clock: pictures with the time burnt in, encoded by ffmpeg at a constant rate, served as
 * HTTP-FLV to one origin at a time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { drawStamp, PICTURE } from './stamp.ts';

/** What the camera sends. */
export interface CameraOptions {
  readonly kbps: number;
  readonly fps: number;
  readonly gopSeconds: number;
}

/** A running camera. */
export interface Camera {
  /** Host and port, for the origin's upstream; every path serves the same picture. */
  readonly url: string;
  close(): void;
}

const PICTURE_BYTES = (PICTURE.width * PICTURE.height * 3) / 2;
const LUMA_BYTES = PICTURE.width * PICTURE.height;
/** Height of the texture the picture is a moving window on. */
const TEXTURE_ROWS = 720;

const encoder = ({ kbps, fps, gopSeconds }: CameraOptions): readonly string[] => [
  ...['-hide_banner', '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'yuv420p'],
  ...['-s', `${PICTURE.width}x${PICTURE.height}`, '-r', String(fps), '-i', 'pipe:0'],
  ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline'],
  ...['-g', String(fps * gopSeconds), '-keyint_min', String(fps * gopSeconds), '-sc_threshold', '0'],
  ...['-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps / 2}k`],
  ...['-x264-params', 'nal-hrd=cbr', '-c:a', 'aac', '-b:a', '64k', '-shortest'],
  ...['-f', 'flv', '-flvflags', 'no_duration_filesize', '-flush_packets', '1', 'pipe:1'],
];

/** Starts a camera on loopback. */
export const startCamera = async (options: CameraOptions): Promise<Camera> => {
  const running = new Set<ChildProcess>();
  const server = createServer((request, response) => {
    if (request.method !== 'GET') return void response.writeHead(405).end();
    response.writeHead(200, { 'content-type': 'video/x-flv' });
    response.on('close', film(options, response, running));
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const child of running) cut(child);
      server.closeAllConnections();
      server.close();
    },
  };
};

/** Films until what is returned is called. */
const film = (options: CameraOptions, to: ServerResponse, running: Set<ChildProcess>): (() => void) => {
  const ffmpeg = spawn('ffmpeg', [...encoder(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(ffmpeg);
  const { stdin, stdout } = ffmpeg;
  stdout?.pipe(to);
  // ffmpeg is killed, so its pipes break; that is the plan.
  stdin?.on('error', () => undefined);
  const texture = makeTexture();
  const everyMs = 1000 / options.fps;
  const began = performance.now();
  const beganWall = Date.now();
  let taken = 0;
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - began) / everyMs);
    for (; taken <= due; taken++) stdin?.write(picture(texture, taken, beganWall + taken * everyMs));
  }, 2);
  return () => {
    clearInterval(timer);
    running.delete(ffmpeg);
    cut(ffmpeg);
  };
};

/** Asked politely, ffmpeg first writes what it has, into a pipe that nobody reads any more, and stays for ever. */
const cut = (ffmpeg: ChildProcess): void => {
  ffmpeg.kill('SIGKILL');
  ffmpeg.stdin?.destroy();
  ffmpeg.stdout?.destroy();
};

/** Soft blobs with some grain: costs an encoder about as much as a real scene. */
const makeTexture = (): Uint8Array => {
  const texture = new Uint8Array(PICTURE.width * TEXTURE_ROWS);
  let dice = 1;
  for (let row = 0; row < TEXTURE_ROWS; row++) {
    for (let column = 0; column < PICTURE.width; column++) {
      dice = (Math.imul(dice, 1_664_525) + 1_013_904_223) >>> 0;
      const blob = Math.sin(row / 23) * Math.cos(column / 31) * 70;
      texture[row * PICTURE.width + column] = 120 + blob + (dice >>> 28);
    }
  }
  return texture;
};

/** The time burnt in is when the picture was due: pictures are exactly one interval apart. */
const picture = (texture: Uint8Array, count: number, dueWall: number): Buffer => {
  const bytes = Buffer.alloc(PICTURE_BYTES, 128);
  const offset = ((count * 3) % (TEXTURE_ROWS - PICTURE.height)) * PICTURE.width;
  bytes.set(texture.subarray(offset, offset + LUMA_BYTES));
  drawStamp(bytes, Math.round(dueWall) % 0x1_0000_0000);
  return bytes;
};
