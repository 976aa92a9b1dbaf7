/**
 * A worker that shares a stream of FLV.
 */
import type { MediaOrder, PlayheadMessage } from '../carrier/media-messages.ts';
import type { Playhead, WorkerStart } from '../carrier/worker-control.ts';
import type { ShoalError } from '../errors.ts';
import type { IceServer } from '../wire/service.ts';
import { WorkerSeat } from './worker-seat.ts';
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
export class WorkerLine extends WorkerSeat<Omit<LineStart, 'iceServers'>, MediaOrder, PlayheadMessage> {
  #runs = 0;

  /** Throws `worker/start-failed`. */
  constructor(world: PlayerWorld, { iceServers, ...start }: LineStart, events: LineEvents) {
    super(world, {
      method: 'start',
      start,
      iceServers,
      heard: (order) => {
        if (order.kind === 'run') this.#runs++;
        events.order(order);
      },
      died: (error) => events.died(error),
    });
  }

  playhead(playhead: Playhead): void {
    this.tell({ playhead, runs: this.#runs });
  }
}
