/**
 * Crooked viewers: honest ones whose messages are changed on their way out.
 */
import { decodeLinkMessage, encodeLinkMessage, isHead, type LinkMessage } from '../../wire/link.ts';
import type { Message, Tamper } from './memory-links.ts';

type Status = Extract<LinkMessage, { kind: 'status' }>;

/** A message of the control lane. */
export const control = (message: LinkMessage): Message => ({ lane: 'control', bytes: encodeLinkMessage(message) });

/** Changes the parts of pieces, once the viewer has behaved for so many. */
export const spoilingParts = (change: (part: Uint8Array) => Uint8Array, after = 0): Tamper => {
  let seen = 0;
  return (message) =>
    message.lane === 'pieces' && seen++ >= after ? [{ lane: 'pieces', bytes: change(message.bytes) }] : [message];
};

/** Changes what is said on the control lane. */
export const twistingWords = (change: (message: LinkMessage) => readonly LinkMessage[]): Tamper => {
  return (message) => {
    if (message.lane === 'pieces' || isHead(message.bytes)) return [message];
    const said = decodeLinkMessage(message.bytes);
    return said.kind === 'fault' ? [message] : change(said).map(control);
  };
};

/** Changes what it says of itself. */
export const boasting = (change: (status: Status) => readonly LinkMessage[]): Tamper =>
  twistingWords((message) => (message.kind === 'status' ? change(message) : [message]));

/** Claims to hold everything, to be open for everybody, and to be the best root there is. */
export const bestOfAll = (status: Status): Status => ({
  ...status,
  open: 0xffff_ffff,
  lags: status.lags.map(() => 0),
  ranks: status.ranks.map(() => 0),
  have: new Uint8Array(32).fill(0xff),
});

/** Sends no pieces at all, whatever it says. */
export const withoutPieces =
  (tamper: Tamper): Tamper =>
  (message) =>
    message.lane === 'pieces' ? [] : tamper(message);
