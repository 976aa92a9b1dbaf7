/**
 * How two viewers prove to each other who they are: a join token, and a signature by the token's viewer key over both
 * DTLS fingerprints, so that a signalling server in the middle gains nothing.
 */

import type { ByteCore } from '../../wasm/abi.ts';
import { type Fault, fault } from '../errors.ts';
import { ascii, fromBase64Url, sameBytes, toHex } from '../wire/bytes.ts';
import { HELLO_CONTEXT_TEXT, type LinkMessage } from '../wire/link.ts';
import { decodeToken, TOKEN_CONTEXT } from '../wire/token.ts';
import type { TokenKey, ViewerName } from '../wire/tracker.ts';
import { PROTOCOL_VERSION, speaks } from '../wire/version.ts';
import type { Fingerprints } from './ports.ts';

const HELLO_CONTEXT = ascii(HELLO_CONTEXT_TEXT);
/** Clocks of viewers and trackers may differ by this much. */
const CLOCK_SLACK_MS = 120_000;

type Hello = Extract<LinkMessage, { kind: 'hello' }>;

export class Greeting {
  readonly #core: ByteCore;
  readonly #seed: Uint8Array;
  readonly viewerKey: Uint8Array;
  #token: Uint8Array | undefined;
  #keys = new Map<number, Uint8Array>();

  constructor(core: ByteCore, seed: Uint8Array) {
    this.#core = core;
    this.#seed = seed;
    this.viewerKey = core.publicKey(seed);
  }

  /** Takes what the tracker granted. */
  granted(token: string, keys: readonly TokenKey[]): void {
    this.#token = fromBase64Url(token);
    for (const { id, key } of keys) {
      const bytes = fromBase64Url(key);
      if (bytes !== undefined) this.#keys.set(id, bytes);
    }
  }

  /** Our first word on a link, or undefined before the tracker has let us in. */
  hello(fingerprints: Fingerprints): Hello | undefined {
    const token = this.#token;
    if (token === undefined) return undefined;
    const proof = this.#core.sign(this.#seed, helloText(token, fingerprints.own, fingerprints.theirs));
    return { kind: 'hello', version: PROTOCOL_VERSION, token, proof };
  }

  /** Who a hello proves the other side to be. */
  check(
    hello: Hello,
    stream: Uint8Array,
    at: { readonly fingerprints: Fingerprints; readonly wallMs: number },
  ): ViewerName | Fault {
    if (!speaks(hello.version)) return fault('wire/bad-version', `hello version ${hello.version}`);
    const sealed = decodeToken(hello.token);
    if ('kind' in sealed) return sealed;
    const { token, signed, signature } = sealed;
    const key = this.#keys.get(token.keyId);
    if (key === undefined || !this.#core.verify(key, join(TOKEN_CONTEXT, signed), signature)) {
      return fault('token/bad-signature', 'hello');
    }
    if (!sameBytes(token.stream, stream)) return fault('link/bad-hello', 'token of another stream');
    if (token.expiresMs + CLOCK_SLACK_MS < at.wallMs) return fault('token/expired', 'hello');
    const { own, theirs } = at.fingerprints;
    const proven = this.#core.verify(token.viewerKey, helloText(hello.token, theirs, own), hello.proof);
    return proven ? toHex(token.viewer) : fault('link/bad-hello', 'proof');
  }
}

const helloText = (token: Uint8Array, own: Uint8Array, theirs: Uint8Array): Uint8Array =>
  join(HELLO_CONTEXT, token, own, theirs);

const join = (...parts: readonly Uint8Array[]): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};
