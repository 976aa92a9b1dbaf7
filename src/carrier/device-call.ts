/**
 * One call between a page and a device: a peer connection with a channel of its own for each request, and one for what
 * the two say to each other about the call itself. ICE starts anew on the same connection when the network changes.
 */
import { Bucket } from '../core/kit/bucket.ts';
import type { Fingerprints } from '../viewer/ports.ts';
import { type CallMessage, decodeCallMessage, encodeCallMessage } from '../wire/device.ts';
import { CALL_BURST, CALL_RATE, REQUEST_BURST, REQUEST_RATE } from '../wire/limits.ts';
import type { IceServer } from '../wire/service.ts';
import type { RequestChannel } from './exchange.ts';
import { fingerprintOf } from './peer-dial.ts';
import { type Every, Pulse } from './pulse.ts';
import { type BatchPace, type Candidate, decodeSignal, SignalBatch } from './signal-batch.ts';

/** The part of a simple-peer instance that is used. */
export interface CallPeer {
  readonly _pc?: CallConnection | null;
  offerOptions: object;
  on(event: 'signal', listener: (data: unknown) => void): unknown;
  on(event: 'negotiated' | '_iceComplete' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'iceStateChange', listener: (connection: unknown) => void): unknown;
  signal(data: object): void;
  negotiate(): void;
  destroy(): void;
}

/** The part of a peer connection that is used beside simple-peer. */
export interface CallConnection {
  readonly localDescription: { readonly sdp?: string } | null;
  readonly remoteDescription: { readonly sdp?: string } | null;
  ondatachannel: ((event: { readonly channel: RequestChannel & { readonly label: string } }) => void) | null;
  createDataChannel(label: string, options: object): RequestChannel;
}

/** Makes a simple-peer instance. */
export type CreateCallPeer = (options: {
  readonly initiator: boolean;
  readonly config: { readonly iceServers: IceServer[] };
}) => CallPeer;

/** What happens on a call; nothing after `closed`. */
export interface CallEvents {
  signal(data: string): void;
  /** The channel of the call is open, and these are the certificates. */
  opened(fingerprints: Fingerprints): void;
  /** The other side has signed both certificates. */
  proved(signature: Uint8Array): void;
  /** The other side asks something. */
  request(channel: RequestChannel): void;
  /** The path is broken, for now: only who called can try another. */
  wavering(): void;
  /** It is over: the connection went, or nothing has been heard over it for too long. */
  closed(why: CallEnd): void;
}

/** How a call ends that nobody here has closed. */
export type CallEnd = 'gone' | 'silent';

const CALL_CHANNEL = { id: 90, negotiated: true, ordered: true } as const;
/** Reflected and relayed addresses come a round trip after the first ones, and one of them may be all that works. */
const CALL_PACE: BatchPace = { firstMs: 20, laterMs: 60, messages: 12 };
const REQUEST_LABEL = 'shoal-request';

/** One call. */
export class DeviceCall {
  readonly #peer: CallPeer;
  readonly #events: CallEvents;
  readonly #channel: RequestChannel | undefined;
  readonly #bucket = new Bucket(CALL_RATE, CALL_BURST);
  readonly #requests = new Bucket(REQUEST_RATE, REQUEST_BURST);
  readonly #pulse: Pulse;
  #batch: SignalBatch;
  #state: 'dialling' | 'open' | 'closed' = 'dialling';
  #fingerprints: Fingerprints | undefined;

  constructor(
    createPeer: CreateCallPeer,
    options: { readonly initiator: boolean; readonly iceServers: readonly IceServer[]; readonly every?: Every },
    events: CallEvents,
  ) {
    this.#events = events;
    const beat = (): void => this.#say({ kind: 'beat' });
    this.#pulse = new Pulse({ beat, silent: () => this.#end('silent') }, options.every);
    this.#batch = new SignalBatch((text) => events.signal(text), CALL_PACE);
    this.#peer = createPeer({ initiator: options.initiator, config: { iceServers: [...options.iceServers] } });
    this.#listen();
    const connection = this.#peer._pc;
    if (connection === undefined || connection === null) return;
    this.#channel = connection.createDataChannel('call', CALL_CHANNEL);
    this.#hear(this.#channel);
    // The one who is called never opens a channel but the call's own; simple-peer's stays unused on both sides.
    if (!options.initiator) {
      connection.ondatachannel = ({ channel }) => {
        if (channel.label !== REQUEST_LABEL) return;
        if (this.#requests.take(performance.now())) events.request(this.#watched(channel));
        else this.#peer.destroy();
      };
    }
  }

  /** Hands over the signature over both certificates. */
  prove(signature: Uint8Array): void {
    if (this.#state === 'open') this.#say({ kind: 'proof', signature });
  }

  /** A channel for a new request. */
  openRequest(): RequestChannel | undefined {
    const connection = this.#state === 'open' ? this.#peer._pc : undefined;
    return connection ? this.#watched(connection.createDataChannel(REQUEST_LABEL, { ordered: true })) : undefined;
  }

  /** Hands in what the other side signalled; nonsense is dropped. */
  signal(data: string): void {
    const message = decodeSignal(data);
    if (message === undefined || this.#state === 'closed') return;
    const { description, candidates } = message;
    if (description !== undefined) {
      // A description after the first begins a new round, whose candidates are told as those of the first were.
      if (description.type === 'offer') this.#freshBatch();
      this.#peer.signal({ ...description });
    }
    for (const candidate of candidates) {
      if (candidate.candidate !== '') this.#peer.signal({ type: 'candidate', candidate });
    }
  }

  /** Looks for another path between the two; for the one who called. */
  restart(): void {
    if (this.#state === 'closed') return;
    this.#freshBatch();
    this.#peer.offerOptions = { iceRestart: true };
    this.#peer.negotiate();
  }

  /** Tears it down without an event. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#batch.stop();
    this.#pulse.stop();
    this.#peer.destroy();
  }

  #say(message: CallMessage): void {
    try {
      this.#channel?.send(encodeCallMessage(message));
    } catch {
      // The channel is closing, and nobody has told us yet: its `close` is what counts.
    }
  }

  #freshBatch(): void {
    this.#batch.stop();
    this.#batch = new SignalBatch((text) => this.#events.signal(text), CALL_PACE);
  }

  #listen(): void {
    const peer = this.#peer;
    peer.on('signal', (data) => this.#collect(data));
    peer.on('negotiated', () => this.#identify());
    peer.on('_iceComplete', () => this.#batch.complete());
    peer.on('iceStateChange', (state) => {
      if (state === 'disconnected' && this.#state === 'open') this.#events.wavering();
    });
    peer.on('close', () => this.#end('gone'));
    peer.on('error', () => this.#end('gone'));
  }

  #end(why: CallEnd): void {
    if (this.#state === 'closed') return;
    this.close();
    this.#events.closed(why);
  }

  /** Whatever comes over a channel is a sign of life: beats may wait behind a full queue. */
  #watched(channel: RequestChannel): RequestChannel {
    channel.addEventListener('message', () => this.#pulse.heard());
    return channel;
  }

  #hear(channel: RequestChannel): void {
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('open', () => this.#ripen());
    channel.addEventListener('message', ({ data }) => {
      this.#pulse.heard();
      const said = decodeCallMessage(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0));
      if (said.kind === 'fault' || !this.#bucket.take(performance.now())) this.#peer.destroy();
      else if (said.kind === 'proof') this.#events.proved(said.signature);
    });
    channel.addEventListener('close', () => this.#peer.destroy());
    // `close` follows and is what counts.
    channel.addEventListener('error', () => undefined);
  }

  #collect(data: unknown): void {
    if (this.#state === 'closed') return;
    const said = data as { readonly type?: string; readonly sdp?: string; readonly candidate?: Candidate };
    if ((said.type === 'offer' || said.type === 'answer') && said.sdp !== undefined) {
      this.#batch.describe({ type: said.type, sdp: said.sdp });
    } else if (said.candidate !== undefined) this.#batch.add(said.candidate);
  }

  #identify(): void {
    const own = fingerprintOf(this.#peer._pc?.localDescription?.sdp);
    const theirs = fingerprintOf(this.#peer._pc?.remoteDescription?.sdp);
    if (own !== undefined && theirs !== undefined) this.#fingerprints ??= { own, theirs };
    this.#ripen();
  }

  #ripen(): void {
    if (this.#state !== 'dialling' || this.#fingerprints === undefined) return;
    if (this.#channel?.readyState !== 'open') return;
    this.#state = 'open';
    this.#pulse.start();
    this.#events.opened(this.#fingerprints);
  }
}
