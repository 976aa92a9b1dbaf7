// A device or a page at the meeting place, for tests.

import { readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { ascii, toBase64Url } from '../../../src/wire/bytes.ts';
import {
  decodeMeetingAnswer,
  encodeMeeting,
  MEETING_VERSION,
  type MeetingAnswer,
  type MeetingRequest,
  REGISTER_CONTEXT_TEXT,
} from '../../../src/wire/device.ts';
import { encodeInfoBody, INFO_CONTEXT, sealInfo } from '../../../src/wire/device-info.ts';
import { ByteCore } from '../../../wasm/abi.ts';
import { Inbox } from './piece-client.ts';

const core = await ByteCore.load(await readFile(new URL('../../../wasm/dist/shoal.wasm', import.meta.url)));
const NAMES = { productId: 'cam', deviceName: 'door' } as const;

type AnswerOf<K extends MeetingAnswer['kind']> = Extract<MeetingAnswer, { readonly kind: K }>;

/** See above. */
export class MeetingClient {
  readonly inbox = new Inbox<MeetingAnswer>();
  readonly socket: WebSocket;
  readonly closed: Promise<unknown>;

  constructor(url: string) {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/devices`);
    this.socket.on('message', (data: Buffer) => {
      const answer = decodeMeetingAnswer(data.toString());
      if (answer.kind === 'fault') throw new Error(answer.detail);
      this.inbox.put(answer);
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    onTestFinished(() => this.socket.terminate());
  }

  say(request: MeetingRequest): void {
    this.socket.send(encodeMeeting(request));
  }

  /** The first answer of a kind. */
  async answer<K extends MeetingAnswer['kind']>(kind: K): Promise<AnswerOf<K>> {
    return (await this.inbox.first((answer) => answer.kind === kind)) as AnswerOf<K>;
  }

  /** Registers as the device of this key. */
  async register(seed: Uint8Array): Promise<void> {
    const { nonce } = await this.answer('challenge');
    const text = ascii(`${REGISTER_CONTEXT_TEXT} ${nonce} ${NAMES.productId}/${NAMES.deviceName}`);
    const key = toBase64Url(core.publicKey(seed));
    this.say({ kind: 'register', version: MEETING_VERSION, ...NAMES, key, proof: toBase64Url(core.sign(seed, text)) });
    await this.answer('registered');
  }

  /** Calls the device of this key. */
  async call(seed: Uint8Array): Promise<void> {
    await this.answer('challenge');
    const info = {
      ...NAMES,
      deviceKey: core.publicKey(seed),
      meeting: 'wss://live.example/devices',
      expiresMs: Date.now() + 3_600_000,
      rights: ['live'],
      version: '2.4.0',
      flags: '',
    } as const;
    const body = encodeInfoBody(info, new Uint8Array(8));
    const signature = core.sign(seed, Buffer.concat([INFO_CONTEXT, body]));
    this.say({ kind: 'call', version: MEETING_VERSION, info: sealInfo(body, signature, info) });
  }
}
