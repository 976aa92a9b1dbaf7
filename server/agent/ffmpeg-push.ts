// Carries a live feed to a server that takes RTMP, by ffmpeg, which copies what it is given. The address, with its key, stands
// in the list of the machine's processes: who shares a camera with others pushes by WebSocket.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { ErrorCode } from '../../src/errors.ts';
import type { LiveFeed, LiveViewer } from './live-feed.ts';
import type { Push, PushEvents } from './push-line.ts';

/** What it is made of. */
export interface FfmpegPushParts {
  /** `rtmp(s)://<server>/<app>/<stream>?key=...` */
  readonly address: string;
  readonly feed: LiveFeed;
}

const WAITING_BYTES_MAX = 4 * 1024 * 1024;
const FILE_HEADER_BYTES = 13;
/** What ffmpeg says once the server has taken the stream. */
const TAKEN = /^Output #0/m;
const WORDS_MAX = 20_000;
/** It writes its last words within so long, or not at all. */
const END_WITHIN_MS = 2_000;

/** One push, by one ffmpeg. */
export class FfmpegPush implements Push {
  readonly #events: PushEvents;
  readonly #child: ChildProcessByStdio<Writable, null, Readable>;
  readonly #leave: () => void;
  #state: 'opening' | 'pushing' | 'over' = 'opening';
  #begun = false;
  #words = '';

  constructor({ address, feed }: FfmpegPushParts, events: PushEvents) {
    this.#events = events;
    const how = ['-f', 'flv', '-i', 'pipe:0', '-c', 'copy', '-f', 'flv', '-flvflags', 'no_duration_filesize', address];
    this.#child = spawn('ffmpeg', ['-hide_banner', '-nostats', ...how], { stdio: ['pipe', 'ignore', 'pipe'] });
    const viewer: LiveViewer = {
      tags: (flv) => this.#take(flv, () => feed.skip(viewer)),
      ended: (why) => this.#end(why === 'ended' ? 'publish/stopped' : 'source/outage'),
    };
    // Its end is told by `close`, whatever it did not want to read.
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.on('data', (words: Buffer) => this.#hear(words.toString()));
    this.#child.on('error', () => this.#end('publish/unreachable'));
    this.#child.on('close', () => this.#end('publish/unreachable'));
    this.#leave = feed.join(viewer);
  }

  /** Ends the stream in good order, without an event. */
  finish(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#leave();
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS);
    this.#child.once('close', () => clearTimeout(timer));
  }

  #take(flv: Uint8Array, skip: () => void): void {
    if (this.#state === 'over') return;
    if (flv.length === FILE_HEADER_BYTES && this.#begun) return;
    this.#begun = true;
    if (this.#child.stdin.writableLength + flv.length > WAITING_BYTES_MAX) skip();
    else this.#child.stdin.write(flv);
  }

  #hear(words: string): void {
    if (this.#state !== 'opening') return;
    this.#words = (this.#words + words).slice(-WORDS_MAX);
    if (!TAKEN.test(this.#words)) return;
    this.#state = 'pushing';
    this.#events.accepted();
  }

  #end(code: ErrorCode): void {
    if (this.#state === 'over') return;
    this.finish();
    this.#events.ended(code);
  }
}
