// Where a caller's voice goes: signed 16-bit PCM, mono, into a file that is appended to, or into a program's input.

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { ShoalError } from '../../src/errors.ts';

/** One talk. */
export interface Voice {
  /** Resolves when there is room for more. */
  write(pcm: Uint8Array): Promise<void>;
  end(): void;
}

/** Opens the sink for a talk. */
export type VoiceSink = () => Voice;

/** Appends to a file. */
export const voiceToFile =
  (path: string): VoiceSink =>
  () =>
    voiceInto(createWriteStream(path, { flags: 'a' }));

/** Starts a program for each talk, such as a player of raw sound. */
export const voiceToProgram =
  (program: string, args: readonly string[]): VoiceSink =>
  () => {
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    return voiceInto(child.stdin, (fail) => child.on('error', fail));
  };

const voiceInto = (sink: Writable, alsoFails: (fail: (cause: Error) => void) => void = () => undefined): Voice => {
  let failure: ShoalError | undefined;
  const fail = (cause: Error): void => {
    failure ??= new ShoalError('device/voice-failed', { cause });
    sink.destroy();
  };
  sink.on('error', fail);
  alsoFails(fail);
  return {
    async write(pcm) {
      if (failure !== undefined) throw failure;
      if (sink.write(pcm)) return;
      await new Promise<void>((resolve) => {
        sink.once('drain', resolve);
        sink.once('close', resolve);
      });
    },
    end: () => void sink.end(),
  };
};
