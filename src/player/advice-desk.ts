/**
 * Keeps what a page itself could change so that its players play or share better: what its security policy lacks, that
 * it mixes https with http, and why the original URL is played. It is said once, and again whenever somebody asks why.
 */
import { type PolicyLack, sentenceOfLack } from '../carrier/browser/policy-watch.ts';
import { ShoalError } from '../errors.ts';
import type { ParsedOptions } from './options.ts';
import type { PlayerWorld } from './world.ts';

/** The desk of one player. */
export class AdviceDesk {
  readonly #told: (error: ShoalError) => void;
  readonly #unwatch: () => void;
  readonly #hosts: Set<string>;
  readonly #said = new Map<string, ShoalError>();
  #reason: ShoalError | undefined;

  constructor(options: ParsedOptions, world: PlayerWorld, told: (error: ShoalError) => void) {
    this.#told = told;
    this.#hosts = hostsOf(options);
    this.#unwatch = world.watchPolicy((lack) => this.#lacks(lack));
    if (isMixed(world.baseUrl, options.url)) this.heed(new ShoalError('support/mixed-content'));
  }

  /** The tracker's host counts as ours too, once it is known. */
  alsoAt(address: string): void {
    this.#hosts.add(new URL(address).host);
  }

  /** Takes an error that is advice, once. */
  heed(error: ShoalError): void {
    if (this.#said.has(error.message)) return;
    this.#said.set(error.message, error);
    this.#told(error);
  }

  /** Why the player fell back or failed; undefined when it plays as it should. */
  because(reason: ShoalError | undefined): void {
    this.#reason = reason;
  }

  /** In words, what helps most first. */
  get sentences(): readonly string[] {
    const causes = [...this.#said.values(), ...(this.#reason === undefined ? [] : [this.#reason])];
    return [...new Set(causes.map(({ message }) => message))];
  }

  close(): void {
    this.#unwatch();
  }

  /** A page may connect to many hosts; only what concerns this stream is for us to say. */
  #lacks(lack: PolicyLack): void {
    if (lack.directive === 'connect-src' && !this.#hosts.has(new URL(lack.source).host)) return;
    this.heed(new ShoalError('support/policy', { detail: sentenceOfLack(lack) }));
  }
}

const hostsOf = ({ url, service, codes }: ParsedOptions): Set<string> => {
  const addresses = [url, service, codes?.kind === 'service' ? codes.address : undefined];
  return new Set(addresses.flatMap((address) => (address === undefined ? [] : [new URL(address).host])));
};

/** Browsers count loopback addresses as secure. */
const isMixed = (page: string, stream: string): boolean => {
  if (!page.startsWith('https:') || !stream.startsWith('http:')) return false;
  return !/^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(stream).hostname);
};
