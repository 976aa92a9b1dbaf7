// What the page of publishers puts into its global scope.

import type { Publisher, PublisherFigures, PublisherOptions } from '../../src/publisher/index.ts';

/** What became of a start. */
export type Started = 'live' | { readonly code: string; readonly detail: string | undefined };

/** One publisher of the page. */
export interface Seat {
  readonly publisher: Publisher;
  /** States and ends, in order. */
  readonly said: string[];
  /** The newest figures. */
  stats: PublisherFigures | undefined;
}

declare global {
  /** See publish.js. */
  var publishing: {
    readonly seats: Seat[];
    start(options: PublisherOptions): Promise<Started>;
    lacks(): Promise<readonly string[]>;
  };
}
