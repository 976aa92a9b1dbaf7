/**
 * The numbers of the native SDKs: events and errors, and for every error what brings it about in a browser. One table;
 * nothing else in the room knows a number's cause.
 */
import type { ErrorCode as ShoalCode } from '../errors.ts';

/** What an event callback hears. */
export const EventCode = {
  START: 10010000,
  STARTED: 10010001,
  STOP: 10010002,
  STOPPED: 10010003,
  LOAD_READY: 10010004,
  STUCK_TO_ORIGIN: 10010005,
  STATISTICS_DATA: 10010006,
} as const;

/** The name of an event. */
export type EventName = keyof typeof EventCode;

/** When each is told, and what its message is. */
export const EVENT_MOMENTS: Readonly<Record<EventName, { readonly moment: string; readonly message: string }>> = {
  START: { moment: '`PlayURL` has answered true and its stream is being opened.', message: "The source's address." },
  STARTED: {
    moment:
      'Exactly once after START, unless `Unplay` or `Unload` comes first: the first picture is there, or the start has failed.',
    message: 'The address to play: the virtual one, or the original one as it was passed in.',
  },
  STOP: { moment: '`Unplay` or `Unload` was called, or the source is over.', message: 'Which of them.' },
  STOPPED: { moment: 'The stream is let go; `PlayURL` may be called again.', message: 'The same.' },
  LOAD_READY: {
    moment:
      'Once for each instance, in a task of its own after `CreateInstance` has answered, and before its first START. ' +
      'The page is under the control of its Service Worker by then, or it is known that it cannot be.',
    message: 'Empty.',
  },
  STUCK_TO_ORIGIN: {
    moment:
      'In mid-play, each time the origin alone delivers from now on: for a while after stalls that were the ' +
      "neighbours' fault, for good when sharing has come to nothing. The virtual address plays on.",
    message: 'The original address.',
  },
  STATISTICS_DATA: {
    moment: 'Every `statisticsEveryMs` from STARTED with a virtual address to STOP.',
    message: 'JSON: `{ flow: { p2pBytes, cdnBytes }, uploadedBytes, state, readers, waitingBytes, skips }`.',
  },
};

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
    cause:
      'The service description or the answer of the token service is not valid, or an option is not; or the application was not set, or the clock is wrong, so that the token service cannot make sense of the request.',
    codes: ['service/bad-answer', 'token/malformed', 'token/bad-request', 'options/invalid'],
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
