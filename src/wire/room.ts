/**
 * Rooms of publishers: JSON texts over one WebSocket. A publisher enters a room under its name, opens its camera (`main`)
 * or its screen (`aux`), is told where to send the bytes, and starts and stops what is made of them. Every ask carries a
 * number of its sender's, and is answered exactly once with that number: by what was asked for or by `failed`.
 */
import { type ErrorCode, errorCodes, type Fault, fault } from '../errors.ts';
import { asList, asRecord, asText, asWhole, parseJson } from './json.ts';
import {
  CHANNEL_DESC_MAX,
  CHANNEL_NAME_MAX,
  PUSH_CHANNELS_MAX,
  PUSH_URLS_MAX,
  RECORD_FILES_MAX,
  ROOM_ANSWER_BYTES_MAX,
  ROOM_MEMBERS_MAX,
  ROOM_MESSAGE_BYTES_MAX,
  ROOM_NAME_MAX,
  ROOM_TOKEN_MAX,
} from './limits.ts';

/** Path of the rooms on a Shoal server. */
export const ROOMS_PATH = '/rooms';

/** What a publisher shows: its camera, or its screen. */
export const tracks = ['main', 'aux'] as const;
/** See `tracks`. */
export type Track = (typeof tracks)[number];

/** The forms a stream leaves in. */
export const encodes = ['flv', 'hls', 'rtmp'] as const;
/** See `encodes`. */
export type Encode = (typeof encodes)[number];

/** Who starts a thing: the server by itself, or the publisher by asking. */
export const starters = ['auto', 'manual'] as const;
/** See `starters`. */
export type Starter = (typeof starters)[number];

/** Bits of recording formats; a sum of them says what is recorded. */
export const RECORD_HLS = 1;
export const RECORD_FLV = 2;
export const RECORD_MP4 = 4;
/** All formats. */
export const RECORD_ALL: number = RECORD_HLS | RECORD_FLV | RECORD_MP4;

/** Where a live push stands. */
export const pushStates = ['starting', 'running', 'retrying', 'stopped'] as const;
/** See `pushStates`. */
export type PushState = (typeof pushStates)[number];

/** One address a stream is played by. */
export interface PushUrl {
  readonly encode: Encode;
  /** 0 is the stream as it came in; others are what the server's ladder makes of it. */
  readonly rateType: number;
  readonly url: string;
}

/** A stream that leaves the room; its channel is its stream code. */
export interface Push {
  readonly channelId: string;
  readonly urls: readonly PushUrl[];
}

/** One file of a recording. */
export interface RecordedFile {
  readonly format: 'hls' | 'flv' | 'mp4';
  readonly url: string;
  readonly bytes: number;
  readonly durationMs: number;
}

/** Somebody in the room, and what is up of theirs. */
export interface RoomMember {
  readonly user: string;
  readonly tracks: readonly Track[];
}

/** What a publisher says. */
export type RoomRequest =
  | {
      readonly kind: 'enter';
      readonly ask: number;
      readonly version: number;
      /** The customer's number, part of every stream code. */
      readonly bizid: number;
      readonly room: string;
      readonly user: string;
      /** The customer's word that this user may enter this room; empty where none is wanted. */
      readonly token: string;
    }
  | { readonly kind: 'leave'; readonly ask: number }
  /** Asks where to send a track. The track is up while somebody is sending it there. */
  | { readonly kind: 'open'; readonly ask: number; readonly track: Track }
  | { readonly kind: 'close'; readonly ask: number; readonly track: Track }
  | {
      readonly kind: 'start-push';
      readonly ask: number;
      readonly track: Track;
      /** Forms whose addresses are wanted; all when empty. */
      readonly encode: readonly Encode[];
      /** What to record of it where recording is automatic: a sum of the bits above, 0 for nothing. */
      readonly record: number;
      readonly channelName: string;
      readonly channelDesc: string;
    }
  /** Without channels: all of this publisher's. */
  | { readonly kind: 'stop-push'; readonly ask: number; readonly channels: readonly string[] }
  | { readonly kind: 'start-record'; readonly ask: number; readonly track: Track; readonly formats: number }
  | { readonly kind: 'stop-record'; readonly ask: number; readonly task: string }
  | { readonly kind: 'take-screenshot'; readonly ask: number; readonly track: Track };

/** What is answered, and what is told without having been asked. */
export type RoomAnswer =
  | {
      readonly kind: 'entered';
      readonly ask: number;
      /** Who starts the live push and the recording here. */
      readonly bypass: Starter;
      readonly record: Starter;
      /** Formats that can be recorded here: a sum of the bits above. */
      readonly formats: number;
      /** Everybody, this user too. */
      readonly members: readonly RoomMember[];
    }
  | { readonly kind: 'left'; readonly ask: number }
  /** `publish` is the address of a WebSocket that takes FLV; relative to the server, and a secret of this publisher. */
  | {
      readonly kind: 'opened';
      readonly ask: number;
      readonly track: Track;
      readonly code: string;
      readonly publish: string;
    }
  | { readonly kind: 'closed'; readonly ask: number; readonly track: Track }
  | ({ readonly kind: 'pushed'; readonly ask: number } & Push)
  | { readonly kind: 'push-stopped'; readonly ask: number; readonly channels: readonly string[] }
  | { readonly kind: 'record-started'; readonly ask: number; readonly task: string }
  | { readonly kind: 'record-stopped'; readonly ask: number; readonly files: readonly RecordedFile[] }
  | { readonly kind: 'screenshot'; readonly ask: number; readonly url: string }
  | { readonly kind: 'failed'; readonly ask: number; readonly code: ErrorCode; readonly detail: string }
  /** Told to everybody else: somebody is here with these tracks, or has gone. */
  | ({ readonly kind: 'member' } & RoomMember)
  | { readonly kind: 'gone'; readonly user: string }
  /** Told to the publisher: where the live push of a track of its own stands; addresses while it runs. */
  | ({ readonly kind: 'push'; readonly track: Track; readonly state: PushState } & Push)
  /** Told before the server closes the socket. */
  | { readonly kind: 'out'; readonly code: ErrorCode };

const ASK_MAX = 0xffff_ffff;
const BIZID_MAX = 999_999_999;
const RATE_TYPE_MAX = 10_000;
const URL_CHARS_MAX = 500;
const TASK_CHARS_MAX = 64;

/** Writes a message. */
export const encodeRoom = (message: RoomRequest | RoomAnswer): string => JSON.stringify(message);

type Fields = Readonly<Record<string, unknown>>;

/** Reads what a publisher says. */
export const decodeRoomRequest = (text: string): RoomRequest | Fault => {
  const fields = text.length > ROOM_MESSAGE_BYTES_MAX ? undefined : asRecord(parseJson(text));
  const ask = asWhole(fields?.ask, 1, ASK_MAX);
  if (fields === undefined || ask === undefined) return bad('ask');
  return readRequest(fields, ask) ?? bad('request');
};

const readRequest = (fields: Fields, ask: number): RoomRequest | undefined => {
  const track = asOneOf(fields.track, tracks);
  switch (fields.kind) {
    case 'enter':
      return readEnter(fields, ask);
    case 'leave':
      return { kind: 'leave', ask };
    case 'open':
    case 'close':
    case 'take-screenshot':
      return track === undefined ? undefined : { kind: fields.kind, ask, track };
    case 'start-push':
      return track === undefined ? undefined : readStartPush(fields, ask, track);
    case 'stop-push': {
      const channels = asList(fields.channels, PUSH_CHANNELS_MAX, asStreamCode);
      return channels === undefined ? undefined : { kind: 'stop-push', ask, channels };
    }
    case 'start-record': {
      const formats = asWhole(fields.formats, 1, RECORD_ALL);
      return track === undefined || formats === undefined ? undefined : { kind: 'start-record', ask, track, formats };
    }
    case 'stop-record': {
      const task = asText(fields.task, TASK_CHARS_MAX);
      return task === undefined ? undefined : { kind: 'stop-record', ask, task };
    }
    default:
      return undefined;
  }
};

const readEnter = (fields: Fields, ask: number): RoomRequest | undefined => {
  const version = asWhole(fields.version, 1, 1000);
  const bizid = asWhole(fields.bizid, 0, BIZID_MAX);
  const room = asName(fields.room);
  const user = asName(fields.user);
  const token = asText(fields.token, ROOM_TOKEN_MAX);
  if (version === undefined || bizid === undefined || room === undefined) return undefined;
  if (user === undefined || token === undefined) return undefined;
  return { kind: 'enter', ask, version, bizid, room, user, token };
};

const readStartPush = (fields: Fields, ask: number, track: Track): RoomRequest | undefined => {
  const encode = asList(fields.encode, encodes.length, (member) => asOneOf(member, encodes));
  const record = asWhole(fields.record, 0, RECORD_ALL);
  const channelName = asPlainText(fields.channelName, CHANNEL_NAME_MAX);
  const channelDesc = asPlainText(fields.channelDesc, CHANNEL_DESC_MAX);
  if (encode === undefined || record === undefined) return undefined;
  if (channelName === undefined || channelDesc === undefined) return undefined;
  return { kind: 'start-push', ask, track, encode, record, channelName, channelDesc };
};

/** Reads what the server says. */
export const decodeRoomAnswer = (text: string): RoomAnswer | Fault => {
  const fields = text.length > ROOM_ANSWER_BYTES_MAX ? undefined : asRecord(parseJson(text));
  if (fields === undefined) return bad('answer');
  const ask = asWhole(fields.ask, 1, ASK_MAX);
  return (ask === undefined ? readNews(fields) : readReply(fields, ask)) ?? bad('answer');
};

const readReply = (fields: Fields, ask: number): RoomAnswer | undefined => {
  const track = asOneOf(fields.track, tracks);
  switch (fields.kind) {
    case 'entered':
      return readEntered(fields, ask);
    case 'left':
      return { kind: 'left', ask };
    case 'opened': {
      const code = asStreamCode(fields.code);
      const publish = asText(fields.publish, URL_CHARS_MAX);
      if (track === undefined || code === undefined || publish === undefined) return undefined;
      return { kind: 'opened', ask, track, code, publish };
    }
    case 'closed':
      return track === undefined ? undefined : { kind: 'closed', ask, track };
    case 'pushed': {
      const push = readPush(fields);
      return push === undefined ? undefined : { kind: 'pushed', ask, ...push };
    }
    case 'push-stopped': {
      const channels = asList(fields.channels, PUSH_CHANNELS_MAX, asStreamCode);
      return channels === undefined ? undefined : { kind: 'push-stopped', ask, channels };
    }
    case 'failed': {
      const code = asErrorCode(fields.code);
      const detail = asText(fields.detail, URL_CHARS_MAX);
      return code === undefined || detail === undefined ? undefined : { kind: 'failed', ask, code, detail };
    }
    default:
      return readRecordReply(fields, ask);
  }
};

const readRecordReply = (fields: Fields, ask: number): RoomAnswer | undefined => {
  switch (fields.kind) {
    case 'record-started': {
      const task = asText(fields.task, TASK_CHARS_MAX);
      return task === undefined ? undefined : { kind: 'record-started', ask, task };
    }
    case 'record-stopped': {
      const files = asList(fields.files, RECORD_FILES_MAX, readFile);
      return files === undefined ? undefined : { kind: 'record-stopped', ask, files };
    }
    case 'screenshot': {
      const url = asText(fields.url, URL_CHARS_MAX);
      return url === undefined ? undefined : { kind: 'screenshot', ask, url };
    }
    default:
      return undefined;
  }
};

const readNews = (fields: Fields): RoomAnswer | undefined => {
  switch (fields.kind) {
    case 'member': {
      const member = readMember(fields);
      return member === undefined ? undefined : { kind: 'member', ...member };
    }
    case 'gone': {
      const user = asName(fields.user);
      return user === undefined ? undefined : { kind: 'gone', user };
    }
    case 'push': {
      const track = asOneOf(fields.track, tracks);
      const state = asOneOf(fields.state, pushStates);
      const push = readPush(fields);
      if (track === undefined || state === undefined || push === undefined) return undefined;
      return { kind: 'push', track, state, ...push };
    }
    case 'out': {
      const code = asErrorCode(fields.code);
      return code === undefined ? undefined : { kind: 'out', code };
    }
    default:
      return undefined;
  }
};

const readEntered = (fields: Fields, ask: number): RoomAnswer | undefined => {
  const bypass = asOneOf(fields.bypass, starters);
  const record = asOneOf(fields.record, starters);
  const formats = asWhole(fields.formats, 0, RECORD_ALL);
  const members = asList(fields.members, ROOM_MEMBERS_MAX, (member) => readMember(asRecord(member) ?? {}));
  if (bypass === undefined || record === undefined || formats === undefined || members === undefined) return undefined;
  return { kind: 'entered', ask, bypass, record, formats, members };
};

const readMember = (fields: Fields): RoomMember | undefined => {
  const user = asName(fields.user);
  const up = asList(fields.tracks, tracks.length, (member) => asOneOf(member, tracks));
  return user === undefined || up === undefined ? undefined : { user, tracks: up };
};

const readPush = (fields: Fields): Push | undefined => {
  const channelId = asStreamCode(fields.channelId);
  const urls = asList(fields.urls, PUSH_URLS_MAX, readUrl);
  return channelId === undefined || urls === undefined ? undefined : { channelId, urls };
};

const readUrl = (value: unknown): PushUrl | undefined => {
  const fields = asRecord(value);
  const encode = asOneOf(fields?.encode, encodes);
  const rateType = asWhole(fields?.rateType, 0, RATE_TYPE_MAX);
  const url = asText(fields?.url, URL_CHARS_MAX);
  return encode === undefined || rateType === undefined || url === undefined ? undefined : { encode, rateType, url };
};

const readFile = (value: unknown): RecordedFile | undefined => {
  const fields = asRecord(value);
  const format = asOneOf(fields?.format, ['hls', 'flv', 'mp4'] as const);
  const url = asText(fields?.url, URL_CHARS_MAX);
  const bytes = asWhole(fields?.bytes, 0, Number.MAX_SAFE_INTEGER);
  const durationMs = asWhole(fields?.durationMs, 0, Number.MAX_SAFE_INTEGER);
  if (format === undefined || url === undefined || bytes === undefined || durationMs === undefined) return undefined;
  return { format, url, bytes, durationMs };
};

const asOneOf = <T extends string>(value: unknown, known: readonly T[]): T | undefined =>
  known.find((one) => one === value);

const asErrorCode = (value: unknown): ErrorCode | undefined => asOneOf(value, errorCodes);

/** A text without control characters. */
const asPlainText = (value: unknown, most: number): string | undefined => {
  const text = asText(value, most);
  return text === undefined || /\p{Cc}/u.test(text) ? undefined : text;
};

/** A room or a user. */
const asName = (value: unknown): string | undefined => {
  const text = asPlainText(value, ROOM_NAME_MAX);
  return text === '' ? undefined : text;
};

/** Whether a text may be a stream code: the customer's number and 32 hexadecimal digits. */
export const isStreamCode = (text: string): boolean => /^\d{1,9}_[0-9a-f]{32}$/.test(text);

const asStreamCode = (value: unknown): string | undefined =>
  typeof value === 'string' && isStreamCode(value) ? value : undefined;

const bad = (detail: string): Fault => fault('room/bad-message', detail);
