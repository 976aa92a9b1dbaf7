// What a request asks for, read from its text: `ipc.flv?action=live&...`, `voice?...`, `command?action=...&cmd=...`.
// Names that begin with an underscore are the SDK's own.

import { type Fault, fault } from '../../src/errors.ts';
import type { DeviceRight } from '../../src/wire/device-info.ts';

/** A checked request. */
export type DeviceRequest =
  | { readonly kind: 'live'; readonly channel: number; readonly quality: Quality }
  | {
      readonly kind: 'playback';
      readonly channel: number;
      readonly fromS: number;
      readonly toS: number;
      /** Only recordings of this type, such as those of an alarm. */
      readonly type: string | undefined;
    }
  | { readonly kind: 'download'; readonly channel: number; readonly file: string; readonly offset: number }
  | { readonly kind: 'voice'; readonly channel: number }
  | {
      readonly kind: 'command';
      readonly channel: number;
      readonly origin: 'inner' | 'user';
      readonly cmd: string;
      readonly values: URLSearchParams;
    };

/** How good a live picture is asked for. */
export type Quality = 'standard' | 'high' | 'super';

/** The right each kind of request needs. */
export const RIGHT_OF: Readonly<Record<DeviceRequest['kind'], DeviceRight>> = {
  live: 'live',
  playback: 'playback',
  download: 'download',
  voice: 'voice',
  command: 'command',
};

const QUALITIES: readonly Quality[] = ['standard', 'high', 'super'];
const CHANNELS_MAX = 64;
const USER_ARGS_MAX = 1024;
const REQUESTER_MAX = 64;
const CMD_MAX = 16_384;
const GAP_LEAST_S = 5;

/** Reads one. */
export const readTarget = (target: string): DeviceRequest | Fault => {
  const at = target.indexOf('?');
  const place = at < 0 ? target : target.slice(0, at);
  const values = new URLSearchParams(at < 0 ? '' : target.slice(at + 1));
  const channel = wholeIn(values.get('channel') ?? '0', 0, CHANNELS_MAX - 1);
  if (channel === undefined) return bad('channel');
  if ((values.get('user_args') ?? '').length > USER_ARGS_MAX) return bad('user_args');
  if ((values.get('requester') ?? '').length > REQUESTER_MAX) return bad('requester');
  switch (place.replace(/^\//, '')) {
    case 'ipc.flv':
      return readMedia(values, channel);
    case 'voice':
      return { kind: 'voice', channel };
    case 'command':
      return readCommand(values, channel);
    default:
      return bad('path');
  }
};

const readMedia = (values: URLSearchParams, channel: number): DeviceRequest | Fault => {
  switch (values.get('action')) {
    case 'live': {
      const quality = QUALITIES.find((known) => known === (values.get('quality') ?? 'high'));
      return quality === undefined ? bad('quality') : { kind: 'live', channel, quality };
    }
    case 'playback': {
      const fromS = wholeIn(values.get('start_time'), 0, Number.MAX_SAFE_INTEGER);
      const toS = wholeIn(values.get('end_time'), 0, Number.MAX_SAFE_INTEGER);
      if (fromS === undefined || toS === undefined || toS - fromS < GAP_LEAST_S) return bad('start_time, end_time');
      return { kind: 'playback', channel, fromS, toS, type: values.get('type') ?? undefined };
    }
    case 'download': {
      const file = values.get('file_name') ?? '';
      const offset = wholeIn(values.get('offset') ?? '0', 0, Number.MAX_SAFE_INTEGER);
      if (file === '' || file.length > 512 || offset === undefined) return bad('file_name, offset');
      return { kind: 'download', channel, file, offset };
    }
    default:
      return bad('action');
  }
};

const readCommand = (values: URLSearchParams, channel: number): DeviceRequest | Fault => {
  const action = values.get('action');
  const cmd = values.get('cmd') ?? '';
  if (cmd === '' || cmd.length > CMD_MAX) return bad('cmd');
  if (action !== 'inner_define' && action !== 'user_define') return bad('action');
  return { kind: 'command', channel, origin: action === 'inner_define' ? 'inner' : 'user', cmd, values };
};

const wholeIn = (text: string | null, least: number, most: number): number | undefined => {
  const value = text !== null && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
};

const bad = (detail: string): Fault => fault('device/bad-request', detail);
