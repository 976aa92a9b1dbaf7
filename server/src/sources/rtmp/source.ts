// Pulls a stream by RTMP: a socket around the player.

import { connect, type Socket } from 'node:net';
import { PULL_TIMES, type PullTimes } from '../pull-times.ts';
import type { Source, SourceEvents } from '../source.ts';
import { type PlayerOutput, RtmpPlayer, type RtmpTarget } from './player.ts';

const RTMP_PORT = 1935;

/** The parts of `rtmp://host[:port]/app[/more]/name[?query]`. */
export const targetOf = (url: URL): RtmpTarget => {
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const name = `${segments.pop() ?? ''}${url.search}`;
  const app = segments.join('/');
  return { app, name, tcUrl: `rtmp://${url.host}/${app}` };
};

/** Starts pulling. */
export const startRtmp = (url: URL, events: SourceEvents, times: PullTimes = PULL_TIMES): Source =>
  new RtmpPull(url, events, times);

class RtmpPull implements Source {
  readonly #events: SourceEvents;
  readonly #socket: Socket;
  readonly #player: RtmpPlayer;
  readonly #times: PullTimes;
  #state: 'asking' | 'receiving' | 'over' = 'asking';

  constructor(url: URL, events: SourceEvents, times: PullTimes) {
    this.#events = events;
    this.#times = times;
    this.#player = new RtmpPlayer(targetOf(url));
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = url.port === '' ? RTMP_PORT : Number(url.port);
    this.#socket = connect({ host, port, noDelay: true }, () => this.#drain());
    this.#socket.setTimeout(times.answerMs, () => this.#socket.destroy());
    this.#socket.on('data', (bytes: Buffer) => {
      this.#player.push(bytes);
      this.#drain();
    });
    this.#socket.on('error', (cause) => this.#lost(cause.message));
    this.#socket.on('close', () => this.#lost('the connection closed'));
  }

  stop(): void {
    this.#state = 'over';
    this.#socket.destroy();
  }

  #drain(): void {
    for (let output = this.#player.poll(); output !== undefined; output = this.#player.poll()) {
      if (this.#state === 'over') return;
      this.#do(output);
    }
  }

  #do(output: PlayerOutput): void {
    switch (output.kind) {
      case 'send':
        this.#socket.write(output.bytes);
        return;
      case 'flv':
        if (this.#state === 'asking') this.#socket.setTimeout(this.#times.silenceMs);
        this.#state = 'receiving';
        return this.#events.bytes(output.bytes);
      case 'ended':
        this.stop();
        return this.#events.ended();
      case 'failed':
        this.stop();
        return this.#events.failed(output.code, output.detail);
    }
  }

  #lost(detail: string): void {
    if (this.#state === 'over') return;
    const code = this.#state === 'receiving' ? 'source/outage' : 'source/unreachable';
    this.stop();
    this.#events.failed(code, detail);
  }
}
