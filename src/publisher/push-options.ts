/**
 * What a live push is asked for with, checked once; in our words or in the numbers of the vendor's SDKs.
 */
import { ShoalError } from '../errors.ts';
import { type Encode, encodes, RECORD_ALL, type Track } from '../wire/room.ts';

/** What to make of a track; everything has a default. */
export interface PushOption {
  /** `main` is the camera, `aux` the screen; the one that is up, the camera first, unless given. */
  readonly track?: Track;
  /** Forms whose addresses are wanted; all unless given. */
  readonly encode?: Encode | readonly Encode[];
  /** What is recorded where recording is automatic: a sum of 1 HLS, 2 FLV, 4 MP4. */
  readonly recordFileType?: number;
  readonly channelName?: string;
  readonly channelDesc?: string;
  /** Time between attempts, at least 3,000 ms, and how many there are. */
  readonly retryMs?: number;
  readonly attempts?: number;
}

/** Checked. */
export interface ParsedPush {
  readonly track: Track | undefined;
  readonly encode: readonly Encode[];
  readonly record: number;
  readonly channelName: string;
  readonly channelDesc: string;
  readonly retryMs: number;
  readonly attempts: number;
}

/** Attempts may not be closer together: a server that is in trouble is not helped by more of them. */
export const RETRY_MS_MIN = 3000;
const ATTEMPTS = 5;

/** Throws `options/invalid`. */
export const parsePush = (option: PushOption): ParsedPush => {
  const { track, encode = [], recordFileType = 0, channelName = '', channelDesc = '' } = option;
  const { retryMs = RETRY_MS_MIN, attempts = ATTEMPTS } = option;
  const forms = typeof encode === 'string' ? [encode] : encode;
  if (track !== undefined && track !== 'main' && track !== 'aux') throw bad('track');
  if (!Array.isArray(forms) || !forms.every((form) => encodes.includes(form))) throw bad('encode');
  if (!isWhole(recordFileType, 0, RECORD_ALL)) throw bad('recordFileType');
  if (typeof channelName !== 'string' || typeof channelDesc !== 'string') throw bad('channelName');
  if (!isWhole(retryMs, RETRY_MS_MIN, 600_000)) throw bad('retryMs');
  if (!isWhole(attempts, 1, 1000)) throw bad('attempts');
  return { track, encode: forms, record: recordFileType, channelName, channelDesc, retryMs, attempts };
};

const isWhole = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;

const bad = (detail: string): ShoalError => new ShoalError('options/invalid', { detail });
