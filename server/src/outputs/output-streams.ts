// The stream that an output is made from: the stream itself, or, where its sound is Opus, its form with AAC sound, which
// is a stream of its own (`<path>~aac`) and made once for all outputs.

import type { ErrorCode } from '../../../src/errors.ts';
import { withoutToken } from '../accounts/app-tokens.ts';
import type { Clock } from '../clock.ts';
import { packetOf } from '../flv/packets.ts';
import type { Stream } from '../origin/stream.ts';
import type { Streams } from '../origin/streams.ts';
import { keptTags, TagTap } from '../origin/tag-tap.ts';
import { AAC_FORM } from './derived-paths.ts';

/** How long a stream may take to begin for who asks for an output. */
const BEGIN_MS = 10_000;

/** See above. */
export class OutputStreams {
  readonly #streams: Streams;
  readonly #clock: Clock;
  readonly #ffmpeg: () => Promise<boolean>;

  /** `ffmpeg` says whether there is one. */
  constructor(streams: Streams, clock: Clock, ffmpeg: () => Promise<boolean>) {
    this.#streams = streams;
    this.#clock = clock;
    this.#ffmpeg = ffmpeg;
  }

  /** Lets an output tap the stream that its path stands for, or says why there is none. */
  async tap<T>(path: string, credentials: string, use: (stream: Stream) => T): Promise<T | ErrorCode> {
    const stream = this.#openOne(path, credentials);
    if (typeof stream === 'string') return stream;
    const { tap, begun } = holdUntilBegun(stream, this.#clock);
    try {
      const cause = await begun;
      if (cause !== undefined) return cause;
      if (!hasOpus(stream)) return use(stream);
      if (!(await this.#ffmpeg())) return 'output/no-ffmpeg';
      const made = this.#openOne(`${path}${AAC_FORM}`, credentials);
      return typeof made === 'string' ? made : use(made);
    } finally {
      tap.close();
    }
  }

  #openOne(path: string, credentials: string): Stream | ErrorCode {
    const stream = this.#streams.open(path, withoutToken(credentials));
    if (stream === 'not-found') return 'origin/not-found';
    return stream === 'full' ? 'origin/overloaded' : stream;
  }
}

/** Keeps a stream running, and says when it has begun, or why it does not. */
const holdUntilBegun = (
  stream: Stream,
  clock: Clock,
): { readonly tap: TagTap; readonly begun: Promise<ErrorCode | undefined> } => {
  let settle: (cause: ErrorCode | undefined) => void = () => undefined;
  const begun = new Promise<ErrorCode | undefined>((resolve) => {
    settle = resolve;
  });
  const timer = clock.after(BEGIN_MS, () => settle('source/unreachable'));
  const tap = new TagTap(stream, {
    begin: () => undefined,
    tag: () => settle(undefined),
    paused: () => settle('source/unreachable'),
    refused: settle,
  });
  if (stream.epoch !== undefined && stream.state !== 'live') settle('source/unreachable');
  tap.open();
  void begun.then(() => timer.cancel());
  return { tap, begun };
};

const hasOpus = ({ epoch }: Stream): boolean =>
  epoch !== undefined &&
  keptTags(epoch).some((tag) => {
    const packet = packetOf(tag);
    return packet?.of === 'sound' && packet.codec === 'opus';
  });
