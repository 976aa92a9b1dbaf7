// Who a device is: its name, its key, and the infos it hands out.

import { randomBytes } from 'node:crypto';
import { type Fault, fault } from '../../src/errors.ts';
import { ascii, sameBytes, toBase64Url } from '../../src/wire/bytes.ts';
import {
  ANSWER_CONTEXT_TEXT,
  MEETING_VERSION,
  type MeetingRequest,
  REGISTER_CONTEXT_TEXT,
} from '../../src/wire/device.ts';
import {
  type DeviceInfo,
  type DeviceName,
  type DeviceRight,
  decodeInfo,
  encodeInfoBody,
  INFO_CONTEXT,
  sealInfo,
} from '../../src/wire/device-info.ts';
import type { ByteCore } from '../../wasm/abi.ts';

/** Version of this software as pages are told; older devices than 2.3.0 are refused by them. */
export const AGENT_VERSION = '2.4.0';
const NONCE_BYTES = 8;

/** What an info is to say. */
export interface InfoWish {
  readonly meeting: string;
  readonly lifeMs: number;
  readonly rights: readonly DeviceRight[];
  /** Letters that say what the device can do beyond its version. */
  readonly flags?: string;
}

/** See above. */
export class DeviceIdentity {
  readonly name: DeviceName;
  readonly #core: ByteCore;
  readonly #seed: Uint8Array;
  readonly #key: Uint8Array<ArrayBuffer>;

  constructor(core: ByteCore, seed: Uint8Array, name: DeviceName) {
    this.#core = core;
    this.#seed = seed;
    this.name = name;
    this.#key = core.publicKey(seed);
  }

  /** An info for somebody who may call, for a while. */
  issue({ meeting, lifeMs, rights, flags = '' }: InfoWish, wallMs: number): string {
    const info: DeviceInfo = {
      ...this.name,
      deviceKey: this.#key,
      meeting,
      expiresMs: wallMs + lifeMs,
      rights,
      version: AGENT_VERSION,
      flags,
    };
    const body = encodeInfoBody(info, new Uint8Array(randomBytes(NONCE_BYTES)));
    return sealInfo(body, this.#sign(INFO_CONTEXT, body), info);
  }

  /** What an info entitles to, or why it does not. */
  check(text: string, wallMs: number): DeviceInfo | Fault {
    const sealed = decodeInfo(text);
    if ('kind' in sealed) return sealed;
    const { info, signed, signature } = sealed;
    const isOurs = sameBytes(info.deviceKey, this.#key);
    if (!isOurs || !this.#core.verify(this.#key, joined(INFO_CONTEXT, signed), signature)) {
      return fault('device/bad-info', 'signature');
    }
    return info.expiresMs > wallMs ? info : fault('device/expired-info', '');
  }

  /** Proves the name to the meeting place. */
  registration(nonce: string): MeetingRequest {
    const { productId, deviceName } = this.name;
    const proof = this.#sign(ascii(`${REGISTER_CONTEXT_TEXT} ${nonce} ${productId}/${deviceName}`));
    const key = toBase64Url(this.#key);
    return { kind: 'register', version: MEETING_VERSION, productId, deviceName, key, proof: toBase64Url(proof) };
  }

  /** Proves itself to a page: nobody in between has the certificates that both sides see. */
  greeting(own: Uint8Array, theirs: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#sign(ascii(ANSWER_CONTEXT_TEXT), own, theirs);
  }

  #sign(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
    return this.#core.sign(this.#seed, joined(...parts));
  }
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts));
