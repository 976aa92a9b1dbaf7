// A publisher for tests: in a room by its socket, and sending the sample by another.

import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { decodePublishAnswer, encodePublish, type PublishAnswer } from '../../../../src/wire/publish.ts';
import {
  decodeRoomAnswer,
  encodeRoom,
  type RoomAnswer,
  type RoomRequest,
  type Track,
} from '../../../../src/wire/room.ts';
import { PROTOCOL_VERSION } from '../../../../src/wire/version.ts';
import { samplePath } from '../../assets.ts';
import { FlvLoop } from '../../sources/flv-loop.ts';
import { Inbox } from '../../testing/piece-client.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An answer of a kind. */
export type AnswerOf<Kind extends RoomAnswer['kind']> = Extract<RoomAnswer, { readonly kind: Kind }>;

/** Somebody in a room. */
export class RoomClient {
  readonly inbox = new Inbox<RoomAnswer>();
  readonly socket: WebSocket;
  readonly closed: Promise<void>;
  readonly #base: string;
  readonly #opened: Promise<void>;
  #ask = 0;

  constructor(base: string) {
    this.#base = base.replace(/^http/, 'ws');
    this.socket = new WebSocket(`${this.#base}/rooms`);
    this.socket.on('message', (data: Buffer) => {
      const answer = decodeRoomAnswer(data.toString());
      if (answer.kind === 'fault') throw new Error(`${answer.detail}: ${data.toString()}`);
      this.inbox.put(answer);
    });
    this.socket.on('error', () => undefined);
    this.#opened = new Promise((resolve) => this.socket.once('open', () => resolve()));
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    onTestFinished(() => this.socket.terminate());
  }

  /** Asks and waits for the answer. */
  async ask(request: Without<RoomRequest, 'ask'>): Promise<RoomAnswer> {
    await this.#opened;
    const ask = ++this.#ask;
    const answer = this.inbox.next((item) => 'ask' in item && item.ask === ask);
    this.socket.send(encodeRoom({ ...request, ask } as RoomRequest));
    return answer;
  }

  /** Enters as a user. */
  enter(user: string, { room = 'r', bizid = 8888, token = '' } = {}): Promise<RoomAnswer> {
    return this.ask({ kind: 'enter', version: PROTOCOL_VERSION, bizid, room, user, token });
  }

  /** Opens a track and sends it. */
  async publish(
    track: Track = 'main',
    preamble?: Buffer,
  ): Promise<{ readonly code: string; readonly publisher: Publisher }> {
    const opened = await this.ask({ kind: 'open', track });
    if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
    return { code: opened.code, publisher: await Publisher.start(`${this.#base}${opened.publish}`, preamble) };
  }

  /** Waits until the live push of a track is somewhere. */
  async pushIs(state: AnswerOf<'push'>['state'], track: Track = 'main'): Promise<AnswerOf<'push'>> {
    const is = (item: RoomAnswer) => item.kind === 'push' && item.state === state && item.track === track;
    return (await this.inbox.first(is)) as AnswerOf<'push'>;
  }

  /** Asks by hand for the live push of a track. */
  startPush(track: Track = 'main', record = 7): Promise<RoomAnswer> {
    return this.ask({ kind: 'start-push', track, encode: [], record, channelName: 'n', channelDesc: 'd' });
  }
}

/** Somebody who sends the sample. */
export class Publisher {
  readonly inbox = new Inbox<PublishAnswer>();
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #loop = new FlvLoop(readFileSync(samplePath()));

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const answer = decodePublishAnswer(data.toString());
      if (answer.kind === 'fault') throw new Error(answer.detail);
      this.inbox.put(answer);
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    onTestFinished(() => socket.terminate());
  }

  /** Connects; sends the codec headers of the sample, or others, at once, and frames when told. */
  static async start(url: string, preamble?: Buffer): Promise<Publisher> {
    const publisher = new Publisher(new WebSocket(url));
    await publisher.inbox.first(({ kind }) => kind === 'accepted' || kind === 'refused');
    publisher.#socket.send(preamble ?? publisher.#loop.preamble);
    return publisher;
  }

  /** Sends bytes of another stream. */
  send(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  /** Sends everything up to a media time. */
  sendUntil(ms: number): void {
    this.#socket.send(this.#loop.take(ms));
  }

  /** Ends in good order. */
  finish(): void {
    this.#socket.send(encodePublish({ kind: 'finish' }));
  }

  /** Breaks off. */
  cut(): void {
    this.#socket.terminate();
  }
}
