// The one place that runs ffmpeg, for what the server does not do itself: other codecs, other rates. Whether there is one is
// asked once.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** What a run reports: any number of `bytes`, then one `ended`. */
export interface FfmpegEvents {
  bytes(chunk: Buffer): void;
  /** `detail` is the end of what it complained about; '' when it ended well. */
  ended(detail: string): void;
}

/** A running ffmpeg. */
export interface FfmpegRun {
  /** False when it does not keep up: what it was given is not taken. */
  write(bytes: Uint8Array): boolean;
  /** Nothing more is coming; it ends when it has written the rest. */
  finish(): void;
  /** Stops it without an event. */
  stop(): void;
}

const BACKLOG_BYTES_MAX = 8 * 1024 * 1024;
const COMPLAINT_CHARS_MAX = 500;

/** See above. */
export class Ffmpeg {
  readonly #program: string;
  #found: Promise<boolean> | undefined;

  /** `program` is its name or path; 'off' for none. */
  constructor(program: string) {
    this.#program = program;
  }

  /** Whether it can be run. */
  available(): Promise<boolean> {
    this.#found ??= this.#look();
    return this.#found;
  }

  /** Runs it with pipes for what goes in and comes out. */
  start(args: readonly string[], events: FfmpegEvents): FfmpegRun {
    const child = spawn(this.#program, ['-hide_banner', '-loglevel', 'error', ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return new Run(child, events);
  }

  #look(): Promise<boolean> {
    if (this.#program === 'off') return Promise.resolve(false);
    return new Promise((resolve) => {
      const child = spawn(this.#program, ['-version'], { stdio: 'ignore' });
      child.on('error', () => resolve(false));
      child.on('close', (code) => resolve(code === 0));
    });
  }
}

class Run implements FfmpegRun {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #state: 'running' | 'over' = 'running';
  #complaint = '';

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, events: FfmpegEvents) {
    this.#child = child;
    const over = (detail: string): void => {
      if (this.#state === 'over') return;
      this.#state = 'over';
      events.ended(detail);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#state === 'running') events.bytes(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#complaint = `${this.#complaint}${chunk.toString()}`.slice(-COMPLAINT_CHARS_MAX);
    });
    // A pipe that broke is told by the end of the program; without a listener it would end ours.
    child.stdin.on('error', () => undefined);
    child.on('error', (cause) => over(cause.message));
    child.on('close', (code) => over(code === 0 ? '' : `ffmpeg ended with ${code}: ${this.#complaint.trim()}`));
  }

  write(bytes: Uint8Array): boolean {
    if (this.#state === 'over' || this.#child.stdin.writableLength > BACKLOG_BYTES_MAX) return false;
    this.#child.stdin.write(bytes);
    return true;
  }

  finish(): void {
    this.#child.stdin.end();
  }

  stop(): void {
    this.#state = 'over';
    // Asked politely it first writes what it has, into a pipe that nobody reads any more.
    this.#child.kill('SIGKILL');
  }
}
