/**
 * One dial through simple-peer: a peer connection, its two negotiated channels, its signalling. simple-peer's own
 * channel stays unused; only its negotiation and its clean-up are wanted. The class is handed in, since browser and
 * Node load it from different files.
 */
import type { DialOptions, Fingerprints, Lane } from '../viewer/ports.ts';
import type { IceServer } from '../wire/service.ts';
import { type ChannelFace, LANE_CHANNELS } from './lanes.ts';
import { type Candidate, decodeSignal, SignalBatch } from './signal-batch.ts';

/** The part of a simple-peer instance that is used. */
export interface PeerFace<Channel extends ChannelFace = ChannelFace> {
  /** The peer connection; missing when the browser refused to make one, null once destroyed. */
  readonly _pc?: ConnectionFace<Channel> | null;
  on(event: 'signal', listener: (data: unknown) => void): unknown;
  on(event: 'negotiated' | '_iceComplete' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  signal(data: object): void;
  destroy(): void;
}

/** The part of a peer connection that is used beside simple-peer. */
export interface ConnectionFace<Channel extends ChannelFace> {
  readonly localDescription: { readonly sdp?: string } | null;
  readonly remoteDescription: { readonly sdp?: string } | null;
  createDataChannel(label: string, options: (typeof LANE_CHANNELS)[Lane]): Channel;
}

/** What simple-peer is told. */
export interface PeerOptions {
  readonly initiator: boolean;
  readonly config: { readonly iceServers: IceServer[] };
}

/** Makes a simple-peer instance. */
export type CreatePeer<Channel extends ChannelFace = ChannelFace> = (options: PeerOptions) => PeerFace<Channel>;

/** What a dial reports; nothing after `closed`. */
export interface DialEvents<Channel extends ChannelFace> {
  /** Both channels, in the very task that created them: only then can a browser transfer them. */
  channels(channels: Readonly<Record<Lane, Channel>>): void;
  signal(data: string): void;
  identified(fingerprints: Fingerprints): void;
  closed(): void;
}

/** One dial. */
export class PeerDial<Channel extends ChannelFace> {
  readonly #peer: PeerFace<Channel>;
  readonly #events: DialEvents<Channel>;
  readonly #batch: SignalBatch;
  #state: 'alive' | 'closed' = 'alive';

  constructor(createPeer: CreatePeer<Channel>, options: DialOptions, events: DialEvents<Channel>) {
    this.#events = events;
    this.#batch = new SignalBatch((text) => events.signal(text));
    this.#peer = createPeer({ initiator: options.initiator, config: { iceServers: [...options.iceServers] } });
    this.#listen();
    const connection = this.#peer._pc;
    if (connection === undefined || connection === null) return;
    events.channels({
      control: connection.createDataChannel('control', LANE_CHANNELS.control),
      pieces: connection.createDataChannel('pieces', LANE_CHANNELS.pieces),
    });
  }

  /** Hands in what the other side signalled; nonsense is dropped, the dial then times out. */
  signal(data: string): void {
    const message = decodeSignal(data);
    if (message === undefined || this.#state === 'closed') return;
    if (message.description !== undefined) this.#peer.signal({ ...message.description });
    for (const candidate of message.candidates) {
      if (candidate.candidate !== '') this.#peer.signal({ type: 'candidate', candidate });
    }
  }

  /** Tears it down without an event. */
  destroy(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#batch.stop();
    this.#peer.destroy();
  }

  #listen(): void {
    const close = (): void => {
      if (this.#state === 'closed') return;
      this.destroy();
      this.#events.closed();
    };
    this.#peer.on('signal', (data) => this.#collect(data));
    this.#peer.on('negotiated', () => this.#identify());
    this.#peer.on('_iceComplete', () => this.#batch.complete());
    this.#peer.on('close', close);
    this.#peer.on('error', close);
  }

  #collect(data: unknown): void {
    if (this.#state === 'closed') return;
    const said = data as { readonly type?: string; readonly sdp?: string; readonly candidate?: Candidate };
    if ((said.type === 'offer' || said.type === 'answer') && said.sdp !== undefined) {
      this.#batch.describe({ type: said.type, sdp: said.sdp });
    } else if (said.candidate !== undefined) {
      this.#batch.add(said.candidate);
    }
  }

  #identify(): void {
    const own = fingerprintOf(this.#peer._pc?.localDescription?.sdp);
    const theirs = fingerprintOf(this.#peer._pc?.remoteDescription?.sdp);
    if (this.#state === 'alive' && own !== undefined && theirs !== undefined) this.#events.identified({ own, theirs });
  }
}

/** The SHA-256 fingerprint a description names; undefined when it names none or several different ones. */
export const fingerprintOf = (sdp: string | undefined): Uint8Array<ArrayBuffer> | undefined => {
  const found = new Set([...(sdp ?? '').matchAll(FINGERPRINT)].map((match) => (match[1] ?? '').toUpperCase()));
  const [text] = found;
  if (text === undefined || found.size !== 1) return undefined;
  return Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16));
};

const FINGERPRINT = /^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})\s*$/gim;
