/**
 * Every text of the element, so that a page can speak another language.
 */
import type { ErrorCode } from '../errors.ts';
import type { PlayerState } from '../player/stats.ts';

/** The texts; a page replaces any of them by the property `labels`. */
export interface ElementLabels {
  readonly player: string;
  readonly play: string;
  readonly pause: string;
  readonly mute: string;
  readonly unmute: string;
  readonly volume: string;
  readonly live: string;
  readonly captions: string;
  readonly pictureInPicture: string;
  readonly fullscreen: string;
  readonly exitFullscreen: string;
  readonly why: string;
  readonly close: string;
  readonly retry: string;
  /** On the button over a picture that the browser plays only without sound. */
  readonly tapToUnmute: string;
  readonly starting: string;
  readonly stalled: string;
  readonly sourceOutage: string;
  readonly ended: string;
  readonly notLive: string;
  readonly unreachable: string;
  readonly refused: string;
  readonly unsupported: string;
  readonly blockedByPage: string;
  readonly badOptions: string;
  readonly failed: string;
}

/** English. */
export const englishLabels: ElementLabels = {
  player: 'Live video',
  play: 'Play',
  pause: 'Pause',
  mute: 'Mute',
  unmute: 'Unmute',
  volume: 'Volume',
  live: 'Live',
  captions: 'Captions',
  pictureInPicture: 'Picture in picture',
  fullscreen: 'Full screen',
  exitFullscreen: 'Leave full screen',
  why: 'How this stream reaches you',
  close: 'Close',
  retry: 'Try again',
  tapToUnmute: 'Tap for sound',
  starting: 'Starting',
  stalled: 'Waiting for data',
  sourceOutage: 'The source is silent. Playback goes on when it returns.',
  ended: 'The stream has ended',
  notLive: 'This stream is not live right now',
  unreachable: 'The stream cannot be reached',
  refused: 'You are not admitted to this stream',
  unsupported: 'This browser cannot play the stream',
  blockedByPage: 'This page blocks the stream',
  badOptions: 'This player is not set up correctly',
  failed: 'The stream cannot be played',
};

type Headline = 'notLive' | 'unreachable' | 'refused' | 'unsupported' | 'blockedByPage' | 'badOptions' | 'failed';

const HEADLINES: readonly (readonly [RegExp, Headline])[] = [
  [/^(origin|source)\/(not-found|ended|outage)$/, 'notLive'],
  [/^(origin|source|service|tracker)\/(unreachable|overloaded|not-found|bad-answer)$/, 'unreachable'],
  [/^(origin\/refused|token\/|key\/)/, 'refused'],
  [/^support\/(policy|mixed-content)$/, 'blockedByPage'],
  [/^(support\/|media\/unsupported-codec$)/, 'unsupported'],
  [/^options\//, 'badOptions'],
];

/** What stands over an error's own sentence. */
export const headlineOf = (code: ErrorCode, labels: ElementLabels): string =>
  labels[HEADLINES.find(([pattern]) => pattern.test(code))?.[1] ?? 'failed'];

/** Errors of a start that is still tried: worth saying when nothing comes of it. */
export const isTrouble = (code: ErrorCode): boolean =>
  /^(origin|source)\/(unreachable|not-found|overloaded|bad-answer)$|^support\/(policy|mixed-content)$/.test(code);

/** What a state is called out loud; undefined where silence is right. */
export const statusOf = (state: PlayerState | 'idle', labels: ElementLabels): string | undefined => {
  switch (state) {
    case 'starting':
      return labels.starting;
    case 'stalled':
      return labels.stalled;
    case 'source-outage':
      return labels.sourceOutage;
    case 'ended':
      return labels.ended;
    case 'playing':
      return labels.live;
    case 'idle':
    case 'paused':
    case 'failed':
    case 'destroyed':
      return undefined;
  }
};
