// All recordings and screenshots of a server: begun, ended, kept for a while, stopped before the disk is full, and finished
// after a crash.

import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorCode, ShoalError } from '../../../src/errors.ts';
import { RECORD_FILES_MAX } from '../../../src/wire/limits.ts';
import { RECORD_FLV, type RecordedFile } from '../../../src/wire/room.ts';
import type { LiveApp } from '../bypass/live-apps.ts';
import type { StreamFacts } from '../bypass/push-events.ts';
import { pathOfCode } from '../bypass/stream-code.ts';
import type { CallbackService } from '../callbacks/callback-service.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Ffmpeg } from '../ffmpeg.ts';
import type { Log } from '../log.ts';
import type { Stream } from '../origin/stream.ts';
import type { OutputStreams } from '../outputs/output-streams.ts';
import { recordedEvent, screenshotEvent } from './record-events.ts';
import type { RecordSheet } from './record-sheet.ts';
import { RecordStore } from './record-store.ts';
import { freshTask, Recording, type RecordingParts } from './recording.ts';
import { makeRemux } from './remux.ts';
import { Screenshots } from './screenshots.ts';

/** What they work with. */
export interface RecordingsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly ffmpeg: Ffmpeg;
  readonly callbacks: CallbackService;
  readonly apps: ReadonlyMap<number, LiveApp>;
  /** Folder of recordings and screenshots; nothing is recorded without one. */
  readonly dir: string | undefined;
  /** A file is at most so long. */
  readonly partMs: number;
  /** Recordings stop while less is free. */
  readonly freeBytesMin: number;
  /** Address of this server for customers. */
  readonly web: () => string;
  /** Bytes that are free on the disk of a folder. */
  readonly freeBytes?: (dir: string) => Promise<number>;
}

/** Where streams are taken from. */
export interface RecordedStreams {
  /** A stream that runs. */
  running(path: string): Stream | undefined;
  readonly outputs: OutputStreams;
}

/** What is to be recorded. */
export interface RecordAsk {
  readonly app: LiveApp;
  readonly facts: StreamFacts;
  readonly formats: number;
  readonly how: 'auto' | 'manual';
  readonly isReported: boolean;
}

/** Why something could not be done. */
export interface RecordRefusal {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** Of one stream on demand, at once. */
const MANUAL_PER_STREAM_MAX = 4;
/** Screenshots at once; of one stream one. */
const SHOTS_MAX = 8;
const CHECK_MS = 10_000;
const SWEEP_MS = 600_000;
const DAY_MS = 86_400_000;

const refusal = (code: ErrorCode, detail = ''): RecordRefusal => ({ code, detail });

/** See above. */
export class Recordings {
  readonly #parts: RecordingsParts;
  readonly #running = new Map<string, Recording>();
  /** Recordings whose files are being finished. */
  readonly #stops = new Map<string, Promise<{ readonly files: readonly RecordedFile[] }>>();
  readonly #shots: Screenshots;
  /** Streams a picture is being taken of. */
  readonly #shooting = new Set<string>();
  readonly #recordingParts: RecordingParts;
  readonly #timers = new Map<string, Timer>();
  #store: RecordStore | undefined;
  #streams: RecordedStreams | undefined;
  #repaired: Promise<void> = Promise.resolve();
  #disk: 'free' | 'full' = 'free';
  #state: 'open' | 'closed' = 'open';

  private constructor(parts: RecordingsParts) {
    const { clock, ffmpeg, log, dir = '', partMs } = parts;
    this.#parts = parts;
    this.#shots = new Screenshots({ clock, ffmpeg, root: join(dir, 'screenshots') });
    this.#recordingParts = {
      clock,
      log,
      root: join(dir, 'recordings'),
      partMs,
      remux: makeRemux(ffmpeg, log),
      told: (sheet, part, file) => {
        const url = this.urlOf(sheet, file.name);
        return parts.callbacks.tell(sheet.bizid, recordedEvent(sheet, part, { file, url }));
      },
      failed: ({ code }) => {
        if (code === 'record/disk-full') this.#turn('full');
      },
    };
  }

  /** Opens the folder; what a crash left in it is finished by `begin`. */
  static async open(parts: RecordingsParts): Promise<Recordings> {
    const recordings = new Recordings(parts);
    if (parts.dir === undefined) return recordings;
    try {
      await mkdir(recordings.#recordingParts.root, { recursive: true });
    } catch (cause) {
      throw new ShoalError('server/bad-config', { detail: '--data-dir cannot be written', cause });
    }
    recordings.#store = await RecordStore.open(recordings.#recordingParts);
    await recordings.#check();
    return recordings;
  }

  /** The server has its address: files get theirs. */
  begin(): void {
    if (this.#store === undefined) return;
    this.#repaired = this.#store.repairAll();
    void this.#sweep();
  }

  /** Whether anything is recorded here. */
  get isOffered(): boolean {
    return this.#store !== undefined;
  }

  /** How many run. */
  get running(): number {
    return this.#running.size;
  }

  get isDiskFull(): boolean {
    return this.#disk === 'full';
  }

  /** Resolves when everything a crash left is finished. */
  get repaired(): Promise<void> {
    return this.#repaired;
  }

  get shots(): Screenshots {
    return this.#shots;
  }

  /** Folder of an app's recordings, or its pictures. */
  dirOf(what: 'recordings' | 'screenshots'): string {
    return join(this.#parts.dir ?? '', what);
  }

  /** Where streams come from; before this nothing can be recorded. */
  attach(streams: RecordedStreams): void {
    this.#streams = streams;
  }

  /** Begins a recording. An automatic one that finds the disk full begins when there is room. */
  start({ app, facts, formats, how, isReported }: RecordAsk): { readonly task: string } | RecordRefusal {
    const stream = this.#streams?.running(pathOfCode(facts.code));
    if (this.#store === undefined) return refusal('record/not-offered', 'the server has no --data-dir');
    if (stream === undefined) return refusal('room/no-track');
    if (this.#disk === 'full' && how === 'manual') return refusal('record/disk-full');
    if (how === 'manual' && this.manualOf(facts.code).length >= MANUAL_PER_STREAM_MAX) {
      return refusal('origin/overloaded', 'as many recordings of this stream run as may');
    }
    const task = freshTask();
    const beganMs = this.#parts.clock.wall();
    const state = this.#disk === 'full' ? 'blocked' : 'recording';
    const about = { task, bizid: app.bizid, facts, formats, how, isReported, beganMs };
    const sheet: RecordSheet = { ...about, endedMs: undefined, state, trouble: undefined, parts: [] };
    const recording = new Recording(sheet, this.#recordingParts);
    this.#running.set(task, recording);
    this.#parts.log.write('info', 'recording-began', { task, stream: facts.code, formats, how });
    if ((formats & RECORD_FLV) !== 0) recording.record(stream, RECORD_FLV);
    const others = formats & ~RECORD_FLV;
    if (others !== 0) void this.#recordWithAac(recording, facts.code, others);
    return { task };
  }

  /** Ends a recording; resolves when its files are finished. */
  async stop(task: string): Promise<{ readonly files: readonly RecordedFile[] } | RecordRefusal> {
    const recording = this.#running.get(task);
    if (recording === undefined) return refusal('record/no-such-task');
    const stop = this.#stops.get(task) ?? this.#finish(task, recording);
    this.#stops.set(task, stop);
    return stop;
  }

  /** Which stream a running recording is of. */
  codeOf(task: string): string | undefined {
    return this.#running.get(task)?.sheet.facts.code;
  }

  /** The running recordings of a stream that were begun by hand. */
  manualOf(code: string): readonly string[] {
    return [...this.#running].flatMap(([task, { sheet }]) =>
      sheet.how === 'manual' && sheet.facts.code === code ? [task] : [],
    );
  }

  /** A recording, running or not. */
  get(task: string): RecordSheet | undefined {
    return this.#running.get(task)?.sheet ?? this.#store?.get(task);
  }

  /** The recordings of an app, newest first. */
  list(bizid: number): readonly RecordSheet[] {
    const running = [...this.#running.values()].map(({ sheet }) => sheet).filter((sheet) => sheet.bizid === bizid);
    return [...running.reverse(), ...(this.#store?.list(bizid) ?? [])];
  }

  /** Removes a finished recording. */
  async remove(task: string): Promise<boolean> {
    return !this.#running.has(task) && (await this.#store?.remove(task)) === true;
  }

  /** The finished files of a recording. */
  filesOf(sheet: RecordSheet): RecordedFile[] {
    return sheet.parts.flatMap(({ files }) =>
      (files ?? []).map(({ format, name, bytes, durationMs }) => ({
        format,
        url: this.urlOf(sheet, name),
        bytes,
        durationMs,
      })),
    );
  }

  /** The address of a file of a recording. */
  urlOf({ bizid, task }: Pick<RecordSheet, 'bizid' | 'task'>, name: string): string {
    return `${this.#parts.web()}/bypass/${bizid}/files/${task}/${name}`;
  }

  /** The address of a picture. */
  pictureUrl(bizid: number, name: string): string {
    return `${this.#parts.web()}/bypass/${bizid}/pictures/${name}`;
  }

  /** Takes a picture of a stream and tells the customer's server. */
  async takeScreenshot(app: LiveApp, facts: StreamFacts): Promise<{ readonly url: string } | RecordRefusal> {
    if (this.#store === undefined) return refusal('record/not-offered', 'the server has no --data-dir');
    if (this.#disk === 'full') return refusal('record/disk-full');
    if (this.#shooting.has(facts.code) || this.#shooting.size >= SHOTS_MAX) return refusal('origin/overloaded');
    this.#shooting.add(facts.code);
    try {
      const picture = await this.#shots.take(app.bizid, facts.code, this.#streams?.running(pathOfCode(facts.code)));
      const url = this.pictureUrl(app.bizid, picture.name);
      await this.#parts.callbacks.tell(app.bizid, screenshotEvent(facts, picture, url));
      return { url };
    } catch (cause) {
      if (!(cause instanceof ShoalError)) throw cause;
      if (cause.code === 'record/disk-full') this.#turn('full');
      return refusal(cause.code, cause.detail);
    } finally {
      this.#shooting.delete(facts.code);
    }
  }

  /** Finishes what runs. */
  async close(): Promise<void> {
    this.#state = 'closed';
    for (const timer of this.#timers.values()) timer.cancel();
    this.#streams = undefined;
    await Promise.all([...this.#running.keys()].map((task) => this.stop(task)));
    await this.#repaired;
  }

  async #finish(task: string, recording: Recording): Promise<{ readonly files: readonly RecordedFile[] }> {
    const sheet = await recording.finish();
    this.#running.delete(task);
    this.#stops.delete(task);
    this.#store?.put(sheet);
    this.#parts.log.write('info', 'recording-ended', { task, stream: sheet.facts.code, parts: sheet.parts.length });
    return { files: this.filesOf(sheet).slice(-RECORD_FILES_MAX) };
  }

  /** MP4 and HLS want AAC: where the sound is Opus, the form of the stream that has it is recorded. */
  async #recordWithAac(recording: Recording, code: string, formats: number): Promise<void> {
    const tapped = await this.#streams?.outputs.tap(pathOfCode(code), '', (stream) =>
      recording.record(stream, formats),
    );
    if (typeof tapped === 'string') recording.note(`formats ${formats}: ${tapped}`);
  }

  /** Looks at the disk now and then. */
  async #check(): Promise<void> {
    const { dir, freeBytes = freeBytesOf, freeBytesMin, log } = this.#parts;
    try {
      this.#turn((await freeBytes(dir ?? '')) < freeBytesMin ? 'full' : 'free');
    } catch (cause) {
      log.write('warn', 'disk-not-asked', { cause: String(cause) });
    }
    this.#later('check', CHECK_MS, () => this.#check());
  }

  #turn(disk: 'free' | 'full'): void {
    if (disk === this.#disk) return;
    this.#disk = disk;
    this.#parts.log.write(disk === 'full' ? 'error' : 'info', 'disk-turned', { disk });
    for (const recording of this.#running.values()) {
      if (disk === 'full') recording.block();
      else recording.unblock();
    }
  }

  /** Removes what is too old. */
  async #sweep(): Promise<void> {
    const { apps, clock, log } = this.#parts;
    await this.#repaired;
    try {
      for (const { bizid, retentionDays } of apps.values()) {
        const before = clock.wall() - retentionDays * DAY_MS;
        await this.#store?.forgetBefore(bizid, before);
        await this.#shots.forgetBefore(bizid, before);
      }
    } catch (cause) {
      log.write('error', 'retention-failed', { cause: String(cause) });
    }
    this.#later('sweep', SWEEP_MS, () => this.#sweep());
  }

  #later(name: string, ms: number, call: () => Promise<void>): void {
    if (this.#state === 'closed') return;
    this.#timers.set(
      name,
      this.#parts.clock.after(ms, () => void call()),
    );
  }
}

const freeBytesOf = async (dir: string): Promise<number> => {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
};
