// What is in a media file, frame by frame, as ffmpeg reads it.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { samplePath } from '../../assets.ts';
import { FlvLoop } from '../../sources/flv-loop.ts';

/** Frames of a file. */
export interface Frames {
  /** A digest of each decoded picture, in order. */
  readonly pictures: readonly string[];
  /** A digest of each packet of sound, in order. */
  readonly sounds: readonly string[];
  /** What ffmpeg complained about. */
  readonly complaints: string;
}

/** Runs without holding up this process, which may be the server of the file. */
const run = (
  program: string,
  args: readonly string[],
  input?: Buffer,
): Promise<{ readonly out: string; readonly err: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // It may have read enough before the end of its input.
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', () => resolve({ out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }));
    child.stdin.end(input);
  });

const digests = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)?.trim() ?? '');

/** Decodes all pictures and reads all sound of a file, or of bytes. */
export const framesOf = async (file: string | Buffer): Promise<Frames> => {
  const input = typeof file === 'string' ? file : 'pipe:0';
  const bytes = typeof file === 'string' ? undefined : file;
  // HLS names its segments with an ending that ffmpeg does not expect there unless told.
  const from = ['-v', 'error', ...(input.endsWith('.m3u8') ? ['-allowed_extensions', 'ALL'] : []), '-i', input];
  const pictures = await run('ffmpeg', [...from, '-map', '0:v', '-vsync', 'passthrough', '-f', 'framemd5', '-'], bytes);
  const sounds = await run('ffmpeg', [...from, '-map', '0:a', '-c', 'copy', '-f', 'framemd5', '-'], bytes);
  return {
    pictures: digests(pictures.out),
    sounds: digests(sounds.out),
    complaints: pictures.err + sounds.err,
  };
};

/** Length of a file as it says itself, seconds. */
export const durationOf = async (file: string): Promise<number> => {
  const args = [
    '-v',
    'error',
    '-allowed_extensions',
    'ALL',
    '-show_entries',
    'format=duration',
    '-of',
    'csv=p=0',
    file,
  ];
  const usual = args.filter((arg) => file.endsWith('.m3u8') || (arg !== '-allowed_extensions' && arg !== 'ALL'));
  return Number((await run('ffprobe', usual)).out.trim());
};

/** Format name and codecs of a file. */
export const kindOf = async (file: string | Buffer): Promise<string> => {
  const input = typeof file === 'string' ? file : 'pipe:0';
  const bytes = typeof file === 'string' ? undefined : file;
  const args = ['-v', 'error', '-show_entries', 'format=format_name:stream=codec_name', '-of', 'csv=p=0', input];
  return (await run('ffprobe', args, bytes)).out.trim().split('\n').join(' ');
};

/** What a publisher of the sample has sent until a media time. */
export const sentUntil = (ms: number): Buffer => {
  const loop = new FlvLoop(readFileSync(samplePath()));
  return Buffer.concat([loop.preamble, loop.take(ms)]);
};
