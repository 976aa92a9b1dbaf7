// What the meeting places of a cluster say to each other. A process may be of a newer version than the one that reads:
// kinds it adds are no message at all.

import type { FarAnswer, FarInput, FarRequest } from '../../../src/core/meeting/elsewhere.ts';
import { decodeMeetingAnswer, decodeMeetingRequest } from '../../../src/wire/device.ts';
import { asRecord, asText, asWhole, parseJson } from '../../../src/wire/json.ts';
import { DEVICE_MESSAGE_BYTES_MAX } from '../../../src/wire/limits.ts';

const NODE_CHARS_MAX = 64;
/** Product, device name and key. */
const PLACE_CHARS_MAX = 400;

/** Reads one of them, as what the meeting place is told. */
export const readDeviceMail = (
  text: string,
): Extract<FarInput, { kind: 'far-said' | 'far-answer' | 'device-elsewhere' }> | undefined => {
  const fields = asRecord(parseJson(text));
  const node = asText(fields?.node, NODE_CHARS_MAX);
  if (node === undefined || fields === undefined) return undefined;
  if (fields.kind === 'moved') {
    const device = asText(fields.device, PLACE_CHARS_MAX);
    return device === undefined ? undefined : { kind: 'device-elsewhere', device };
  }
  const connection = asWhole(fields.connection, 1, Number.MAX_SAFE_INTEGER);
  const said = asText(fields.text, DEVICE_MESSAGE_BYTES_MAX);
  if (connection === undefined || said === undefined) return undefined;
  if (fields.kind === 'said') {
    const request = decodeMeetingRequest(said);
    return isFarRequest(request) ? { kind: 'far-said', node, connection, request } : undefined;
  }
  if (fields.kind !== 'answer') return undefined;
  const answer = decodeMeetingAnswer(said);
  return isFarAnswer(answer) ? { kind: 'far-answer', node, connection, answer } : undefined;
};

const isFarRequest = (request: { readonly kind: string }): request is FarRequest =>
  request.kind === 'call' || request.kind === 'signal' || request.kind === 'hang-up';

const isFarAnswer = (answer: { readonly kind: string }): answer is FarAnswer =>
  answer.kind === 'called' || answer.kind === 'signal' || answer.kind === 'hung-up' || answer.kind === 'refused';
