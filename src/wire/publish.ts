/**
 * A publisher's WebSocket: FLV goes up in binary messages, beginning with a file header on every connection; the server
 * says in JSON texts that it takes them, how much has arrived, and why it takes no more.
 */
import { type ErrorCode, errorCodes, type Fault, fault } from '../errors.ts';
import { asRecord, asText, asWhole, parseJson } from './json.ts';
import { PUBLISH_ANSWER_BYTES_MAX, PUBLISH_SESSION_CHARS, PUBLISH_TEXT_BYTES_MAX } from './limits.ts';

/** What stands before the path of a stream where it is published: `/publish/live/door?key=...`. */
export const PUBLISH_PREFIX = '/publish';

/** The address a stream is published at, relative to the server. */
export const publishAddress = (path: string, key: string): string =>
  `${PUBLISH_PREFIX}${path}${key === '' ? '' : `?key=${encodeURIComponent(key)}`}`;

/** Name of the query by which a publisher whose connection broke is known again; the value is its own secret. */
export const SESSION_QUERY = 'session';

/** Whether a text may be a publisher's session: the base64url of 16 random bytes. */
export const isSession = (text: string): boolean => text.length === PUBLISH_SESSION_CHARS && /^[\w-]+$/.test(text);

/** What a publisher says besides its bytes. */
export type PublishRequest =
  /** All has been sent: the stream ends in good order. */
  { readonly kind: 'finish' };

/** What the server says. */
export type PublishAnswer =
  /** First word to a publisher that is let in; bytes may be sent from now on. */
  | { readonly kind: 'accepted' }
  /** Bytes that have arrived on this connection. */
  | { readonly kind: 'received'; readonly bytes: number }
  /** Last word before the server closes the connection. */
  | { readonly kind: 'refused'; readonly code: ErrorCode };

/** Writes a message. */
export const encodePublish = (message: PublishRequest | PublishAnswer): string => JSON.stringify(message);

/** Reads what a publisher says. */
export const decodePublishRequest = (text: string): PublishRequest | Fault => {
  const fields = text.length > PUBLISH_TEXT_BYTES_MAX ? undefined : asRecord(parseJson(text));
  return fields?.kind === 'finish' ? { kind: 'finish' } : fault('publish/bad-message', 'request');
};

/** Reads what the server says. */
export const decodePublishAnswer = (text: string): PublishAnswer | Fault => {
  const fields = text.length > PUBLISH_ANSWER_BYTES_MAX ? undefined : asRecord(parseJson(text));
  switch (fields?.kind) {
    case 'accepted':
      return { kind: 'accepted' };
    case 'received': {
      const bytes = asWhole(fields.bytes, 0, Number.MAX_SAFE_INTEGER);
      return bytes === undefined ? bad() : { kind: 'received', bytes };
    }
    case 'refused': {
      const given = asText(fields.code, PUBLISH_ANSWER_BYTES_MAX);
      const code = errorCodes.find((known) => known === given);
      return code === undefined ? bad() : { kind: 'refused', code };
    }
    default:
      return bad();
  }
};

const bad = (): Fault => fault('publish/bad-message', 'answer');
