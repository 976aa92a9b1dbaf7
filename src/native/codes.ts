/**
 * The numbers of the native SDKs: events and errors, and for every error what brings it about in a browser. One table;
 * nothing else in the room knows a number's cause.
 */
import type { ErrorCode as ShoalCode } from '../errors.ts';

/** What an event callback hears. */
export const EventCode = {
  /** `PlayURL` was accepted; the message is the source's address. */
  START: 10010000,
  /** Exactly once after START: the message is the address to play, the virtual one or the original one. */
  STARTED: 10010001,
  /** The stream is being let go: by `Unplay` or `Unload`, or because its source is over. */
  STOP: 10010002,
  /** It is let go. */
  STOPPED: 10010003,
  /** Once for each instance, before anything else: the SDK is loaded and `PlayURL` may be called. */
  LOAD_READY: 10010004,
  /** In mid-play: the origin alone delivers from now on; the message is the original address. The virtual one plays on. */
  STUCK_TO_ORIGIN: 10010005,
  /** Again and again while a stream plays: the message is JSON, see the manual. */
  STATISTICS_DATA: 10010006,
} as const;

/** The number of an event. */
export type EventCode = (typeof EventCode)[keyof typeof EventCode];

/** What an error callback hears. */
export const ErrorCode = {
  CONF_UNAVAILABLE: 10001000,
  AUTH_FAILED: 10001001,
  CONF_INVALID: 10001002,
  LIBEVENT_ERROR: 10001012,
  CHANNEL_EMPTY: 10011000,
  NO_SUCH_CHANNEL: 10011001,
  RESOLUTION_INVALID: 10011002,
  FORMAT_INVALID: 10011003,
  SOURCE_DATA_ERROR: 10011004,
} as const;

/** The number of an error. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** The name of an error. */
export type ErrorName = keyof typeof ErrorCode;

/** What brings an error about in a browser. */
export interface ErrorCause {
  readonly cause: string;
  readonly codes: readonly ShoalCode[];
}

/** The table. */
export const ERROR_CAUSES: Readonly<Record<ErrorName, ErrorCause>> = {
  CONF_UNAVAILABLE: {
    cause: 'The service description or the token service does not answer.',
    codes: ['service/not-found', 'token/unreachable'],
  },
  AUTH_FAILED: {
    cause: 'The token service refuses the application, or the origin refuses the viewer.',
    codes: ['token/refused', 'token/expired', 'origin/refused', 'key/denied', 'key/unknown-code'],
  },
  CONF_INVALID: {
    cause: 'The service description or the answer of the token service is not valid, or an option is not.',
    codes: ['service/bad-answer', 'token/malformed', 'options/invalid'],
  },
  LIBEVENT_ERROR: {
    cause: 'What runs behind the page did not start: worker, byte core or Service Worker.',
    codes: [
      'worker/start-failed',
      'worker/died',
      'support/no-worker',
      'support/no-webassembly',
      'support/insecure-context',
      'support/policy',
      'core/abi-mismatch',
      'core/out-of-memory',
      'core/trap',
      'virtual/unsupported',
      'virtual/not-registered',
      'virtual/out-of-scope',
      'virtual/no-control',
      'virtual/wrong-version',
    ],
  },
  CHANNEL_EMPTY: { cause: '`PlayURL` was given no address.', codes: [] },
  NO_SUCH_CHANNEL: {
    cause: '`PlayURL` was given an instance that does not exist, or the origin has no such stream.',
    codes: ['origin/not-found'],
  },
  RESOLUTION_INVALID: {
    cause: 'The browser cannot decode the pictures: their codec, profile or level.',
    codes: ['media/unsupported-codec'],
  },
  FORMAT_INVALID: {
    cause: 'The address is neither HTTP-FLV nor RTMP, or its host is not in the list of the server.',
    codes: ['virtual/bad-source', 'service/unknown-upstream', 'support/mixed-content'],
  },
  SOURCE_DATA_ERROR: {
    cause: 'The source is silent or broken, its origin cannot be reached, or pieces do not verify.',
    codes: [
      'source/outage',
      'source/unreachable',
      'source/bad-answer',
      'origin/unreachable',
      'origin/overloaded',
      'origin/bad-frame',
      'origin/bad-head',
      'origin/wrong-key',
      'key/wrong',
      'key/service-unreachable',
      'flv/bad-signature',
      'flv/bad-tag',
      'flv/tag-too-large',
      'link/bad-piece',
    ],
  },
};

/** The name under which native callers know an error; undefined for what they are not told, such as a link that failed. */
export const nameOf = (code: ShoalCode): ErrorName | undefined =>
  (Object.keys(ERROR_CAUSES) as ErrorName[]).find((name) => ERROR_CAUSES[name].codes.includes(code));
