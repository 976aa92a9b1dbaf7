// Where viewers and customers reach this server: what the app or the configuration names, else the ports it listens on.

import type { LiveApp } from './live-apps.ts';
import type { PlayBases } from './play-urls.ts';

/** Addresses of this server as it listens; without slashes at the end. */
export interface LocalAddresses {
  /** With the path prefix. */
  readonly web: string;
  readonly rtmp: string | undefined;
}

/** See above. */
export class Addresses {
  readonly #publicUrl: string | undefined;
  #local: LocalAddresses = { web: '', rtmp: undefined };

  constructor(publicUrl: string | undefined) {
    this.#publicUrl = publicUrl?.replace(/\/+$/, '');
  }

  /** The server listens now. */
  listening(local: LocalAddresses): void {
    this.#local = local;
  }

  /** This server for customers: recordings, and the test receiver. */
  get web(): string {
    return this.#publicUrl ?? this.#local.web;
  }

  /** This server for itself. */
  get self(): string {
    return this.#local.web;
  }

  /** The outputs of an app's streams. RTMP has no prefix; behind a public name it is reached by that name. */
  basesOf({ playUrl, rtmpUrl }: LiveApp): PlayBases {
    return { web: playUrl ?? this.web, rtmp: rtmpUrl ?? this.#rtmp() };
  }

  /** The host of an app's streams. */
  hostOf(app: LiveApp): string {
    const { web } = this.basesOf(app);
    return URL.canParse(web) ? new URL(web).host : '';
  }

  /** Host and port this server listens on, for callbacks. */
  get node(): string {
    return URL.canParse(this.#local.web) ? new URL(this.#local.web).host : '';
  }

  #rtmp(): string | undefined {
    const { rtmp } = this.#local;
    if (rtmp === undefined || this.#publicUrl === undefined) return rtmp;
    return `rtmp://${new URL(this.#publicUrl).hostname}:${new URL(rtmp).port}`;
  }
}
