// Join tokens: the tracker's signed word, made and checked.

import { fromHex, sameBytes, toBase64Url } from '../../../src/wire/bytes.ts';
import { decodeToken, encodeTokenBody, sealToken, TOKEN_CONTEXT, TOKEN_LIFE_MS } from '../../../src/wire/token.ts';
import type { TokenKey, ViewerName } from '../../../src/wire/tracker.ts';
import type { ByteCore } from '../../../wasm/abi.ts';
import type { Clock } from '../clock.ts';

/** Whether a token is good now, for the stream at a path. */
export type TokenCheck = (token: Uint8Array, path: string) => boolean;

/** Who a token is for. */
export interface TokenHolder {
  readonly viewer: ViewerName;
  readonly stream: Uint8Array;
  readonly viewerKey: Uint8Array;
}

/** What a viewer is told with its token. */
export interface TokenGrant {
  readonly token: string;
  readonly expiresInMs: number;
  readonly tokenKeys: readonly TokenKey[];
}

/** See above. */
export class JoinTokens {
  readonly #core: ByteCore;
  readonly #clock: Clock;
  readonly #seed: Uint8Array;
  readonly #publicKey: Uint8Array;
  readonly #keyId: number;

  constructor(core: ByteCore, clock: Clock, seed: Uint8Array) {
    this.#core = core;
    this.#clock = clock;
    this.#seed = seed;
    this.#publicKey = core.publicKey(seed);
    this.#keyId = Buffer.from(this.#publicKey).readUInt32BE();
  }

  /** Makes a token that is good from now on. */
  grant(holder: TokenHolder): TokenGrant {
    const issuedMs = this.#clock.wall();
    const body = encodeTokenBody({
      stream: holder.stream,
      viewer: fromHex(holder.viewer) ?? new Uint8Array(0),
      viewerKey: holder.viewerKey,
      issuedMs,
      expiresMs: issuedMs + TOKEN_LIFE_MS,
      keyId: this.#keyId,
    });
    const signature = this.#core.sign(this.#seed, Buffer.concat([TOKEN_CONTEXT, body]));
    return {
      token: toBase64Url(sealToken(body, signature)),
      expiresInMs: TOKEN_LIFE_MS,
      tokenKeys: [{ id: this.#keyId, key: toBase64Url(this.#publicKey) }],
    };
  }

  /** Whether we signed a token, however long ago. */
  isOurs(bytes: Uint8Array): boolean {
    const sealed = decodeToken(bytes);
    if ('kind' in sealed) return false;
    return this.#core.verify(this.#publicKey, Buffer.concat([TOKEN_CONTEXT, sealed.signed]), sealed.signature);
  }

  /** Whether a token is ours, good now, and for this stream. */
  good(bytes: Uint8Array, stream: Uint8Array): boolean {
    const sealed = decodeToken(bytes);
    if ('kind' in sealed) return false;
    const { token, signed, signature } = sealed;
    if (!sameBytes(token.stream, stream) || token.expiresMs <= this.#clock.wall()) return false;
    return this.#core.verify(this.#publicKey, Buffer.concat([TOKEN_CONTEXT, signed]), signature);
  }
}
