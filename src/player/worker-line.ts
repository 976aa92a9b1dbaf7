/**
 * One worker and everything that lives and dies with it: its media port, its peer connections, its calls.
 */
import { PeerHost } from '../carrier/browser/peer-host.ts';
import { type CallArguments, WorkerHost } from '../carrier/browser/worker-host.ts';
import { withTransfer } from '../carrier/calls.ts';
import type { MediaOrder, PlayheadMessage } from '../carrier/media-messages.ts';
import type { Playhead, WorkerControl, WorkerStart } from '../carrier/worker-control.ts';
import type { ShoalError } from '../errors.ts';
import type { IceServer } from '../wire/service.ts';
import type { PlayerWorld } from './world.ts';

/** What a worker is started with. */
export interface LineStart extends Omit<WorkerStart, 'media' | 'links'> {
  /** ICE servers that became known after the start. */
  iceServers(): readonly IceServer[];
}

/** What comes from a worker. */
export interface LineEvents {
  order(order: MediaOrder): void;
  died(error: ShoalError): void;
}

/** A running worker. */
export class WorkerLine {
  readonly #host: WorkerHost;
  readonly #media: MessagePort;
  readonly #peers: PeerHost | undefined;
  /** Resolves when the viewer runs; rejects with why it does not. */
  readonly started: Promise<void>;

  /** Throws `worker/start-failed`. */
  constructor(world: PlayerWorld, start: LineStart, events: LineEvents) {
    const { iceServers, ...told } = start;
    this.#host = new WorkerHost({
      start: () => world.startWorker(),
      locks: world.locks,
      died: (error) => {
        this.#letGo();
        events.died(error);
      },
    });
    const media = new MessageChannel();
    this.#media = media.port1;
    this.#media.onmessage = (event: MessageEvent<MediaOrder>) => events.order(event.data);
    const links = world.support.webrtc ? new MessageChannel() : undefined;
    if (links !== undefined) {
      this.#peers = new PeerHost({ port: links.port1, createPeer: world.createPeer, iceServers });
    }
    const taken = links === undefined ? [media.port2] : [media.port2, links.port2];
    this.started = this.#host.call('start', [
      withTransfer({ ...told, media: media.port2, links: links?.port2 }, taken),
    ]);
  }

  call<M extends keyof WorkerControl>(method: M, ...args: Parameters<WorkerControl[M]>) {
    return this.#host.call(method, args as unknown as CallArguments<WorkerControl, M>);
  }

  playhead(playhead: Playhead): void {
    this.#media.postMessage({ playhead } satisfies PlayheadMessage);
  }

  /** Leaves politely; nothing is reported. */
  end(): void {
    this.#host.end();
    this.#letGo();
  }

  #letGo(): void {
    this.#media.onmessage = null;
    this.#media.close();
    this.#peers?.destroy();
  }
}
