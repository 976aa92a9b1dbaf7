// What the page behind a NAT offers to the test that drives it.

import type { NatChanged, NatReport, PlayerStats } from '../../src/index.ts';
import type { PlayOptions } from './page-api.d.ts';

export interface NatPage {
  readonly video: HTMLVideoElement;
  readonly said: {
    readonly changed: NatChanged[];
    readonly failed: { readonly code: string; readonly report: NatReport }[];
    readonly errors: string[];
  };
  play(options: PlayOptions): void;
  stats(): Promise<PlayerStats>;
}

declare global {
  var natPage: NatPage;
}
