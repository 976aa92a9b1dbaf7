/**
 * One worker and everything that lives and dies with it: its port to what is played, its peer connections, its calls.
 */
import { PeerHost } from '../carrier/browser/peer-host.ts';
import { type CallArguments, WorkerHost } from '../carrier/browser/worker-host.ts';
import { withTransfer } from '../carrier/calls.ts';
import type { WorkerControl } from '../carrier/worker-control.ts';
import { type ShoalError, sentenceOf } from '../errors.ts';
import type { IceServer } from '../wire/service.ts';
import type { PlayerWorld } from './world.ts';

/** The ports a viewer is started with, in the worker's hands. */
export interface SeatPorts {
  readonly media: MessagePort;
  readonly links: MessagePort | undefined;
}

/** How a viewer is started, and what comes from it. */
export interface SeatParts<Start, Heard> {
  readonly method: 'start' | 'startHls';
  readonly start: Start;
  /** ICE servers that became known after the start. */
  iceServers(): readonly IceServer[];
  heard(heard: Heard): void;
  died(error: ShoalError): void;
}

/** A running worker. */
export class WorkerSeat<Start extends object, Heard, Told> {
  readonly #host: WorkerHost;
  readonly #media: MessagePort;
  readonly #peers: PeerHost | undefined;
  /** Resolves when the viewer runs; rejects with why it does not. */
  readonly started: Promise<void>;

  /** Throws `worker/start-failed`. */
  constructor(world: PlayerWorld, { method, start, iceServers, heard, died }: SeatParts<Start, Heard>) {
    this.#host = new WorkerHost({
      start: () => world.startWorker(),
      locks: world.locks,
      died: (error) => {
        this.#letGo();
        died(error);
      },
    });
    const media = new MessageChannel();
    this.#media = media.port1;
    this.#media.onmessage = (event: MessageEvent<Heard>) => heard(event.data);
    const links = world.support.webrtc ? new MessageChannel() : undefined;
    if (links !== undefined) {
      this.#peers = new PeerHost({ port: links.port1, createPeer: world.createPeer, iceServers });
    }
    const taken = links === undefined ? [media.port2] : [media.port2, links.port2];
    const ports: SeatPorts = { media: media.port2, links: links?.port2 };
    const told = [withTransfer({ ...start, ...ports }, taken)] as unknown;
    this.started = this.#host.call(method, told as CallArguments<WorkerControl, 'start' | 'startHls'>);
  }

  call<M extends keyof WorkerControl>(method: M, ...args: Parameters<WorkerControl[M]>) {
    return this.#host.call(method, args as unknown as CallArguments<WorkerControl, M>);
  }

  /** Why sharing is as it is, in words. */
  async explain(): Promise<readonly string[]> {
    const said = await this.call('explain');
    return this.#peers?.forwards === true ? [...said, sentenceOf('support/links-on-page')] : said;
  }

  /** Says something on the port to what is played. */
  tell(told: Told, taken: Transferable[] = []): void {
    this.#media.postMessage(told, taken);
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
