// Pulls a stream by HTTP-FLV. Redirects are followed on the same host only: which hosts are asked is the
// configuration's decision. A response that ends as its framing announces is the end of the source; anything else is an
// outage.

import { type ClientRequest, get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { PULL_TIMES, type PullTimes } from './pull-times.ts';
import type { Source, SourceEvents } from './source.ts';

const REDIRECTS_MAX = 3;

/** Starts pulling. */
export const startHttpFlv = (url: URL, events: SourceEvents, times: PullTimes = PULL_TIMES): Source => {
  const pull = new Pull(events, times);
  pull.ask(url, REDIRECTS_MAX);
  return pull;
};

class Pull implements Source {
  readonly #events: SourceEvents;
  readonly #times: PullTimes;
  #state: 'asking' | 'receiving' | 'over' = 'asking';
  #request: ClientRequest | undefined;

  constructor(events: SourceEvents, times: PullTimes) {
    this.#events = events;
    this.#times = times;
  }

  ask(url: URL, redirects: number): void {
    const get = url.protocol === 'https:' ? httpsGet : httpGet;
    const request = get(url, { agent: false, headers: { accept: 'video/x-flv, */*', 'user-agent': 'shoal-server' } });
    this.#request = request;
    request.setTimeout(this.#times.answerMs, () => request.destroy());
    request.on('error', (cause) => this.#fail('source/unreachable', cause.message));
    request.on('response', (response) => this.#answer(url, response, redirects));
  }

  stop(): void {
    this.#state = 'over';
    this.#request?.destroy();
  }

  #answer(url: URL, response: IncomingMessage, redirects: number): void {
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400) {
      response.destroy();
      return this.#redirect(url, response.headers.location ?? '', redirects);
    }
    if (status !== 200) {
      response.destroy();
      return this.#fail(status === 404 ? 'origin/not-found' : 'source/bad-answer', `status ${status}`);
    }
    this.#receive(response);
  }

  #redirect(from: URL, location: string, redirects: number): void {
    const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    if (to === undefined || to.host !== from.host || to.protocol !== from.protocol || redirects === 0) {
      return this.#fail('source/bad-answer', 'redirect to another place');
    }
    this.ask(to, redirects - 1);
  }

  #receive(response: IncomingMessage): void {
    if (this.#state !== 'asking') return;
    this.#state = 'receiving';
    this.#request?.setTimeout(this.#times.silenceMs, () => this.#request?.destroy());
    const framed =
      response.headers['transfer-encoding'] !== undefined || response.headers['content-length'] !== undefined;
    response.on('data', (chunk: Buffer) => {
      if (this.#state === 'receiving') this.#events.bytes(chunk);
    });
    response.on('error', (cause) => this.#fail('source/outage', cause.message));
    response.on('close', () => {
      if (this.#state !== 'receiving') return;
      if (!response.complete || !framed) return this.#fail('source/outage', 'the connection closed');
      this.#state = 'over';
      this.#events.ended();
    });
  }

  #fail(code: 'source/unreachable' | 'source/bad-answer' | 'source/outage' | 'origin/not-found', detail: string): void {
    if (this.#state === 'over') return;
    const outage = this.#state === 'receiving';
    this.#state = 'over';
    this.#request?.destroy();
    this.#events.failed(outage ? 'source/outage' : code, detail);
  }
}
