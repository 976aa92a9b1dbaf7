/**
 * Streams that are opened by asking for them and closed when nobody reads them any more. Requests for the same resource
 * share one. What cannot be shared is answered with the way to the original address.
 */
import { asShoalError } from '../carrier/calls.ts';
import type { LogWriter } from '../log/log.ts';
import type { PageAnswer } from './pipe-messages.ts';
import type { ProxiedSource } from './routes.ts';
import type { VirtualStream, VirtualStreamEvents } from './virtual-stream.ts';

interface Entry {
  readonly source: ProxiedSource;
  stream: VirtualStream | undefined;
  /** Requests that came before there was a picture. */
  waiting: { readonly port: MessagePort; readonly instance: string }[];
  state: 'opening' | 'open';
  idleTimer: ReturnType<typeof setTimeout> | undefined;
}

/** A reader that reconnects finds its stream still open. */
const LINGER_MS = 5000;
/** Streams at once; a page that asks for more is sent to the original addresses. */
const STREAMS_MAX = 16;

/** See above. */
export class ProxiedStreams {
  readonly #open: (source: URL, events: VirtualStreamEvents) => Promise<VirtualStream>;
  readonly #log: LogWriter;
  readonly #entries = new Map<string, Entry>();

  constructor(open: (source: URL, events: VirtualStreamEvents) => Promise<VirtualStream>, log: LogWriter) {
    this.#open = open;
    this.#log = log;
  }

  all(): VirtualStream[] {
    return [...this.#entries.values()].flatMap(({ stream }) => stream ?? []);
  }

  /** The stream of a resource: what the page calls it, or host and path; the newest where a name is not unique. */
  find(resource: string): VirtualStream | undefined {
    const entry = this.#entries.get(resource);
    return (entry ?? [...this.#entries.values()].findLast(({ source }) => source.resource === resource))?.stream;
  }

  /** Answers a request for a source. */
  answer(source: ProxiedSource, port: MessagePort, instance: string): void {
    const entry = this.#entries.get(source.key) ?? this.#begin(source);
    if (entry === undefined) {
      this.#log.warn(`more than ${STREAMS_MAX} streams: ${source.url} is played from its own address`);
      say(port, { kind: 'redirect', to: source.url });
      return;
    }
    clearTimeout(entry.idleTimer);
    if (entry.state === 'open') entry.stream?.read(port, instance);
    else entry.waiting.push({ port, instance });
  }

  close(): void {
    for (const entry of [...this.#entries.values()]) this.#end(entry);
  }

  #begin(source: ProxiedSource): Entry | undefined {
    if (this.#entries.size >= STREAMS_MAX) return undefined;
    const entry: Entry = { source, stream: undefined, waiting: [], state: 'opening', idleTimer: undefined };
    this.#entries.set(source.key, entry);
    void this.#fill(entry);
    return entry;
  }

  async #fill(entry: Entry): Promise<void> {
    const { source } = entry;
    const rollBack = (error: unknown): void => {
      this.#log.warn(`${source.url} is played from its own address: ${String(error)}`);
      this.#entries.delete(source.key);
      for (const { port } of entry.waiting) say(port, { kind: 'redirect', to: source.url });
    };
    try {
      const stream = await this.#open(new URL(source.url), {
        ready: () => {
          entry.state = 'open';
          for (const { port, instance } of entry.waiting.splice(0)) stream.read(port, instance);
        },
        failed: rollBack,
        stuckToOrigin: () => this.#log.warn(`${source.url} comes from the origin alone`),
        error: (error) => this.#log.info(`${source.url}: ${error.code}`),
        ended: () => this.#end(entry),
        idle: () => {
          clearTimeout(entry.idleTimer);
          entry.idleTimer = setTimeout(() => this.#end(entry), LINGER_MS);
        },
      });
      if (this.#entries.get(source.key) !== entry) stream.close();
      else entry.stream = stream;
    } catch (error) {
      rollBack(asShoalError(error, 'service/not-found'));
    }
  }

  #end(entry: Entry): void {
    clearTimeout(entry.idleTimer);
    if (this.#entries.get(entry.source.key) === entry) this.#entries.delete(entry.source.key);
    entry.stream?.close();
    for (const { port } of entry.waiting.splice(0)) say(port, { kind: 'redirect', to: entry.source.url });
  }
}

const say = (port: MessagePort, answer: PageAnswer): void => port.postMessage(answer);
