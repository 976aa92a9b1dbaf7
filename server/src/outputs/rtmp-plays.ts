// Streams by RTMP: whoever asks to play is admitted as every viewer is, and joins the feed of its stream.

import type { ErrorCode } from '../../../src/errors.ts';
import type { Doorway } from '../origin/doorway.ts';
import type { Outlet } from '../origin/outlet.ts';
import type { Stream } from '../origin/stream.ts';
import type { OutputStreams } from './output-streams.ts';
import { RtmpFeed } from './rtmp-feed.ts';
import { RtmpViewer } from './rtmp-viewer.ts';

/** Somebody who asks to play. */
export interface RtmpAsk {
  readonly path: string;
  readonly credentials: string;
  readonly ip: string;
  readonly outlet: Outlet;
  /** The stream has ended for this viewer, with an error or without. */
  over(cause: ErrorCode | undefined): void;
}

/** Somebody who plays. */
export interface RtmpPlay {
  /** Its connection is gone. */
  gone(): void;
}

/** See above. */
export class RtmpPlays {
  readonly #door: Doorway;
  readonly #streams: OutputStreams;
  readonly #feeds = new Map<Stream, RtmpFeed>();

  constructor(door: Doorway, streams: OutputStreams) {
    this.#door = door;
    this.#streams = streams;
  }

  /** Lets somebody play, or says why not. `begin` is called before the first bytes; false when it has gone meanwhile. */
  async play(ask: RtmpAsk, begin: () => boolean): Promise<RtmpPlay | ErrorCode> {
    const refusal = this.#door.plainRefusal ?? (await this.#door.check(ask));
    if (refusal !== undefined) return refusal.cause;
    if (!this.#door.fits(ask.path)) return 'origin/overloaded';
    return this.#streams.tap(ask.path, ask.credentials, (stream) =>
      begin() ? this.#join(stream, ask) : { gone: () => undefined },
    );
  }

  #join(stream: Stream, ask: RtmpAsk): RtmpPlay {
    const feed = this.#feedOf(stream);
    const { budget, clock } = this.#door.parts;
    const viewer = new RtmpViewer({
      outlet: ask.outlet,
      budget,
      clock,
      limits: this.#door.limits,
      over: (cause) => ask.over(cause),
    });
    feed.add(viewer);
    this.#door.count(ask, ask.outlet.meter);
    return {
      gone: () => {
        viewer.gone();
        feed.delete(viewer);
      },
    };
  }

  #feedOf(stream: Stream): RtmpFeed {
    const known = this.#feeds.get(stream);
    if (known !== undefined) return known;
    const feed = new RtmpFeed(stream, () => this.#feeds.delete(stream));
    this.#feeds.set(stream, feed);
    return feed;
  }
}
