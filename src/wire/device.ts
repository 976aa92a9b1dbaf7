/**
 * Devices, pages and their meeting place: JSON texts over one WebSocket. A device registers under its name and key; a
 * page calls it with the device's own word (see device-info.ts); both then exchange signalling that the meeting place
 * never looks into.
 */
import { type ErrorCode, errorCodes, type Fault, fault } from '../errors.ts';
import { fromBase64Url } from './bytes.ts';
import { isDevicePart } from './device-info.ts';
import { asList, asRecord, asText, asWhole, parseJson } from './json.ts';
import { DEVICE_INFO_MAX, DEVICE_MESSAGE_BYTES_MAX, ID_BYTES, SIGNAL_BYTES_MAX, SIGNATURE_BYTES } from './limits.ts';
import { type IceServer, readIceServer } from './service.ts';
import { PROTOCOL_VERSION } from './version.ts';

/** Path of the meeting place on a Shoal server. */
export const DEVICES_PATH = '/devices';

/** What a device signs to prove its key: this text, the challenge, its names. */
export const REGISTER_CONTEXT_TEXT = 'shoal device register v1';
/** What a device signs to prove itself to a page: this text, its fingerprint, the page's. */
export const ANSWER_CONTEXT_TEXT = 'shoal device answer v1';

/** What devices and pages say to the meeting place. */
export type MeetingRequest =
  | {
      readonly kind: 'register';
      readonly version: number;
      readonly productId: string;
      readonly deviceName: string;
      /** The device's public key, and its signature over the challenge, base64url. */
      readonly key: string;
      readonly proof: string;
    }
  | { readonly kind: 'call'; readonly version: number; readonly info: string }
  | { readonly kind: 'signal'; readonly call: number; readonly data: string }
  | { readonly kind: 'hang-up'; readonly call: number }
  /** A device does not take a call. */
  | { readonly kind: 'refuse'; readonly call: number; readonly code: ErrorCode };

/** What the meeting place says. */
export type MeetingAnswer =
  /** First word on every connection: what a device has to sign. */
  | { readonly kind: 'challenge'; readonly nonce: string; readonly iceServers: readonly IceServer[] }
  | { readonly kind: 'registered' }
  /** To the page: the device has been told. To the device: somebody calls, with this info. */
  | { readonly kind: 'called'; readonly call: number; readonly info: string }
  | { readonly kind: 'signal'; readonly call: number; readonly data: string }
  | { readonly kind: 'hung-up'; readonly call: number }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly call: number };

/** What the two say to each other on the channel of their call. */
export type CallMessage =
  /** The device's signature over both certificates. */
  | { readonly kind: 'proof'; readonly signature: Uint8Array }
  /** A sign of life. */
  | { readonly kind: 'beat' };

/** Writes a message of the call's channel: a proof is the signature as it is, a beat one zero. */
export const encodeCallMessage = (message: CallMessage): Uint8Array<ArrayBuffer> =>
  message.kind === 'beat' ? Uint8Array.of(0) : new Uint8Array(message.signature);

/** Reads one. */
export const decodeCallMessage = (bytes: Uint8Array): CallMessage | Fault => {
  if (bytes.length === 1 && bytes[0] === 0) return { kind: 'beat' };
  return bytes.length === SIGNATURE_BYTES ? { kind: 'proof', signature: bytes } : bad('call message');
};

const CALLS_MAX = 0xffff_ffff;

/** Writes a message. */
export const encodeMeeting = (message: MeetingRequest | MeetingAnswer): string => JSON.stringify(message);

/** Reads what a device or page says. */
export const decodeMeetingRequest = (text: string): MeetingRequest | Fault => {
  const fields = text.length > DEVICE_MESSAGE_BYTES_MAX ? undefined : asRecord(parseJson(text));
  switch (fields?.kind) {
    case 'register':
      return readRegister(fields);
    case 'call': {
      const info = asText(fields.info, DEVICE_INFO_MAX);
      const version = asWhole(fields.version, 1, 1000);
      if (info === undefined || version === undefined) return bad('call');
      return { kind: 'call', version, info };
    }
    case 'signal':
    case 'hang-up':
      return readOnCall(fields.kind, fields);
    case 'refuse':
      return readRefusal('refuse', fields);
    default:
      return bad('kind');
  }
};

/** Reads what the meeting place says. */
export const decodeMeetingAnswer = (text: string): MeetingAnswer | Fault => {
  const fields = text.length > DEVICE_MESSAGE_BYTES_MAX ? undefined : asRecord(parseJson(text));
  switch (fields?.kind) {
    case 'challenge': {
      const nonce = asText(fields.nonce, 64);
      const iceServers = asList(fields.iceServers, 16, readIceServer);
      if (nonce === undefined || iceServers === undefined) return bad('challenge');
      return { kind: 'challenge', nonce, iceServers };
    }
    case 'registered':
      return { kind: 'registered' };
    case 'called': {
      const call = asWhole(fields.call, 0, CALLS_MAX);
      const info = asText(fields.info, DEVICE_INFO_MAX);
      return call === undefined || info === undefined ? bad('called') : { kind: 'called', call, info };
    }
    case 'signal':
      return readOnCall('signal', fields);
    case 'hung-up': {
      const call = asWhole(fields.call, 0, CALLS_MAX);
      return call === undefined ? bad('hung-up') : { kind: 'hung-up', call };
    }
    case 'refused':
      return readRefusal('refused', fields);
    default:
      return bad('kind');
  }
};

const readRegister = (fields: Readonly<Record<string, unknown>>): MeetingRequest | Fault => {
  const { productId, deviceName, key, proof } = fields;
  const version = asWhole(fields.version, 1, 1000);
  if (version === undefined || !isPart(productId) || !isPart(deviceName)) return bad('register');
  if (!isBase64(key, ID_BYTES) || !isBase64(proof, SIGNATURE_BYTES)) return bad('register');
  return { kind: 'register', version, productId, deviceName, key, proof };
};

function readOnCall(
  kind: 'signal',
  fields: Readonly<Record<string, unknown>>,
): Extract<MeetingRequest, { kind: 'signal' }> | Fault;
function readOnCall(kind: 'signal' | 'hang-up', fields: Readonly<Record<string, unknown>>): MeetingRequest | Fault;
function readOnCall(kind: 'signal' | 'hang-up', fields: Readonly<Record<string, unknown>>): MeetingRequest | Fault {
  const call = asWhole(fields.call, 0, CALLS_MAX);
  if (call === undefined) return bad(kind);
  if (kind === 'hang-up') return { kind, call };
  const data = asText(fields.data, SIGNAL_BYTES_MAX);
  return data === undefined ? bad(kind) : { kind, call, data };
}

function readRefusal<Kind extends 'refuse' | 'refused'>(
  kind: Kind,
  fields: Readonly<Record<string, unknown>>,
): { readonly kind: Kind; readonly call: number; readonly code: ErrorCode } | Fault {
  const call = asWhole(fields.call, 0, CALLS_MAX);
  const code = errorCodes.find((known) => known === fields.code);
  return call === undefined || code === undefined ? bad(kind) : { kind, call, code };
}

const isPart = (value: unknown): value is string => typeof value === 'string' && isDevicePart(value);

const isBase64 = (value: unknown, bytes: number): value is string =>
  typeof value === 'string' && value.length < 200 && fromBase64Url(value)?.length === bytes;

const bad = (detail: string): Fault => fault('device/bad-message', detail);

/** The version devices and pages speak. */
export const MEETING_VERSION = PROTOCOL_VERSION;
