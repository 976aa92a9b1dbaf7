/**
 * The one table of what can go wrong. A code is never renamed or reused; its sentence is written for a stranger.
 * Branch on `code`, never on `instanceof`: an error that crosses the worker boundary keeps its code, not its class.
 */

/** How bad an error is: a `recoverable` one is reported and worked around, a `fatal` one ends what it happened to. */
export type Severity = 'recoverable' | 'fatal';

const TABLE = {
  'options/invalid': ['fatal', 'An option has a value Shoal cannot use; the detail names it.'],
  'state/destroyed': ['fatal', 'This object was destroyed; create a new one.'],
  'support/no-media-source': ['fatal', 'This browser has no MediaSource, so live FLV cannot be played here.'],
  'support/no-webassembly': [
    'recoverable',
    'This page may not compile WebAssembly (CSP lacks wasm-unsafe-eval), so the plain stream is played.',
  ],
  'support/no-webrtc': [
    'recoverable',
    'This browser has no WebRTC data channels, so the stream comes from the origin alone.',
  ],
  'support/no-worker': [
    'recoverable',
    'This browser has no workers, so the plain stream is played and nothing is shared.',
  ],
  'support/links-on-page': [
    'recoverable',
    'This browser cannot give links to a worker, so a busy page delays what its neighbours get from it.',
  ],
  'support/insecure-context': [
    'recoverable',
    'This page is neither https nor localhost, so browsers give it no Service Worker and no microphone.',
  ],
  'support/mixed-content': [
    'recoverable',
    'An https page asks for an http stream, which browsers refuse; serve the stream over https too.',
  ],
  'support/policy': [
    'recoverable',
    "The page's Content-Security-Policy forbids something Shoal needs; the detail says what to add to it.",
  ],
  'worker/start-failed': ['recoverable', 'The worker could not be started, so the plain stream is played.'],
  'worker/died': ['recoverable', 'The worker stopped unexpectedly and is being replaced.'],
  'worker/call-timeout': ['recoverable', 'The worker did not answer a call in time.'],
  'worker/call-failed': ['recoverable', 'The worker could not do what it was asked.'],
  'service/not-found': ['recoverable', 'No Shoal service answers at the stream host, so the plain stream is played.'],
  'service/bad-answer': ['recoverable', 'The Shoal service description is not valid.'],
  'service/unknown-upstream': [
    'recoverable',
    'The Shoal service does not pull from this host, so the original address is played; its operator can add the host.',
  ],
  'virtual/bad-source': ['recoverable', 'Only http(s) addresses that end in .flv and rtmp addresses can be shared.'],
  'virtual/unsupported': [
    'recoverable',
    'This browser has no Service Worker, so there is no virtual URL and the original one is played.',
  ],
  'virtual/not-registered': [
    'recoverable',
    'The Service Worker could not be registered; copy shoal-sw.js to the own origin of this page and check its address.',
  ],
  'virtual/out-of-scope': [
    'recoverable',
    'The page lies outside the scope of its Service Worker; put shoal-sw.js into a folder at or above the page.',
  ],
  'virtual/no-control': [
    'recoverable',
    'The Service Worker did not answer or did not take control of the page in time.',
  ],
  'virtual/wrong-version': [
    'recoverable',
    'The shoal-sw.js of this site is of another version than the SDK; copy the one that came with it.',
  ],
  'origin/unreachable': ['recoverable', 'The origin cannot be reached; it is tried again.'],
  'origin/refused': ['fatal', 'The origin refuses this stream to this viewer.'],
  'origin/not-found': ['recoverable', 'The origin has no such stream right now.'],
  'origin/overloaded': ['recoverable', 'The origin is at its limit and asks to come back later.'],
  'origin/bad-frame': ['recoverable', 'The origin sent something that is not a valid frame.'],
  'origin/bad-head': ['recoverable', 'A stream head is malformed or its signature does not verify.'],
  'origin/wrong-key': ['fatal', 'The origin signs with a key this page does not accept.'],
  'origin/pieces-only': [
    'recoverable',
    'This relay has no content keys, so it serves the piece form of its streams and no other.',
  ],
  'source/ended': ['recoverable', 'The source has ended.'],
  'source/outage': ['recoverable', 'The source has stopped sending; playback goes on when it returns.'],
  'source/unreachable': ['recoverable', 'The upstream source cannot be reached; it is tried again.'],
  'source/bad-answer': ['recoverable', 'The upstream source answers with something that is not a live FLV stream.'],
  'publish/bad-path': ['fatal', 'This is no name a stream can have; use letters, digits, dots and dashes.'],
  'publish/refused': ['fatal', 'The publish key is missing, wrong or has expired.'],
  'publish/taken': ['recoverable', 'Somebody else publishes this stream, or it has a source of its own.'],
  'publish/taken-over': ['fatal', 'Another publisher has taken this stream over.'],
  'publish/bad-stream': ['fatal', 'What the publisher sends is not a live FLV stream.'],
  'publish/too-fast': ['fatal', 'The publisher sends more than this server takes; lower its bitrate.'],
  'publish/silent': ['recoverable', 'The publisher has sent nothing for too long.'],
  'publish/stopped': ['fatal', 'The server was told to stop this publisher.'],
  'publish/bad-message': ['fatal', 'A message between publisher and server is malformed.'],
  'publish/too-many': ['recoverable', 'This address has as many publishers connected as the server takes.'],
  'publish/unreachable': ['recoverable', 'The server that takes the stream cannot be reached; it is tried again.'],
  'publish/no-encoder': [
    'fatal',
    'This browser cannot encode H.264 and Opus; publish from a current Chromium, Edge or Safari.',
  ],
  'publish/no-permission': ['fatal', 'Camera, microphone or screen were not allowed, by the user or by a policy.'],
  'publish/no-device': ['fatal', 'There is no camera or microphone that fits what was asked for.'],
  'publish/device-busy': ['recoverable', 'Camera or microphone cannot be read; another program may be using them.'],
  'publish/capture-ended': ['recoverable', 'Capturing has ended: sharing was stopped or the device was taken away.'],
  'publish/encoder-failed': ['fatal', 'The encoder of this browser stopped at an error.'],
  'publish/server-closing': ['recoverable', 'The server is closing.'],
  'output/no-ffmpeg': ['recoverable', 'This output of the stream needs ffmpeg on the server, and there is none.'],
  'output/failed': ['recoverable', 'This output of the stream could not be made; the detail says why.'],
  'output/unsupported-codec': ['recoverable', 'This output cannot carry a codec of the stream.'],
  'key/denied': ['fatal', 'The content key is not available to this viewer.'],
  'key/wrong': ['fatal', 'The content key does not fit the stream.'],
  'key/unknown-code': ['recoverable', 'The key code is unknown or has expired.'],
  'key/service-unreachable': ['recoverable', 'The key service cannot be reached.'],
  'tracker/unreachable': ['recoverable', 'The tracker cannot be reached; playback goes on and it is tried again.'],
  'tracker/bad-message': ['recoverable', 'A tracker message is malformed.'],
  'tracker/refused': ['recoverable', 'The tracker refuses this viewer.'],
  'tracker/rate-limited': ['recoverable', 'Too many messages were sent to the tracker in a short time.'],
  'token/refused': ['fatal', 'The token service refuses this application.'],
  'token/bad-request': [
    'recoverable',
    'The request for a token lacks something, or the clock it was signed by is wrong by minutes.',
  ],
  'token/unreachable': ['recoverable', 'The token service cannot be reached.'],
  'token/malformed': ['recoverable', 'A join token is malformed.'],
  'token/expired': ['recoverable', 'A join token has expired.'],
  'token/bad-signature': ['recoverable', 'A join token is not signed by an accepted key.'],
  'device/bad-info': ['fatal', 'The xp2pInfo of the device is malformed, has been changed, or is of another device.'],
  'device/expired-info': ['fatal', 'The xp2pInfo of the device has expired; ask the device owner for a new one.'],
  'device/bad-request': ['recoverable', 'The device does not understand the request; the detail names what is wrong.'],
  'device/no-right': ['recoverable', 'The xp2pInfo does not entitle its holder to this.'],
  'device/no-such-file': ['recoverable', 'The device has no such recording or file.'],
  'device/command-failed': ['recoverable', 'The device could not carry the command out.'],
  'device/voice-failed': ['recoverable', 'The device cannot play the voice.'],
  'device/talking': ['recoverable', 'Somebody else is talking to the device.'],
  'device/no-answer': ['recoverable', 'The device did not answer a command in time.'],
  'device/bad-message': ['recoverable', 'A message about a device is malformed.'],
  'device/not-there': ['recoverable', 'The device is not registered at the moment.'],
  'device/meeting-lost': ['recoverable', 'The meeting place of devices and pages cannot be reached.'],
  'device/name-taken': ['recoverable', 'Another device with another key is registered under this name.'],
  'device/refused': ['recoverable', 'The device does not serve this caller.'],
  'device/busy': ['recoverable', 'The device serves as many viewers as it can.'],
  'device/moved': [
    'recoverable',
    'The device has as many direct viewers as it wants; the detail is the address of the stream it shares with others.',
  ],
  'device/unreachable': ['recoverable', 'No connection to the device could be made; the detail says how far it got.'],
  'device/not-genuine': ['fatal', 'Whoever answered for the device could not prove to be it.'],
  'recorder/unsupported': [
    'fatal',
    'This browser or page cannot record sound at this rate; the detail says why, if known.',
  ],
  'recorder/refused': ['recoverable', 'The user, the browser or the page’s policy does not allow the microphone.'],
  'recorder/no-microphone': ['recoverable', 'There is no microphone, or another program has it.'],
  'recorder/busy': ['recoverable', 'The recorder is recording already; stop it first.'],
  'recorder/failed': ['recoverable', 'The recorder could not be started; the detail says what did not.'],
  'download/not-written': [
    'recoverable',
    'The file could not be written; the storage may be full or in use elsewhere.',
  ],
  'request/malformed': [
    'recoverable',
    'The other side of a request sent something that is no part of one, and was cut off.',
  ],
  'request/overrun': ['recoverable', 'The other side of a request sent more than there was room for, and was cut off.'],
  'request/cancelled': ['recoverable', 'The other side broke the request off.'],
  'request/lost': ['recoverable', 'The connection to the device broke while a request was under way.'],
  'room/bad-message': ['recoverable', 'A message in a room is malformed.'],
  'room/no-such-app': ['fatal', 'The server knows no app of this number.'],
  'room/refused': ['fatal', 'The token does not entitle this user to enter this room.'],
  'room/token-expired': ['recoverable', 'The token for the room has expired; ask its issuer for a new one.'],
  'room/full': ['recoverable', 'The room, or the server, holds as many users as it can.'],
  'room/not-entered': ['recoverable', 'Enter the room first.'],
  'room/already-entered': ['recoverable', 'This connection is in a room already; leave it first.'],
  'room/elsewhere': [
    'recoverable',
    'Another process of the cluster holds this room; send all publishers of a customer to one process.',
  ],
  'room/taken-over': ['fatal', 'The same user has entered the room from elsewhere.'],
  'room/rate-limited': ['fatal', 'Too many messages were sent to the room in a short time.'],
  'room/no-track': ['recoverable', 'The camera or screen is not up yet: open it and send its first picture.'],
  'bypass/start-failed': ['recoverable', 'The live push could not be started; try again after three seconds.'],
  'bypass/no-such-channel': ['recoverable', 'The user has no live push under this channel id.'],
  'record/not-offered': ['recoverable', 'This app does not record in this way; the detail says what it offers.'],
  'record/no-such-task': ['recoverable', 'No recording runs under this id.'],
  'record/disk-full': [
    'recoverable',
    'The disk for recordings is full, so nothing more is recorded until there is room.',
  ],
  'record/failed': ['recoverable', 'The recording could not be written; the detail says why.'],
  'record/no-picture': ['recoverable', 'There is no picture yet to take a screenshot of.'],
  'record/no-ffmpeg': ['recoverable', 'This needs ffmpeg on the server, and there is none.'],
  'link/failed': ['recoverable', 'A link to a neighbour could not be made.'],
  'link/bad-message': ['recoverable', 'A neighbour sent a malformed message and was cut.'],
  'link/bad-hello': ['recoverable', 'A neighbour could not prove who it is and was cut.'],
  'link/bad-piece': ['recoverable', 'A neighbour sent a piece that does not verify and was cut.'],
  'link/flood': ['recoverable', 'A neighbour sent more than it may and was cut.'],
  'hls/bad-seal': [
    'recoverable',
    'The digests of an HLS playlist or segment are malformed or not signed by its origin.',
  ],
  'hls/bad-message': ['recoverable', 'A neighbour sent a malformed message about HLS segments and was cut.'],
  'hls/bad-segment': [
    'recoverable',
    'A segment does not have the digest that was signed for it, so it was not shared.',
  ],
  'hls/no-witness': [
    'recoverable',
    'Nobody vouches for the segments of this playlist, so they are played from where it says and not shared.',
  ],
  'hls/unreachable': ['recoverable', 'A segment could not be fetched; it is tried again.'],
  'hls/not-watched': ['recoverable', 'This witness does not vouch for streams of that host; its operator can add it.'],
  'nat/no-answer': [
    'recoverable',
    'No STUN server answers, as where UDP is blocked: neighbours may be out of reach, and playback goes on.',
  ],
  'wire/short': ['recoverable', 'A message ends before its last field.'],
  'wire/long': ['recoverable', 'A message has bytes after its last field.'],
  'wire/unknown-kind': ['recoverable', 'A message is of a kind this version does not know.'],
  'wire/bad-field': ['recoverable', 'A field of a message has a value outside its limits.'],
  'wire/bad-version': ['recoverable', 'The other side speaks a protocol version this one does not.'],
  'flv/bad-signature': ['fatal', 'The source does not begin like an FLV stream.'],
  'flv/bad-tag': ['recoverable', 'The FLV stream has a broken tag; bytes were skipped up to the next good one.'],
  'flv/tag-too-large': ['recoverable', 'The FLV stream has a tag above the size limit; it was skipped.'],
  'flv/bad-nal': [
    'recoverable',
    'A video tag has a NAL unit that does not fit its length; the tag was passed on unmarked.',
  ],
  'core/out-of-memory': ['fatal', 'The byte core could not get the memory it needs.'],
  'core/bad-handle': ['fatal', 'The byte core was used after it was freed.'],
  'core/bad-argument': ['fatal', 'The byte core was given an argument of the wrong size.'],
  'core/abi-mismatch': ['fatal', 'The byte core is of another version than the script that loads it.'],
  'core/trap': ['fatal', 'The byte core stopped at an internal fault.'],
  'media/playback-failed': [
    'recoverable',
    'The media element reported an error; playback starts again at the live edge.',
  ],
  'media/unsupported-codec': ['fatal', 'This browser cannot decode a codec of the stream.'],
  'media/autoplay-blocked': [
    'recoverable',
    'The browser wants a click before it plays sound; mute the video or call play() from a click.',
  ],
  'swarm-test/never-came': ['fatal', 'What a swarm test waited for never came.'],
  'swarm-test/not-held': ['fatal', 'The swarm did not do what the test expects of it.'],
  'swarm-test/not-possible': ['fatal', 'A viewer of a swarm test cannot do this as it was opened.'],
  'swarm-test/complaints': ['fatal', 'Pages of a swarm test complained about something the test did not declare.'],
  'storage/failed': ['recoverable', 'The browser did not keep what it was given: it is full, or keeps nothing.'],
  'account/denied': ['recoverable', 'Only the operator, and an app for itself, may read accounts.'],
  'account/bad-question': ['recoverable', 'Accounts were asked for in a format or for a time that makes no sense.'],
  'server/bad-config': ['fatal', 'The server configuration is not valid; the detail names the option.'],
  'server/stun-failed': ['fatal', 'The STUN server that was asked for cannot run; install coturn or leave out --stun.'],
  'server/listen-failed': ['fatal', 'The server cannot listen on its address.'],
  'server/relay-failed': [
    'fatal',
    'No upstream of --relay answers, so the key of its origin is not known; start it first or give --origin-key.',
  ],
  'server/store-lost': [
    'recoverable',
    'The store that the servers share cannot be reached; this server goes on alone until it is back.',
  ],
} as const satisfies Record<string, readonly [Severity, string]>;

/** A stable name such as `link/bad-piece`: room, then what happened. */
export type ErrorCode = keyof typeof TABLE;

/** Every code there is, for documentation and tests. */
export const errorCodes = Object.keys(TABLE) as readonly ErrorCode[];

/** The severity of a code. */
export const severityOf = (code: ErrorCode): Severity => TABLE[code][0];

/** The sentence of a code. */
export const sentenceOf = (code: ErrorCode): string => TABLE[code][1];

/** What may accompany an error: `detail` is one short, non-secret fact; `cause` is the error underneath. */
export interface ErrorContext {
  readonly detail?: string;
  readonly cause?: unknown;
}

/** The only error class of Shoal. */
export class ShoalError extends Error {
  override readonly name = 'ShoalError';
  /** Stable, for programs. */
  readonly code: ErrorCode;
  readonly severity: Severity;
  /** One short fact about this occurrence, or undefined. */
  readonly detail: string | undefined;

  constructor(code: ErrorCode, context: ErrorContext = {}) {
    const detail = context.detail === undefined ? '' : ` (${context.detail})`;
    super(`${sentenceOf(code)}${detail}`, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.severity = severityOf(code);
    this.detail = context.detail;
  }
}

/** A misbehaving peer as a value: decoders return it instead of throwing. */
export interface Fault {
  readonly kind: 'fault';
  readonly code: ErrorCode;
  readonly detail: string;
}

/** Makes a fault. */
export const fault = (code: ErrorCode, detail: string): Fault => ({ kind: 'fault', code, detail });
