// What processes of a cluster say to each other on channels and leave for each other in hashes. A process may be of a
// newer version than the one that reads: fields it adds are ignored, kinds it adds are no message at all.

import type { VisitorEntry } from '../../../src/core/tracker/attendee.ts';
import type { CarriedSignal } from '../../../src/core/tracker/guests.ts';
import { asList, asRecord, asText, asWhole, parseJson } from '../../../src/wire/json.ts';
import { SIGNAL_BYTES_MAX, STREAM_PATH_MAX, VIEWER_ID_BYTES } from '../../../src/wire/limits.ts';
import { asNatKind } from '../../../src/wire/nat.ts';
import type { ViewerName } from '../../../src/wire/tracker.ts';

/** On the channel of all processes. */
export type NodeMessage = { readonly kind: 'here' | 'bye'; readonly node: string };

/** On the channel of a room. */
export interface RoomMessage {
  readonly node: string;
  readonly came: readonly VisitorEntry[];
  readonly left: readonly ViewerName[];
}

/** On the channel of one process. */
export type Mail =
  | { readonly kind: 'signal'; readonly node: string; readonly signal: CarriedSignal }
  | { readonly kind: 'back'; readonly signal: Omit<CarriedSignal, 'dial' | 'data'> };

/** Comings and goings in one message. */
export const ROOM_MESSAGE_ENTRIES_MAX = 500;

const NODE_CHARS_MAX = 64;
const ADDRESS_CHARS_MAX = 64;
const NAME = new RegExp(`^[0-9a-f]{${VIEWER_ID_BYTES * 2}}$`);

const asName = (value: unknown): ViewerName | undefined => {
  const text = asText(value, VIEWER_ID_BYTES * 2);
  return text !== undefined && NAME.test(text) ? text : undefined;
};

const asNode = (value: unknown): string | undefined => asText(value, NODE_CHARS_MAX);

/** Writes any of them. */
export const encodeCluster = (message: NodeMessage | RoomMessage | Mail | VisitorEntry): string =>
  JSON.stringify(message);

/** Reads what a process says of itself. */
export const readNodeMessage = (text: string): NodeMessage | undefined => {
  const fields = asRecord(parseJson(text));
  const node = asNode(fields?.node);
  const kind = fields?.kind;
  return node !== undefined && (kind === 'here' || kind === 'bye') ? { kind, node } : undefined;
};

const asEntry = (value: unknown): VisitorEntry | undefined => {
  const fields = asRecord(value);
  const viewer = asName(fields?.viewer);
  const node = asNode(fields?.node);
  const address = asText(fields?.address, ADDRESS_CHARS_MAX);
  const uploads = fields?.uploads;
  if (viewer === undefined || node === undefined || address === undefined || typeof uploads !== 'boolean') {
    return undefined;
  }
  return { viewer, node, address, uploads, nat: asNatKind(fields?.nat) ?? 'unknown' };
};

/** Reads the entry of a viewer in the hash of its room. */
export const readEntry = (text: string): VisitorEntry | undefined => asEntry(parseJson(text));

/** Reads comings and goings. */
export const readRoomMessage = (text: string): RoomMessage | undefined => {
  const fields = asRecord(parseJson(text));
  const node = asNode(fields?.node);
  const came = asList(fields?.came, ROOM_MESSAGE_ENTRIES_MAX, asEntry);
  const left = asList(fields?.left, ROOM_MESSAGE_ENTRIES_MAX, asName);
  return node === undefined || came === undefined || left === undefined ? undefined : { node, came, left };
};

/** Reads what is for this process. */
export const readMail = (text: string): Mail | undefined => {
  const fields = asRecord(parseJson(text));
  const signal = asRecord(fields?.signal);
  const path = asText(signal?.path, STREAM_PATH_MAX);
  const from = asName(signal?.from);
  const to = asName(signal?.to);
  if (path === undefined || from === undefined || to === undefined) return undefined;
  if (fields?.kind === 'back') return { kind: 'back', signal: { path, from, to } };
  const node = asNode(fields?.node);
  const dial = asWhole(signal?.dial, 0, 0xffff_ffff);
  const data = asText(signal?.data, SIGNAL_BYTES_MAX);
  if (fields?.kind !== 'signal' || node === undefined || dial === undefined || data === undefined) return undefined;
  return { kind: 'signal', node, signal: { path, from, to, dial, data } };
};
