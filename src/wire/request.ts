/**
 * Requests to a device: one data channel each, ordered and reliable. A message is one frame: who asks says what for, who
 * answers says how it went, both send bytes as far as the other side has given room for, and either may end its half or
 * break the whole thing off.
 */
import { type Fault, fault } from '../errors.ts';
import { Reader, Writer } from './bytes.ts';
import { asRecord, asText, asWhole, parseJson } from './json.ts';
import { REQUEST_BODY_MAX, REQUEST_HEAD_BYTES_MAX, REQUEST_HEADERS_MAX, REQUEST_TARGET_MAX } from './limits.ts';

/** What is asked for: `ipc.flv?action=live&...`, `voice?...` or a command. */
export interface Ask {
  readonly target: string;
}

/** How it went: an HTTP status, and headers with lower-case names. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** One message on the channel of a request. */
export type RequestFrame =
  | { readonly kind: 'ask'; readonly ask: Ask }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  /** Nothing follows in this direction. */
  | { readonly kind: 'end' }
  /** Nothing follows in either direction, and what came may be incomplete. */
  | { readonly kind: 'reset' }
  /** So many more body bytes may come. */
  | { readonly kind: 'room'; readonly bytes: number };

const KINDS = { ask: 0x60, answer: 0x61, body: 0x62, end: 0x63, reset: 0x64, room: 0x65 } as const;

/** Writes a frame. */
export const encodeRequestFrame = (frame: RequestFrame): Uint8Array<ArrayBuffer> => {
  const writer = new Writer(frame.kind === 'body' ? frame.bytes.length + 1 : 64).u8(KINDS[frame.kind]);
  switch (frame.kind) {
    case 'ask':
      return writer.bytes(jsonBytes(frame.ask)).finish();
    case 'answer':
      return writer.bytes(jsonBytes(frame.answer)).finish();
    case 'body':
      return writer.bytes(frame.bytes).finish();
    case 'room':
      return writer.u32(frame.bytes).finish();
    case 'end':
    case 'reset':
      return writer.finish();
  }
};

/** Writes a frame with body bytes into memory that is used again, and returns the part of it that is the frame. */
export const encodeBodyInto = (memory: Uint8Array<ArrayBuffer>, bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  memory[0] = KINDS.body;
  memory.set(bytes, 1);
  return memory.subarray(0, bytes.length + 1);
};

/** Reads a frame; body bytes are a view. */
export const decodeRequestFrame = (bytes: Uint8Array): RequestFrame | Fault => {
  const reader = new Reader(bytes);
  switch (reader.u8()) {
    case KINDS.ask:
      return readAsk(reader.rest());
    case KINDS.answer:
      return readAnswer(reader.rest());
    case KINDS.body:
      if (reader.left === 0 || reader.left > REQUEST_BODY_MAX) return fault('request/malformed', 'body length');
      return { kind: 'body', bytes: reader.rest() };
    case KINDS.end:
      return reader.done() ? { kind: 'end' } : fault('request/malformed', 'end');
    case KINDS.reset:
      return reader.done() ? { kind: 'reset' } : fault('request/malformed', 'reset');
    case KINDS.room: {
      const room = reader.u32();
      return reader.done() && room > 0 ? { kind: 'room', bytes: room } : fault('request/malformed', 'room');
    }
    default:
      return fault('request/malformed', 'kind');
  }
};

const jsonBytes = (value: object): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));

const readFields = (bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined => {
  if (bytes.length > REQUEST_HEAD_BYTES_MAX) return undefined;
  return asRecord(parseJson(new TextDecoder().decode(bytes)));
};

const readAsk = (bytes: Uint8Array): RequestFrame | Fault => {
  const target = asText(readFields(bytes)?.target, REQUEST_TARGET_MAX);
  if (target === undefined || target === '') return fault('request/malformed', 'target');
  return { kind: 'ask', ask: { target } };
};

const readAnswer = (bytes: Uint8Array): RequestFrame | Fault => {
  const fields = readFields(bytes);
  const status = asWhole(fields?.status, 100, 599);
  const headers = readHeaders(asRecord(fields?.headers));
  if (status === undefined || headers === undefined) return fault('request/malformed', 'answer');
  return { kind: 'answer', answer: { status, headers } };
};

const readHeaders = (value: Readonly<Record<string, unknown>> | undefined): Answer['headers'] | undefined => {
  const entries = Object.entries(value ?? {});
  if (value === undefined || entries.length > REQUEST_HEADERS_MAX) return undefined;
  if (!entries.every(([name, text]) => HEADER_NAME.test(name) && typeof text === 'string')) return undefined;
  return Object.fromEntries(entries) as Record<string, string>;
};

const HEADER_NAME = /^[a-z][a-z0-9-]{0,40}$/;
