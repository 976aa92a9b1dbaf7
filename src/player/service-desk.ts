/**
 * Looks the stream's service up beside the start of playback, and judges whether the host is a Shoal host at all: it is
 * not when it has no description and its stream does not come in pieces either.
 */

import { asShoalError } from '../carrier/calls.ts';
import type { ErrorCode, ShoalError } from '../errors.ts';
import type { IceServer } from '../wire/service.ts';
import type { ParsedOptions } from './options.ts';
import { type FoundService, findService } from './service-lookup.ts';

/** What the desk says; `notShoal` at most once and last. */
export interface ServiceEvents {
  found(service: FoundService): void;
  /** The host's content keys travel under codes, and no stream has come without one. */
  codesNeeded(address: string): void;
  /** No description; the stream may come all the same. */
  missing(error: ShoalError): void;
  notShoal(error: ShoalError): void;
}

/** How long a stream without a description may take to prove that it comes in pieces all the same. */
const UNDESCRIBED_WITHIN_MS = 2000;

/** The desk of one start. */
export class ServiceDesk {
  readonly #events: ServiceEvents;
  #iceServers: readonly IceServer[] = [];
  #stream: 'unknown' | 'silent' | 'found' = 'unknown';
  #missing: ShoalError | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: 'open' | 'closed' = 'open';

  constructor(options: Pick<ParsedOptions, 'url' | 'service'>, get: typeof fetch, events: ServiceEvents) {
    this.#events = events;
    findService(options.url, options.service, get).then(
      (service) => this.#found(service),
      (error: unknown) => this.#notFound(asShoalError(error, 'service/not-found')),
    );
  }

  /** Those of the service; known by the time of the first dial, since only its tracker leads to neighbours. */
  get iceServers(): readonly IceServer[] {
    return this.#iceServers;
  }

  /** The origin sent a stream in pieces. */
  streamFound(): void {
    this.#stream = 'found';
    clearTimeout(this.#timer);
  }

  /** A fault of the viewer. */
  faultSeen(code: ErrorCode): void {
    if (this.#stream !== 'unknown' || !code.startsWith('origin/')) return;
    this.#stream = 'silent';
    this.#judge();
  }

  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#timer);
  }

  #found(service: FoundService): void {
    this.#iceServers = service.description.iceServers;
    if (this.#state === 'closed') return;
    this.#events.found(service);
    if (service.codes !== undefined && this.#stream !== 'found') this.#events.codesNeeded(service.codes);
  }

  #notFound(error: ShoalError): void {
    if (this.#state === 'closed') return;
    this.#missing = error;
    this.#events.missing(error);
    this.#timer = setTimeout(() => {
      this.#stream = 'silent';
      this.#judge();
    }, UNDESCRIBED_WITHIN_MS);
    this.#judge();
  }

  #judge(): void {
    if (this.#state === 'closed' || this.#missing === undefined || this.#stream !== 'silent') return;
    this.close();
    this.#events.notShoal(this.#missing);
  }
}
