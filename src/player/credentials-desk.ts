/**
 * Keeps what a viewer is admitted by, and asks the page's token provider for more: at the start when the URL has none,
 * before they run out, and when the origin refuses them.
 */
import { ShoalError } from '../errors.ts';
import { type Credentials, type ParsedOptions, parseCredentials } from './options.ts';

/** What the desk says. */
export interface CredentialsEvents {
  changed(query: string): void;
  /** The provider failed in mid-play; what is held is used on. */
  failed(error: ShoalError): void;
}

/** A provider whose credentials are refused at once is not asked again sooner than this. */
const AGAIN_AFTER_MS = 10_000;

/** The desk of one player. */
export class CredentialsDesk {
  readonly #provider: ParsedOptions['tokenProvider'];
  readonly #events: CredentialsEvents;
  readonly #now: () => number;
  #query: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #askedMs = Number.NEGATIVE_INFINITY;
  #state: 'open' | 'closed' = 'open';

  constructor(
    options: Pick<ParsedOptions, 'credentials' | 'tokenProvider'>,
    now: () => number,
    events: CredentialsEvents,
  ) {
    this.#query = options.credentials;
    this.#provider = options.tokenProvider;
    this.#now = now;
    this.#events = events;
  }

  /** The query to send. */
  get query(): string {
    return this.#query;
  }

  /** Whether the provider must be asked before anything can start. */
  get isMissing(): boolean {
    return this.#query === '' && this.#provider !== undefined;
  }

  /** Takes credentials from the page. */
  renew(credentials: Credentials): void {
    const { query, renewInMs } = parseCredentials(credentials);
    if (this.#state === 'closed') return;
    this.#query = query;
    clearTimeout(this.#timer);
    if (renewInMs !== undefined) this.#timer = setTimeout(() => void this.ask('renew'), renewInMs);
    this.#events.changed(query);
  }

  /** Asks the provider; false when it gave nothing, or was asked a moment ago. */
  async ask(reason: 'start' | 'renew'): Promise<boolean> {
    if (this.#provider === undefined || this.#now() - this.#askedMs < AGAIN_AFTER_MS) return false;
    this.#askedMs = this.#now();
    try {
      this.renew(await this.#provider(reason));
      return this.#state === 'open';
    } catch (cause) {
      if (this.#state === 'open') {
        this.#events.failed(new ShoalError('token/expired', { detail: 'tokenProvider failed', cause }));
      }
      return false;
    }
  }

  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#timer);
  }
}
