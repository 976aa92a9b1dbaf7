// A viewer of the tracker for tests.

import { WebSocket } from 'ws';
import { toBase64Url } from '../../../src/wire/bytes.ts';
import {
  decodeTrackerAnswer,
  encodeTrackerMessage,
  type TrackerAnswer,
  type TrackerRequest,
} from '../../../src/wire/tracker.ts';
import { PROTOCOL_VERSION } from '../../../src/wire/version.ts';
import { Inbox } from './piece-client.ts';

/** See above. */
export class TrackerClient {
  readonly inbox = new Inbox<TrackerAnswer>();
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;

  constructor(url: string) {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/tracker`);
    this.socket.on('message', (data: Buffer) => {
      const answer = decodeTrackerAnswer(data.toString());
      if (answer.kind === 'fault') throw new Error(answer.detail);
      this.inbox.put(answer);
    });
    this.socket.on('error', () => undefined);
    this.opened = new Promise((resolve) => this.socket.once('open', () => resolve()));
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
  }

  say(request: TrackerRequest): void {
    this.socket.send(encodeTrackerMessage(request));
  }

  /** The first answer of a kind. */
  async answer<K extends TrackerAnswer['kind']>(kind: K): Promise<Extract<TrackerAnswer, { readonly kind: K }>> {
    return (await this.inbox.first((answer) => answer.kind === kind)) as Extract<TrackerAnswer, { readonly kind: K }>;
  }

  /** Joins, and returns what it was told. */
  async join(path = '/live/demo', credentials = '', viewerKey = new Uint8Array(32).fill(7)) {
    await this.opened;
    this.say({
      kind: 'join',
      version: PROTOCOL_VERSION,
      path,
      credentials,
      viewerKey: toBase64Url(viewerKey),
      uploads: true,
    });
    return this.answer('joined');
  }
}
