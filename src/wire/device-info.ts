/**
 * What a page needs to reach a device, in one text that is opaque to the page: `XP2P` + base64url + `%` + version of the
 * device's software + flags. The device signs it, so the meeting place can check it without a secret, and the device
 * knows its own. Whoever holds it may call until it expires: it is a key, not a name.
 */
import { type Fault, fault } from '../errors.ts';
import { ascii, fromBase64Url, Reader, toBase64Url, Writer } from './bytes.ts';
import { DEVICE_NAME_MAX, ID_BYTES, SIGNATURE_BYTES } from './limits.ts';

/** What a device signs before the info's own bytes. */
export const INFO_CONTEXT = ascii('shoal device info v1');

/** What the holder may do. */
export const DEVICE_RIGHTS = ['live', 'playback', 'download', 'voice', 'command'] as const;
export type DeviceRight = (typeof DEVICE_RIGHTS)[number];

/** Flag of a device whose WebRTC answers when ICE starts anew; others are called again instead. */
export const RESTARTS_ICE_FLAG = 'r';

/** Who a device is. */
export interface DeviceName {
  readonly productId: string;
  readonly deviceName: string;
}

/** A decoded info. */
export interface DeviceInfo extends DeviceName {
  /** Public key of the device. */
  readonly deviceKey: Uint8Array;
  /** Wall clock, ms. */
  readonly expiresMs: number;
  readonly rights: readonly DeviceRight[];
  /** Address of the WebSocket where it can be met. */
  readonly meeting: string;
  /** Version of the device's software, and flag letters. */
  readonly version: string;
  readonly flags: string;
}

/** An info as it was read: the signature is the caller's question. */
export interface SealedInfo {
  readonly info: DeviceInfo;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

const INFO_VERSION = 1;
const NONCE_BYTES = 8;
const MEETING = /^wss?:\/\/[!-~]{1,190}$/;
const NAME = /^[A-Za-z0-9_.:-]+$/;
const TEXT = /^XP2P([A-Za-z0-9_-]{40,2000})%(\d{1,4}\.\d{1,4}\.\d{1,4})([a-z]{0,16})$/;

/** True for a name of at most `DEVICE_NAME_MAX` letters, digits and `_.:-`. */
export const isDevicePart = (text: string): boolean => text.length <= DEVICE_NAME_MAX && NAME.test(text);

/** The bytes a device signs (after INFO_CONTEXT). The nonce makes two infos of one moment different. */
export const encodeInfoBody = (info: DeviceInfo, nonce: Uint8Array): Uint8Array<ArrayBuffer> => {
  const rights = info.rights.reduce((mask, right) => mask | (1 << DEVICE_RIGHTS.indexOf(right)), 0);
  const writer = new Writer(160).u8(INFO_VERSION).u8(rights).u48(info.expiresMs).bytes(info.deviceKey).bytes(nonce);
  for (const text of [info.productId, info.deviceName, info.meeting, `${info.version}${info.flags}`]) {
    writer.u8(text.length).bytes(ascii(text));
  }
  return writer.finish();
};

/** The text of an info. */
export const sealInfo = (body: Uint8Array, signature: Uint8Array, { version, flags }: DeviceInfo): string =>
  `XP2P${toBase64Url(new Writer(body.length + signature.length).bytes(body).bytes(signature).finish())}%${version}${flags}`;

/** Reads an info. */
export const decodeInfo = (text: string): SealedInfo | Fault => {
  const [, blob = '', version = '', flags = ''] = TEXT.exec(text.trim()) ?? [];
  const bytes = fromBase64Url(blob);
  if (bytes === undefined || bytes.length <= SIGNATURE_BYTES) return fault('device/bad-info', 'form');
  const signed = bytes.subarray(0, bytes.length - SIGNATURE_BYTES);
  const reader = new Reader(signed);
  if (reader.u8() !== INFO_VERSION) return fault('device/bad-info', 'version');
  const mask = reader.u8();
  const expiresMs = reader.u48();
  const deviceKey = reader.bytes(ID_BYTES);
  reader.bytes(NONCE_BYTES);
  const [productId = '', deviceName = '', meeting = '', software = ''] = [0, 1, 2, 3].map(() => text8(reader));
  const isWhole = reader.done() && isDevicePart(productId) && isDevicePart(deviceName) && MEETING.test(meeting);
  // What stands in plain sight must be what was signed: the version decides which calls are made.
  if (!isWhole || software !== `${version}${flags}`) return fault('device/bad-info', 'fields');
  const rights = DEVICE_RIGHTS.filter((_, bit) => (mask & (1 << bit)) !== 0);
  const info = { productId, deviceName, deviceKey, meeting, expiresMs, rights, version, flags };
  return { info, signed, signature: bytes.subarray(bytes.length - SIGNATURE_BYTES) };
};

const text8 = (reader: Reader): string => String.fromCharCode(...reader.bytes(reader.u8()));
