// Real encoders and players for tests: ffmpeg that pushes, ffprobe that looks.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { samplePath } from '../assets.ts';

/** A running encoder. */
export interface Encoder {
  /** What it complained about, once it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly complaint: string }>;
  readonly child: ChildProcess;
  /** Ends it in good order, as somebody who presses q. */
  quit(): void;
}

/** Starts ffmpeg; it is killed when the test is over. */
export const startFfmpeg = (args: readonly string[]): Encoder => {
  const child = spawn('ffmpeg', ['-hide_banner', '-v', 'error', ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; complaint: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, complaint }));
  });
  return { ended, child, quit: () => child.kill('SIGINT') };
};

/** Pushes the sample in real time, over and over. */
export const pushSample = (url: string, codecs: readonly string[] = ['-c', 'copy']): Encoder =>
  startFfmpeg(['-re', '-stream_loop', '-1', '-i', samplePath(), ...codecs, '-f', 'flv', url]);

/** What ffprobe finds. */
export interface Probed {
  readonly streams: readonly {
    readonly codec_name: string;
    readonly codec_type: string;
    readonly width?: number;
    readonly height?: number;
    readonly nb_read_packets?: string;
  }[];
}

/** Looks at a few seconds of a stream or file. */
export const probe = async (address: string, seconds = 2): Promise<Probed> => {
  const interval = ['-read_intervals', `%+${seconds}`, '-count_packets'];
  const args = ['-v', 'error', ...interval, '-show_streams', '-of', 'json', address];
  const { stdout } = await promisify(execFile)('ffprobe', args);
  return JSON.parse(stdout) as Probed;
};
