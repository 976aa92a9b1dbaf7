// One connection of RTMP: a socket around a session, and the publisher or player it turns out to be. Whoever has become
// neither in time, or sends more than a publisher may, is cut off.

import type { Socket } from 'node:net';
import { Bucket } from '../../../src/core/kit/bucket.ts';
import { type ErrorCode, sentenceOf } from '../../../src/errors.ts';
import type { Clock, Timer } from '../clock.ts';
import { FLV_HEADER } from '../flv/tags.ts';
import type { Log } from '../log.ts';
import type { Egress, Meter } from '../origin/egress.ts';
import type { Outlet } from '../origin/outlet.ts';
import type { RtmpPlay, RtmpPlays } from '../outputs/rtmp-plays.ts';
import { RtmpSession, type SessionOutput } from '../rtmp/session.ts';
import type { PublishDesk, Publishing } from './publish-desk.ts';

/** What connections work with. */
export interface RtmpParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly desk: PublishDesk;
  readonly plays: RtmpPlays;
  readonly egress: Egress;
  /** Most a client may send, bytes a second, averaged over a few seconds. */
  readonly byteRateMax: number;
  /** Time to become a publisher or a player. */
  readonly askMs: number;
}

const BURST_SECONDS = 8;
/** A player says nothing but acknowledgements. */
const FAREWELL_MS = 1000;

const STATUS: Partial<Record<ErrorCode, string>> = {
  'publish/taken': 'NetStream.Publish.BadName',
  'publish/bad-path': 'NetStream.Publish.BadName',
  'origin/not-found': 'NetStream.Play.StreamNotFound',
};

type Part = { readonly as: 'publisher'; readonly publishing: Publishing } | { readonly as: 'player'; play: RtmpPlay };

/** See above. */
export class RtmpConnection {
  readonly #parts: RtmpParts;
  readonly #socket: Socket;
  readonly #session = new RtmpSession();
  readonly #rate: Bucket;
  readonly #patience: Timer;
  #part: Part | undefined;
  #meter: Meter | undefined;
  #state: 'open' | 'leaving' | 'closed' = 'open';

  constructor(socket: Socket, parts: RtmpParts) {
    this.#parts = parts;
    this.#socket = socket;
    this.#rate = new Bucket(parts.byteRateMax, parts.byteRateMax * BURST_SECONDS);
    this.#patience = parts.clock.after(parts.askMs, () => this.destroy());
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#hear(bytes));
    // What went wrong is said by the close that follows; without a listener it would end the process.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  /** Cuts the line at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #hear(bytes: Buffer): void {
    if (this.#state !== 'open') return;
    if (!this.#rate.take(this.#parts.clock.now(), bytes.length)) return this.#refuse('publish/too-fast');
    this.#session.push(bytes);
    this.#drain();
  }

  #drain(): void {
    for (let output = this.#session.poll(); output !== undefined; output = this.#session.poll()) {
      if (this.#state === 'closed') return;
      this.#do(output);
    }
  }

  #do(output: SessionOutput): void {
    switch (output.kind) {
      case 'send':
        this.#socket.write(output.bytes);
        return;
      case 'publish':
        return void this.#publish(output.path, output.credentials);
      case 'play':
        return void this.#play(output.path, output.credentials);
      case 'tag':
        if (this.#part?.as === 'publisher') this.#part.publishing.bytes(output.bytes);
        return;
      case 'finished':
        if (this.#part?.as === 'publisher') this.#part.publishing.end('finished');
        return this.#leave();
      case 'broken':
        this.#parts.log.write('info', 'rtmp-broken', { ip: this.#ip, detail: output.detail });
        return this.destroy();
    }
  }

  get #ip(): string {
    return this.#socket.remoteAddress ?? '';
  }

  async #publish(path: string, credentials: string): Promise<void> {
    const dismissed = (cause: ErrorCode): void => this.#refuse(cause);
    const opened = await this.#parts.desk.open({ path, credentials, ip: this.#ip, via: 'rtmp', dismissed });
    if (typeof opened === 'string') return this.#refuse(opened);
    if (this.#state !== 'open') return opened.end('lost');
    this.#begin('other', path);
    this.#part = { as: 'publisher', publishing: opened };
    opened.bytes(FLV_HEADER);
    this.#session.accept();
    this.#drain();
  }

  async #play(path: string, credentials: string): Promise<void> {
    const ask = {
      path,
      credentials,
      ip: this.#ip,
      outlet: this.#outlet(path),
      over: (cause: ErrorCode | undefined) => this.#ended(cause),
    };
    const begin = (): boolean => {
      if (this.#state !== 'open') return false;
      this.#patience.cancel();
      this.#session.accept();
      this.#drain();
      return true;
    };
    const play = await this.#parts.plays.play(ask, begin);
    if (typeof play === 'string') return this.#refuse(play);
    if (this.#state !== 'open') return play.gone();
    this.#part = { as: 'player', play };
  }

  #begin(form: 'other' | 'rtmp', path: string): Meter {
    this.#patience.cancel();
    const meter = this.#parts.egress.open(this.#socket, { form, tag: '', path });
    this.#meter = meter;
    return meter;
  }

  #outlet(path: string): Outlet {
    const socket = this.#socket;
    return {
      meter: this.#begin('rtmp', path),
      get backlog() {
        return socket.writableLength;
      },
      send: (bytes, gone) => {
        socket.write(bytes, gone);
      },
      end: () => this.#leave(),
      destroy: () => socket.destroy(),
    };
  }

  #ended(cause: ErrorCode | undefined): void {
    if (cause === undefined) this.#session.end();
    else this.#session.refuse('NetStream.Play.Failed', sentenceOf(cause));
    this.#drain();
    this.#leave();
  }

  #refuse(cause: ErrorCode): void {
    if (this.#state !== 'open') return;
    this.#session.refuse(STATUS[cause] ?? 'NetStream.Failed', `${sentenceOf(cause)} (${cause})`);
    this.#drain();
    this.#leave();
  }

  /** Goes when what was said has been sent, or has not been within a moment. */
  #leave(): void {
    if (this.#state !== 'open') return;
    this.#state = 'leaving';
    this.#patience.cancel();
    this.#socket.end();
    const cut = this.#parts.clock.after(FAREWELL_MS, () => this.#socket.destroy());
    this.#socket.once('close', () => cut.cancel());
  }

  #closed(): void {
    this.#state = 'closed';
    this.#patience.cancel();
    this.#meter?.close();
    if (this.#part?.as === 'publisher') this.#part.publishing.end('lost');
    else this.#part?.play.gone();
  }
}
