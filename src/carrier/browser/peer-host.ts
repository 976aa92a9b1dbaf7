/**
 * The page's half of the links: makes peer connections, which a worker cannot, and gives their channels to the worker
 * where the browser can transfer them, so that a busy page does not delay its neighbours. Where it cannot, bytes are
 * forwarded.
 */
import type { Lane } from '../../viewer/ports.ts';
import type { IceServer } from '../../wire/service.ts';
import type { ChannelFace } from '../lanes.ts';
import type { LinkReport, LinkRequest } from '../link-messages.ts';
import { type CreatePeer, PeerDial } from '../peer-dial.ts';

/** What a peer host needs to know. */
export interface PeerHostOptions {
  /** The worker's other end is in the worker. */
  readonly port: MessagePort;
  readonly createPeer: CreatePeer<RTCDataChannel>;
  /** ICE servers known by the time of a dial, beside those the viewer names. */
  iceServers(): readonly IceServer[];
}

interface Hosted {
  readonly dial: PeerDial<RTCDataChannel>;
  forwarding: Forwarding | undefined;
}

/** All peer connections of one player. */
export class PeerHost {
  readonly #options: PeerHostOptions;
  readonly #hosted = new Map<number, Hosted>();
  #transferable = true;

  constructor(options: PeerHostOptions) {
    this.#options = options;
    options.port.onmessage = (event: MessageEvent<LinkRequest>) => this.#obey(event.data);
  }

  /** Links stay on the page here, as a first one has shown. */
  get forwards(): boolean {
    return !this.#transferable;
  }

  /** Tears down every connection. */
  destroy(): void {
    this.#options.port.onmessage = null;
    this.#options.port.close();
    for (const hosted of this.#hosted.values()) end(hosted);
    this.#hosted.clear();
  }

  #obey(request: LinkRequest): void {
    switch (request.kind) {
      case 'dial':
        this.#dial(request);
        return;
      case 'signal':
        this.#hosted.get(request.link)?.dial.signal(request.data);
        return;
      case 'send':
        this.#hosted.get(request.link)?.forwarding?.send(request.lane, request.bytes);
        return;
      case 'hang-up': {
        const hosted = this.#hosted.get(request.link);
        this.#hosted.delete(request.link);
        if (hosted !== undefined) end(hosted);
      }
    }
  }

  #dial({ link, options }: Extract<LinkRequest, { kind: 'dial' }>): void {
    const iceServers = [...options.iceServers, ...this.#options.iceServers()];
    let forwarding: Forwarding | undefined;
    const dial = new PeerDial(
      this.#options.createPeer,
      { ...options, iceServers },
      {
        channels: (channels) => {
          if (!this.#transfer(link, channels)) {
            forwarding = new Forwarding(channels, (report) => this.#tell({ ...report, link }));
          }
        },
        signal: (data) => this.#tell({ kind: 'signal', link, data }),
        identified: (fingerprints) => this.#tell({ kind: 'identified', link, fingerprints }),
        closed: () => {
          this.#hosted.delete(link);
          forwarding?.close();
          this.#tell({ kind: 'closed', link });
        },
      },
    );
    this.#hosted.set(link, { dial, forwarding });
  }

  /** Gives both channels away in one message, so it is both or none. */
  #transfer(link: number, channels: Readonly<Record<Lane, RTCDataChannel>>): boolean {
    if (!this.#transferable) return false;
    try {
      this.#tell({ kind: 'channels', link, channels }, [channels.control, channels.pieces]);
      return true;
    } catch {
      // This browser cannot transfer channels, and never will in the life of this page.
      this.#transferable = false;
      return false;
    }
  }

  #tell(report: LinkReport, transfer: Transferable[] = []): void {
    this.#options.port.postMessage(report, transfer);
  }
}

const end = (hosted: Hosted): void => {
  hosted.forwarding?.close();
  hosted.dial.destroy();
};

type WithoutLink<R> = R extends LinkReport ? Omit<R, 'link'> : never;

const BACKLOG_EVERY_MS = 50;

/** Channels that stayed on the page, and their bytes to and from the worker. */
class Forwarding {
  readonly #channels: Readonly<Record<Lane, ChannelFace>>;
  readonly #tell: (report: WithoutLink<LinkReport>, transfer?: Transferable[]) => void;
  #taken = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    channels: Readonly<Record<Lane, ChannelFace>>,
    tell: (report: WithoutLink<LinkReport>, transfer?: Transferable[]) => void,
  ) {
    this.#channels = channels;
    this.#tell = tell;
    tell({ kind: 'forwarding' });
    for (const lane of ['control', 'pieces'] as const) this.#listen(lane, channels[lane]);
  }

  send(lane: Lane, bytes: Uint8Array<ArrayBuffer>): void {
    const channel = this.#channels[lane];
    if (lane === 'pieces') {
      this.#taken += bytes.length;
      this.#timer ??= setTimeout(() => this.#report(), BACKLOG_EVERY_MS);
    }
    if (channel.readyState !== 'open') return;
    try {
      channel.send(bytes);
    } catch {
      // A full channel loses pieces like a lossy line does; a control lane that loses a message is of no use.
      if (lane === 'control') channel.close();
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#channels.control.close();
    this.#channels.pieces.close();
  }

  #listen(lane: Lane, channel: ChannelFace): void {
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('open', () => this.#tell({ kind: 'lane', lane, state: 'open' }));
    channel.addEventListener('close', () => this.#tell({ kind: 'lane', lane, state: 'closed' }));
    channel.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) this.#tell({ kind: 'heard', lane, bytes: data }, [data]);
      else channel.close();
    });
  }

  #report(): void {
    this.#timer = undefined;
    const held = this.#channels.pieces.bufferedAmount;
    this.#tell({ kind: 'backlog', taken: this.#taken, held });
    if (held > 0) this.#timer = setTimeout(() => this.#report(), BACKLOG_EVERY_MS);
  }
}
