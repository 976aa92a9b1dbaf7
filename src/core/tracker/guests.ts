/**
 * What the processes of a cluster tell each other so that the viewers of one stream form one swarm: who is connected
 * elsewhere, and signals from one process to another. Alone, a tracker neither hears nor says any of it.
 */
import type { ViewerName } from '../../wire/tracker.ts';
import type { VisitorEntry } from './attendee.ts';

/** A signal on its way from a viewer of one process to one of another. */
export interface CarriedSignal {
  readonly path: string;
  readonly from: ViewerName;
  readonly to: ViewerName;
  readonly dial: number;
  readonly data: string;
}

/** What comes from other processes. */
export type ClusterInput =
  /** Viewers of other processes are in a room, or are known better. */
  | { readonly kind: 'visitors-came'; readonly path: string; readonly visitors: readonly VisitorEntry[] }
  | { readonly kind: 'visitors-left'; readonly path: string; readonly viewers: readonly ViewerName[] }
  /** A process is gone, or cannot be reached; undefined: none of the others can. */
  | { readonly kind: 'node-gone'; readonly node: string | undefined }
  /** A signal for one of our viewers, sent by a process. */
  | { readonly kind: 'carried'; readonly node: string; readonly signal: CarriedSignal }
  /** A signal of one of our viewers could not be delivered. */
  | { readonly kind: 'undelivered'; readonly path: string; readonly from: ViewerName; readonly to: ViewerName };

/** What goes to other processes. */
export type ClusterOutput =
  /** Somebody is in a room here from now on; nobody is any more. */
  | { readonly kind: 'room-opened'; readonly path: string }
  | { readonly kind: 'room-closed'; readonly path: string }
  /** One of our viewers is in a room, or is known better. */
  | { readonly kind: 'came'; readonly path: string; readonly entry: Omit<VisitorEntry, 'node'> }
  | { readonly kind: 'left'; readonly path: string; readonly viewer: ViewerName }
  /** Take a signal to a viewer of another process. */
  | { readonly kind: 'carry'; readonly node: string; readonly signal: CarriedSignal }
  /** Tell a process that a signal it sent could not be delivered. */
  | { readonly kind: 'carry-back'; readonly node: string; readonly signal: Omit<CarriedSignal, 'dial' | 'data'> };
