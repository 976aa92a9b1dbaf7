/**
 * Peer connections in Node on node-datachannel, in the shape that simple-peer gives them in a browser. One UDP socket
 * and no thread per connection: a process holds hundreds. This is the one file that knows the library.
 */
import datachannel, { type DataChannel, type PeerConnection } from 'node-datachannel';
import { ShoalError } from '../../errors.ts';
import type { CallConnection, CallPeer, CreateCallPeer } from '../device-call.ts';
import type { RequestChannel } from '../exchange.ts';
import type { ChannelFace } from '../lanes.ts';
import type { ConnectionFace, CreatePeer, PeerFace, PeerOptions } from '../peer-dial.ts';
import { iceServersFor } from './ice-addresses.ts';

interface ChannelOptions {
  readonly id?: number;
  readonly negotiated?: boolean;
  readonly ordered?: boolean;
  readonly maxPacketLifeTime?: number;
}

type Description = { readonly type: 'offer' | 'answer'; readonly sdp: string };
type Listener = (said?: unknown) => void;

/**
 * What is thrown inside a callback that native code calls would end the process without a word; thrown a moment later it
 * is an uncaught exception like any other.
 */
const outside =
  <Args extends unknown[]>(listener: (...args: Args) => void) =>
  (...args: Args): void => {
    try {
      listener(...args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };

/** Makes a peer connection. */
export const createNodePeer: CreatePeer = (options) => new DataChannelPeer(options);

/** The same, for calls. */
export const createNodeCallPeer: CreateCallPeer = (options) => new DataChannelPeer(options);

let named = 0;

class DataChannelPeer implements PeerFace, CallPeer {
  offerOptions: object = {};
  readonly #listeners = new Map<string, Listener[]>();
  readonly #connection: PeerConnection;
  readonly #channels = new Set<Channel>();
  /** Candidates that came before the description they belong to. */
  readonly #early: { readonly candidate: string; readonly mid: string }[] = [];
  readonly #face: ConnectionFace<ChannelFace> & CallConnection;
  #described = false;
  #state: 'alive' | 'destroyed' = 'alive';

  constructor({ initiator, config }: PeerOptions) {
    this.#connection = new datachannel.PeerConnection(`shoal-${++named}`, {
      iceServers: iceServersFor(config.iceServers),
      disableAutoNegotiation: true,
    });
    this.#face = this.#faceOf(this.#connection);
    this.#listen();
    // Whoever made us adds the channels first: without one there is nothing to describe.
    if (initiator) queueMicrotask(() => this.#attempt(() => this.#connection.setLocalDescription('offer')));
  }

  get _pc(): (ConnectionFace<ChannelFace> & CallConnection) | null {
    return this.#state === 'destroyed' ? null : this.#face;
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  signal(data: object): void {
    if (this.#state === 'destroyed') return;
    const said = data as Partial<Description> & { readonly candidate?: { candidate: string; sdpMid: string } };
    if (said.sdp !== undefined && said.type !== undefined) this.#describe({ type: said.type, sdp: said.sdp });
    else if (said.candidate !== undefined) this.#add(said.candidate.candidate, said.candidate.sdpMid);
  }

  /** The library cannot begin ICE anew: whoever wants another path makes another call. */
  negotiate(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.#state === 'destroyed') return;
    this.#state = 'destroyed';
    for (const channel of this.#channels) channel.close();
    this.#connection.close();
    this.#say('close');
  }

  #listen(): void {
    const connection = this.#connection;
    connection.onLocalDescription(outside((sdp, type) => this.#say('signal', { type, sdp })));
    connection.onLocalCandidate(
      outside((candidate, sdpMid) => {
        // The library writes them as lines of a description.
        const plain = candidate.replace(/^a=/, '');
        this.#say('signal', { type: 'candidate', candidate: { candidate: plain, sdpMid, sdpMLineIndex: 0 } });
      }),
    );
    connection.onGatheringStateChange(
      outside((state) => {
        if (state === 'complete') this.#say('_iceComplete');
      }),
    );
    connection.onIceStateChange(outside((state) => this.#say('iceStateChange', state)));
    connection.onSignalingStateChange(
      outside((state) => {
        if (state === 'have-remote-offer') this.#attempt(() => connection.setLocalDescription('answer'));
        else if (state === 'stable') this.#say('negotiated');
      }),
    );
    connection.onStateChange(
      outside((state) => {
        if (state === 'failed' || state === 'closed') this.destroy();
      }),
    );
  }

  #describe({ type, sdp }: Description): void {
    this.#attempt(() => {
      this.#connection.setRemoteDescription(sdp, type);
      this.#described = true;
      for (const { candidate, mid } of this.#early.splice(0)) this.#add(candidate, mid);
    });
  }

  #add(candidate: string, mid: string): void {
    if (!this.#described) {
      this.#early.push({ candidate, mid });
      return;
    }
    try {
      this.#connection.addRemoteCandidate(candidate, mid);
    } catch {
      // A candidate nobody can read, such as a name that only a browser's own host resolves: others may do.
    }
  }

  /** A description that cannot be used ends the dial. */
  #attempt(step: () => void): void {
    if (this.#state === 'destroyed') return;
    try {
      step();
    } catch (error) {
      this.#say('error', error);
      this.destroy();
    }
  }

  #faceOf(connection: PeerConnection): ConnectionFace<ChannelFace> & CallConnection {
    const face: ConnectionFace<ChannelFace> & CallConnection = {
      get localDescription() {
        return connection.localDescription();
      },
      get remoteDescription() {
        return connection.remoteDescription();
      },
      ondatachannel: null,
      createDataChannel: (label: string, options: ChannelOptions) => this.#channel(label, options),
    };
    connection.onDataChannel(
      outside((made) => {
        const channel = Object.assign(this.#adopt(made), { label: made.getLabel() });
        face.ondatachannel?.({ channel });
      }),
    );
    return face;
  }

  #channel(label: string, options: ChannelOptions): Channel {
    const { id, negotiated, ordered = true, maxPacketLifeTime } = options;
    return this.#adopt(
      this.#connection.createDataChannel(label, {
        unordered: !ordered,
        ...(negotiated === true ? { negotiated, id } : {}),
        ...(maxPacketLifeTime === undefined ? {} : { maxPacketLifeTime }),
      }),
    );
  }

  #adopt(made: DataChannel): Channel {
    const channel = new Channel(made, () => this.#channels.delete(channel));
    this.#channels.add(channel);
    return channel;
  }

  #say(event: string, said?: unknown): void {
    if (this.#state === 'destroyed' && event !== 'close') return;
    for (const listener of this.#listeners.get(event) ?? []) listener(said);
  }
}

class Channel implements RequestChannel {
  readonly #channel: DataChannel;
  readonly #gone: () => void;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  binaryType = 'arraybuffer';

  constructor(channel: DataChannel, gone: () => void) {
    this.#channel = channel;
    this.#gone = gone;
    if (channel.isOpen()) this.#state = 'open';
    channel.onOpen(
      outside(() => {
        if (this.#state !== 'connecting') return;
        this.#state = 'open';
        this.#opened.splice(0).forEach((listener) => {
          listener();
        });
      }),
    );
    channel.onMessage(outside((message) => this.#hear(message)));
    channel.onClosed(outside(() => this.#end()));
    // `onClosed` follows and is what counts.
    channel.onError(() => undefined);
  }

  readonly #opened: (() => void)[] = [];
  readonly #heard: ((event: { readonly data: unknown }) => void)[] = [];
  readonly #closed: (() => void)[] = [];

  get readyState(): string {
    return this.#state;
  }

  set bufferedAmountLowThreshold(bytes: number) {
    this.#channel.setBufferedAmountLowThreshold(bytes);
  }

  get bufferedAmount(): number {
    return this.#state === 'open' ? this.#channel.bufferedAmount() : 0;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state !== 'open') throw new ShoalError('link/failed', { detail: 'the channel is not open' });
    this.#channel.sendMessageBinary(bytes);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#channel.close();
    this.#gone();
  }

  addEventListener(type: string, listener: ((event: { readonly data: unknown }) => void) & (() => void)): void {
    if (type === 'open') this.#opened.push(listener);
    else if (type === 'message') this.#heard.push(listener);
    else if (type === 'close') this.#closed.push(listener);
    else if (type === 'bufferedamountlow') this.#channel.onBufferedAmountLow(outside(() => listener()));
  }

  #hear(message: string | Buffer | ArrayBuffer): void {
    if (this.#state === 'closed') return;
    const data = typeof message === 'string' ? message : ownBytes(message);
    for (const listener of this.#heard) listener({ data });
  }

  #end(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#gone();
    for (const listener of this.#closed) listener();
  }
}

/** A buffer that holds the message and nothing else; the library's own usually is one. */
const ownBytes = (message: Buffer | ArrayBuffer): ArrayBuffer => {
  if (message instanceof ArrayBuffer) return message;
  const { buffer, byteOffset, byteLength } = message;
  if (byteOffset === 0 && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) return buffer;
  return new Uint8Array(message).buffer;
};
