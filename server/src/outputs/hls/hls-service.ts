// HLS over HTTP: `<stream>.m3u8`, and below `<stream>/hls/` the playlist of one rate and the segments. Playlists are for
// those who are let in; segments have names that only a playlist tells.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from '../../../../src/errors.ts';
import { tagOf } from '../../http/query.ts';
import { sendRange } from '../../http/ranges.ts';
import { addressOf, NO_STORE, refuse, refuseMethod, sendBytes } from '../../http/respond.ts';
import { credentialsOf } from '../../http/stream-path.ts';
import type { Doorway } from '../../origin/doorway.ts';
import type { OutputStreams } from '../output-streams.ts';
import { HlsMaker } from './hls-maker.ts';
import { PackedPlaylists } from './packed-playlists.ts';
import { multivariantPlaylist } from './playlist.ts';
import { variantsOf } from './variants.ts';

/** A request for HLS. */
export interface HlsRequest {
  readonly path: string;
  /** Undefined for `<stream>.m3u8`, else the name below `<stream>/hls/`. */
  readonly name: string | undefined;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What the service works with. */
export interface HlsServiceParts {
  readonly door: Doorway;
  readonly streams: OutputStreams;
  readonly signingSeed: Uint8Array;
}

/** The playlist of one rate. */
const MEDIA_PLAYLIST = 'index.m3u8';
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const KEPT = { 'content-type': 'video/mp4', 'cache-control': 'public, max-age=3600, immutable' };
const RETRY_MS = 1000;

/** `parts=off` in a playlist's query: whole segments only, for players that make nothing of parts. */
const PARTS_KEY = 'parts';

/** See above. */
export class HlsService {
  readonly #parts: HlsServiceParts;
  readonly #secret = randomBytes(32);
  readonly #makers = new Map<string, HlsMaker>();
  readonly #packed = new PackedPlaylists();

  constructor(parts: HlsServiceParts) {
    this.#parts = parts;
  }

  async answer(asked: HlsRequest): Promise<void> {
    const { path, name, query, request, response } = asked;
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(response, 'GET, HEAD');
    const meter = this.#parts.door.parts.egress.open(request.socket, { form: 'hls', tag: tagOf(query), path });
    response.on('close', () => meter.close());
    const caller = { path, credentials: credentialsOf(query), ip: addressOf(request), page: request.headers.origin };
    this.#parts.door.count(caller, meter);
    if (name !== undefined && name !== MEDIA_PLAYLIST) return this.#sendFile(asked, name);
    const refusal = this.#parts.door.plainRefusal ?? (await this.#parts.door.check(caller));
    if (refusal !== undefined) return refuse(response, refusal.cause, refusal.retryAfterMs);
    this.#parts.door.readsPlaylist(caller);
    const maker = await this.#makerOf(path, caller.credentials);
    if (typeof maker === 'string') return refuse(response, maker, RETRY_MS);
    const { rates } = this.#parts.door.parts.config;
    if (name === undefined && Object.keys(rates).length > 0 && !path.includes('~'))
      return this.#sendVariants(asked, maker);
    const prefix = name === undefined ? `${path.slice(path.lastIndexOf('/') + 1)}/hls/` : '';
    return this.#sendPlaylist(asked, maker, prefix);
  }

  /** Gives all of it up. */
  close(): void {
    for (const maker of [...this.#makers.values()]) maker.close();
  }

  async #makerOf(path: string, credentials: string): Promise<HlsMaker | ErrorCode> {
    const known = this.#makers.get(path);
    if (known !== undefined) return known;
    const { core, clock, config } = this.#parts.door.parts;
    return this.#parts.streams.tap(path, credentials, (stream) => {
      const raced = this.#makers.get(path);
      if (raced !== undefined) return raced;
      const maker: HlsMaker = new HlsMaker({
        path,
        stream,
        core,
        signingSeed: this.#parts.signingSeed,
        clock,
        secret: this.#secret,
        times: { partMs: config.hlsPartMs, segmentMs: config.hlsSegment * 1000 },
        listed: config.hlsSegments,
        over: () => {
          if (this.#makers.get(path) === maker) this.#makers.delete(path);
        },
      });
      this.#makers.set(path, maker);
      maker.open();
      return maker;
    });
  }

  async #sendPlaylist({ query, request, response }: HlsRequest, maker: HlsMaker, prefix: string): Promise<void> {
    const wanted = readWanted(query);
    if (wanted === 'nonsense') return refuse(response, 'wire/bad-field');
    const waited = await maker.ready(wanted);
    if (response.destroyed) return;
    if (waited === 'nonsense') return refuse(response, 'wire/bad-field');
    if (waited === 'too-late') return refuse(response, 'source/unreachable', RETRY_MS);
    if (waited !== 'there') return refuse(response, waited, RETRY_MS);
    const text = maker.playlist(prefix, query.get(PARTS_KEY) !== 'off');
    const { body, headers } = this.#packed.of(text, request.headers['accept-encoding']);
    if (!this.#afford(body.length)) return refuse(response, 'origin/overloaded', this.#later);
    sendBytes(response, body, { 'content-type': PLAYLIST_TYPE, ...headers, ...NO_STORE });
  }

  async #sendVariants({ path, query, response }: HlsRequest, maker: HlsMaker): Promise<void> {
    const waited = await maker.ready(undefined);
    if (response.destroyed) return;
    if (waited !== 'there')
      return refuse(response, waited === 'too-late' ? 'source/unreachable' : asCode(waited), RETRY_MS);
    const { config, streams } = this.#parts.door.parts;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const byteRate = streams.running(path)?.epoch?.byteRate ?? 0;
    const variants = variantsOf({
      name,
      byteRate,
      tracks: maker.tracks,
      rates: config.rates,
      query: credentialsOf(query),
    });
    sendBytes(response, Buffer.from(multivariantPlaylist(variants)), { 'content-type': PLAYLIST_TYPE, ...NO_STORE });
  }

  async #sendFile({ path, request, response }: HlsRequest, name: string): Promise<void> {
    const file = await this.#makers.get(path)?.file(name);
    if (response.destroyed) return;
    if (file === undefined) return refuse(response, 'origin/not-found');
    if (!this.#afford(file.bytes.length)) return refuse(response, 'origin/overloaded', this.#later);
    sendRange(request, response, file.bytes, KEPT);
  }

  #afford(bytes: number): boolean {
    return this.#parts.door.parts.budget.take(bytes, 'http');
  }

  get #later(): number {
    return this.#parts.door.parts.budget.retryAfterMs();
  }
}

const asCode = (waited: ErrorCode | 'nonsense'): ErrorCode => (waited === 'nonsense' ? 'wire/bad-field' : waited);

const whole = (text: string | null): number | undefined =>
  text !== null && /^\d{1,12}$/.test(text) ? Number(text) : undefined;

/** The part a request waits for. */
const readWanted = (
  query: URLSearchParams,
): { readonly segment: number; readonly part: number | undefined } | undefined | 'nonsense' => {
  const segment = whole(query.get('_HLS_msn'));
  const part = whole(query.get('_HLS_part'));
  if (segment !== undefined) return { segment, part };
  return query.has('_HLS_msn') || query.has('_HLS_part') ? 'nonsense' : undefined;
};
