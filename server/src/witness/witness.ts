// The signing witness: viewers of an HLS stream that comes from somebody else's CDN share segments only if we have seen
// them too. Each segment is fetched once, from hosts that the configuration names, and its digest is signed.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from '../../../src/errors.ts';
import { toBase64Url } from '../../../src/wire/bytes.ts';
import { type SegmentSeal, sealedText, sheetOf, type WitnessAnswer } from '../../../src/wire/hls-seal.ts';
import { HLS_NAME_MAX, HLS_SEGMENT_BYTES_MAX } from '../../../src/wire/limits.ts';
import type { ByteCore } from '../../../wasm/abi.ts';
import type { Clock } from '../clock.ts';
import { refuse, refuseMethod, sendBytes } from '../http/respond.ts';
import type { Log } from '../log.ts';
import { fetchSegment, type SegmentTarget } from './segment-fetch.ts';

/** Path at which it answers. */
export const WITNESS_PATH = '/witness';

/** What a witness works with. */
export interface WitnessParts {
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly log: Log;
  /** Signs; its public half is the origin's key. */
  readonly seed: Uint8Array;
  /** Beginnings of addresses it vouches for. */
  readonly upstreams: readonly string[];
}

type Testimony =
  | { readonly kind: 'seal'; readonly body: Buffer }
  | { readonly kind: 'refusal'; readonly code: ErrorCode };

interface Kept {
  readonly testimony: Promise<Testimony>;
  readonly until: number;
}

/** Seals remembered, and for how long: a name that comes again after that is looked at again. */
const KEPT_MAX = 20_000;
const KEPT_MS = 3_600_000;
/** A segment that could not be had is asked for again after so long. */
const FAILED_MS = 500;
/** Fetches at once, and those that wait for one to end. */
const FETCHES_MAX = 8;
const WAITING_MAX = 256;
const RETRY_MS = 1000;

/** See above. */
export class Witness {
  readonly #parts: WitnessParts;
  readonly #kept = new Map<string, Kept>();
  readonly #waiting: (() => void)[] = [];
  readonly #abort = new AbortController();
  #fetching = 0;
  /** Segments fetched so far, and their bytes. */
  fetches = 0;
  bytes = 0;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
  }

  /** Whether it vouches for anything. */
  get isOpen(): boolean {
    return this.#parts.upstreams.length > 0;
  }

  /** Whether it vouches for what lies at an address. */
  vouchesFor(address: string): boolean {
    return this.#parts.upstreams.some((upstream) => address.startsWith(`${upstream}/`));
  }

  /** Answers `GET ?segment=<name>`. */
  async answer(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(response, 'GET, HEAD');
    const target = readTarget(query.get('segment') ?? '');
    if (target === undefined) return refuse(response, 'wire/bad-field');
    if (!this.vouchesFor(target.address)) return refuse(response, 'hls/not-watched');
    const testimony = await this.#testimonyOf(target);
    if (response.destroyed) return;
    if (testimony.kind === 'refusal') return refuse(response, testimony.code, RETRY_MS);
    sendBytes(response, testimony.body, { 'content-type': 'application/json', ...CACHED });
  }

  close(): void {
    this.#abort.abort();
    for (const go of this.#waiting.splice(0)) go();
  }

  #testimonyOf(target: SegmentTarget): Promise<Testimony> {
    const now = this.#parts.clock.now();
    const known = this.#kept.get(target.name);
    if (known !== undefined && known.until > now) return known.testimony;
    if (this.#waiting.length >= WAITING_MAX) return Promise.resolve({ kind: 'refusal', code: 'origin/overloaded' });
    const testimony = this.#look(target);
    this.#keep(target.name, { testimony, until: now + KEPT_MS });
    void testimony.then(({ kind }) => {
      if (kind === 'refusal') this.#keep(target.name, { testimony, until: this.#parts.clock.now() + FAILED_MS });
    });
    return testimony;
  }

  #keep(name: string, kept: Kept): void {
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    if (this.#kept.size > KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value ?? '');
  }

  async #look(target: SegmentTarget): Promise<Testimony> {
    if (this.#fetching >= FETCHES_MAX) await new Promise<void>((go) => this.#waiting.push(go));
    this.#fetching++;
    try {
      const segment = await fetchSegment(target, HLS_SEGMENT_BYTES_MAX, this.#abort.signal);
      if (segment === undefined) return { kind: 'refusal', code: 'hls/unreachable' };
      this.fetches++;
      this.bytes += segment.length;
      return { kind: 'seal', body: this.#sign(target.name, segment) };
    } catch (cause) {
      this.#parts.log.write('warn', 'witness-failed', { segment: target.name, cause: String(cause) });
      return { kind: 'refusal', code: 'hls/unreachable' };
    } finally {
      this.#fetching--;
      this.#waiting.shift()?.();
    }
  }

  #sign(name: string, segment: Uint8Array): Buffer {
    const { core, seed } = this.#parts;
    const { root } = sheetOf((bytes) => core.blake3(bytes), segment);
    const seal: SegmentSeal = { name, length: segment.length, root };
    const signature = toBase64Url(core.sign(seed, sealedText('', [seal])));
    const answer: WitnessAnswer = { name, length: seal.length, root: toBase64Url(root), signature };
    return Buffer.from(JSON.stringify(answer));
  }
}

/** A seal is true for ever; a cache in front may keep it. */
const CACHED = { 'cache-control': 'public, max-age=86400, immutable' };

/** What a name stands for; undefined for what is no name. */
const readTarget = (name: string): SegmentTarget | undefined => {
  const match = /^(https?:\/\/[^?#\s]+)(?:#(\d{1,12})-(\d{1,12}))?$/.exec(name);
  const address = match?.[1];
  if (address === undefined || name.length > HLS_NAME_MAX || !URL.canParse(address)) return undefined;
  // What is spelled otherwise than it is asked for has two names.
  if (new URL(address).href !== address) return undefined;
  const [first, last] = [match?.[2], match?.[3]].map(Number);
  if (match?.[2] === undefined || first === undefined || last === undefined) return { name, address, range: undefined };
  return last < first || last - first >= HLS_SEGMENT_BYTES_MAX ? undefined : { name, address, range: { first, last } };
};
