// Streams that are made from other streams: with AAC sound, or in another rate. Each is the source of a stream of its own,
// so that it has every form, is made once however many watch it, and only while somebody does.

import type { ErrorCode } from '../../../src/errors.ts';
import type { Clock } from '../clock.ts';
import type { Ffmpeg } from '../ffmpeg.ts';
import type { ServerConfig } from '../options.ts';
import type { Streams } from '../origin/streams.ts';
import type { Source, SourceEvents, StartSource } from '../sources/source.ts';
import { AacSource } from './aac-source.ts';
import { AAC_FORM, splitDerived } from './derived-paths.ts';
import type { OutputStreams } from './output-streams.ts';
import { RateSource } from './rate-source.ts';

/** What derived streams are made with. */
export interface DerivedParts {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly ffmpeg: Ffmpeg;
  readonly streams: () => Streams;
  readonly outputs: () => OutputStreams;
}

/** See above. */
export class DerivedSources {
  readonly #parts: DerivedParts;

  constructor(parts: DerivedParts) {
    this.#parts = parts;
  }

  /** How to make the stream of a path; undefined when the path names none that is made here. */
  sourceOf(path: string): StartSource | undefined {
    const derived = splitDerived(path);
    if (derived === undefined || this.#parts.config.ffmpeg === 'off') return undefined;
    const { base, form } = derived;
    const rate = this.#parts.config.rates[form];
    if (!this.#parts.streams().serves(base)) return undefined;
    const { ffmpeg, clock } = this.#parts;
    if (`~${form}` === AAC_FORM) {
      return this.#fromBase(base, (stream, events) => new AacSource(stream, { ffmpeg, clock, events }));
    }
    if (rate === undefined) return undefined;
    return (events, query) =>
      this.#late(events, (begin) =>
        this.#parts
          .outputs()
          .tap(base, query, (stream) => begin(() => new RateSource(stream, rate, { ffmpeg, events }))),
      );
  }

  /** A source that begins once its stream does. */
  #late(events: SourceEvents, open: (begin: (make: () => Source) => 'begun') => Promise<'begun' | ErrorCode>): Source {
    let state: 'waiting' | 'stopped' = 'waiting';
    let source: Source | undefined;
    const begin = (make: () => Source): 'begun' => {
      if (state === 'waiting') source = make();
      return 'begun';
    };
    void open(begin).then((outcome) => {
      if (outcome !== 'begun' && state === 'waiting') events.failed(outcome, 'what it is made from');
    });
    return {
      stop: () => {
        state = 'stopped';
        source?.stop();
      },
    };
  }

  #fromBase(base: string, make: (stream: DerivedBase, events: SourceEvents) => Source): StartSource {
    return (events, query) => {
      const stream = this.#parts.streams().open(base, query);
      if (typeof stream !== 'string') return make(stream, events);
      events.failed(stream === 'not-found' ? 'origin/not-found' : 'source/unreachable', 'what it is made from');
      return { stop: () => undefined };
    };
  }
}

type DerivedBase = Exclude<ReturnType<Streams['open']>, string>;
