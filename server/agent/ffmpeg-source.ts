// A source that only ffmpeg can read, such as RTSP: its pictures as they are, its sound as AAC, out as FLV.

import { spawn } from 'node:child_process';
import type { Source, SourceEvents } from '../src/sources/source.ts';

/** Starts ffmpeg on an address. */
export const startFfmpeg = (url: URL, events: SourceEvents): Source => {
  const transport = url.protocol === 'rtsp:' ? ['-rtsp_transport', 'tcp'] : [];
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', ...transport, '-i', url.href],
      ...['-c:v', 'copy', '-c:a', 'aac', '-ar', '44100', '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let state: 'starting' | 'running' | 'over' = 'starting';
  const end = (tell: () => void): void => {
    if (state === 'over') return;
    state = 'over';
    tell();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    if (state === 'over') return;
    state = 'running';
    events.bytes(chunk);
  });
  child.on('error', () => end(() => events.failed('source/unreachable', 'ffmpeg cannot be started')));
  child.on('close', (code) => {
    const wasRunning = state === 'running';
    end(() => {
      if (code === 0) events.ended();
      else events.failed(wasRunning ? 'source/outage' : 'source/unreachable', `ffmpeg ended with ${code}`);
    });
  });
  return {
    stop() {
      state = 'over';
      // Asked politely it first writes what it has, into a pipe that nobody reads any more.
      child.kill('SIGKILL');
    },
  };
};
