/**
 * What the meeting places of a cluster's processes tell each other, so that a page at one reaches a device at another.
 * The process a device is at makes the call; the one the page is at passes on what it says. Alone, a meeting place
 * neither hears nor says any of it.
 */
import type { MeetingAnswer, MeetingRequest } from '../../wire/device.ts';

/** A connection, numbered by whoever carries it. */
export type Connection = number;

/** A device under its name and its key, so that nobody takes a name from anybody at another process. */
export type DevicePlace = string;

/** What a page says that is passed on. */
export type FarRequest = Extract<MeetingRequest, { readonly kind: 'call' | 'signal' | 'hang-up' }>;

/** What it is answered. */
export type FarAnswer = Extract<MeetingAnswer, { readonly kind: 'called' | 'signal' | 'hung-up' | 'refused' }>;

/** What comes from other processes. */
export type FarInput =
  /** Where the device that a page called is; undefined: nowhere. */
  | {
      readonly kind: 'found';
      readonly connection: Connection;
      readonly info: string;
      readonly node: string | undefined;
    }
  /** A page at another process says something to a device here. */
  | { readonly kind: 'far-said'; readonly node: string; readonly connection: Connection; readonly request: FarRequest }
  /** A page here is answered. */
  | { readonly kind: 'far-answer'; readonly node: string; readonly connection: Connection; readonly answer: FarAnswer }
  /** A device of ours has come to another process. */
  | { readonly kind: 'device-elsewhere'; readonly device: DevicePlace }
  /** A process is gone. */
  | { readonly kind: 'node-gone'; readonly node: string };

/** What goes to other processes. */
export type FarOutput =
  | { readonly kind: 'device-came' | 'device-left'; readonly device: DevicePlace }
  /** Where is it? Answered by `found`. */
  | { readonly kind: 'find'; readonly connection: Connection; readonly device: DevicePlace; readonly info: string }
  | { readonly kind: 'carry'; readonly node: string; readonly connection: Connection; readonly request: FarRequest }
  | { readonly kind: 'carry-back'; readonly node: string; readonly connection: Connection; readonly answer: FarAnswer };
