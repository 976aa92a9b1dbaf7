// The commands every device knows, and the door for those its maker adds. Answers are JSON texts in the shape that pages
// of the plugin expect.

import { type ChildProcess, spawn } from 'node:child_process';
import { ShoalError } from '../../src/errors.ts';
import type { Recording, Recordings } from './recordings.ts';
import type { DeviceRequest } from './request-target.ts';

/** A command as it was asked. */
export type Command = Extract<DeviceRequest, { kind: 'command' }>;

/** How it went. */
export interface CommandAnswer {
  /** An HTTP status: 400 and above is a failure. */
  readonly status: number;
  readonly data: string;
}

/** Answers a user command; undefined when it does not know it. */
export type CommandHook = (cmd: string, channel: number) => Promise<CommandAnswer | undefined>;

/** An answer to `get_device_st`, in the names of the seeds. */
export interface Vacancy {
  /** 0 when it would be served. */
  readonly status: number;
  readonly appConnectNum: number;
  /** Where else the live picture is. */
  readonly stream?: string;
}

/** What the built-in commands report on. */
export interface CommandParts {
  readonly recordings: Recordings | undefined;
  readonly hook: CommandHook | undefined;
  /** Whether one more of a kind would be served. */
  vacancy(type: string): Promise<Vacancy>;
  /** Steers the playback of this caller. */
  playback(verb: 'pause' | 'resume' | 'seek' | 'progress', values: URLSearchParams): CommandAnswer;
}

const MONTH = /^(\d{4})(\d{2})$/;
const DAY_S = 86_400;
const PLAYBACK = {
  playback_pause: 'pause',
  playback_resume: 'resume',
  playback_seek: 'seek',
  playback_progress: 'progress',
} as const;

/** Answers a command. */
export const answerCommand = async (command: Command, parts: CommandParts): Promise<CommandAnswer> => {
  if (command.origin === 'user') {
    return (await parts.hook?.(command.cmd, command.channel)) ?? { status: 406, data: '{"status":406}' };
  }
  const { cmd, values } = command;
  switch (cmd) {
    case 'get_device_st':
      return json([await parts.vacancy(values.get('type') ?? 'live')]);
    case 'get_nvr_list':
      return json([]);
    case 'get_record_index':
      return recordIndex(parts, values);
    case 'get_month_record':
      return monthRecord(parts, values);
    case 'get_file_list':
      return fileList(parts, values);
    default: {
      const verb = PLAYBACK[cmd as keyof typeof PLAYBACK];
      return verb === undefined ? json({ status: 406 }, 406) : parts.playback(verb, values);
    }
  }
};

const json = (value: unknown, status = 200): CommandAnswer => ({ status, data: JSON.stringify(value) });

const spanOf = (values: URLSearchParams): readonly [number, number] | undefined => {
  const from = Number(values.get('start_time') ?? Number.NaN);
  const to = Number(values.get('end_time') ?? Number.NaN);
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && to >= from ? [from, to] : undefined;
};

const found = async ({ recordings }: CommandParts, span: readonly [number, number]): Promise<readonly Recording[]> =>
  (await recordings?.between(...span)) ?? [];

const recordIndex = async (parts: CommandParts, values: URLSearchParams): Promise<CommandAnswer> => {
  const span = spanOf(values);
  if (span === undefined) return json({ status: 404 }, 404);
  const type = values.get('type');
  const videos = (await found(parts, span)).filter(
    (one) => one.kind === 'video' && (type === null || one.type === type),
  );
  return json({
    video_list: videos.map(({ type: kind, fromS, toS }) => ({ type: kind, start_time: fromS, end_time: toS })),
  });
};

/** Bit 0 is the first day. Days are the device's own, as its clock counts them. */
const monthRecord = async (parts: CommandParts, values: URLSearchParams): Promise<CommandAnswer> => {
  const [, year, month] = MONTH.exec(values.get('time') ?? '') ?? [];
  if (year === undefined || month === undefined || Number(month) < 1 || Number(month) > 12)
    return json({ status: 404 }, 404);
  const first = new Date(Number(year), Number(month) - 1, 1).getTime() / 1000;
  const after = new Date(Number(year), Number(month), 1).getTime() / 1000;
  let days = 0;
  for (const { kind, fromS, toS } of await found(parts, [first, after - 1])) {
    if (kind !== 'video') continue;
    for (let at = Math.max(fromS, first); at <= Math.min(toS, after - 1); at += DAY_S) days |= 1 << (dayOf(at) - 1);
    days |= 1 << (dayOf(Math.min(toS, after - 1)) - 1);
  }
  return json({ video_list: String(days >>> 0) });
};

const dayOf = (seconds: number): number => new Date(seconds * 1000).getDate();

const fileList = async (parts: CommandParts, values: URLSearchParams): Promise<CommandAnswer> => {
  const span = spanOf(values);
  const wanted = values.get('file_type') ?? '0';
  if (span === undefined || (wanted !== '0' && wanted !== '1')) return json({ status: 404 }, 404);
  const kind = wanted === '0' ? 'video' : 'picture';
  const files = (await found(parts, span)).filter((one) => one.kind === kind);
  return json({
    file_list: files.map(({ name, bytes, fromS, toS }) => ({
      file_type: wanted,
      file_name: name,
      file_size: bytes,
      start_time: fromS,
      end_time: toS,
    })),
  });
};

/** Longer than a page waits: that it says `timeout` tells more than a failure without a word. */
const PROGRAM_WITHIN_MS = 10_000;
const ANSWER_BYTES_MAX = 64 * 1024;

/** A program as the hook: the command on its standard input, the answer on its output, failure by its exit code. */
export const programHook =
  (program: string): CommandHook =>
  (cmd, channel) =>
    new Promise((resolve, reject) => {
      // A group of its own, so that what a script has started ends with it.
      const child = spawn(program, [String(channel)], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
      const stop = (): void => {
        child.stdout.destroy();
        endGroup(child);
      };
      const timer = setTimeout(stop, PROGRAM_WITHIN_MS);
      const said: Buffer[] = [];
      let bytes = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) stop();
        else said.push(chunk);
      });
      child.on('error', (cause) => {
        clearTimeout(timer);
        reject(new ShoalError('device/command-failed', { detail: 'the hook cannot be started', cause }));
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ status: code === 0 ? 200 : 407, data: Buffer.concat(said).toString('utf8').trim() });
      });
      // A program that does not read its input has closed it; its answer counts all the same.
      child.stdin.on('error', () => undefined);
      child.stdin.end(cmd);
    });

const endGroup = (child: ChildProcess): void => {
  try {
    process.kill(-(child.pid ?? Number.NaN), 'SIGKILL');
  } catch {
    // It has ended meanwhile, or this system knows no groups.
    child.kill('SIGKILL');
  }
};
