/**
 * What a customer's server asks of Shoal over HTTP; the studio's app is open, so that the page may ask it itself.
 */

/** A recording and its files. */
export interface Recording {
  readonly task: string;
  readonly stream: string;
  readonly how: 'auto' | 'manual';
  readonly beganMs: number;
  readonly state: 'recording' | 'blocked' | 'finished';
  readonly trouble?: string;
  readonly files: readonly {
    readonly format: string;
    readonly url: string;
    readonly bytes: number;
    readonly durationMs: number;
  }[];
}

/** A picture of a stream. */
export interface Screenshot {
  readonly url: string;
  readonly code: string;
  readonly createdMs: number;
  readonly bytes: number;
}

/** A callback that the test receiver of the server got. */
export interface Received {
  readonly atMs: number;
  readonly text: string;
  readonly status: number;
  readonly message: string;
}

/** The open app. */
export class CustomerApi {
  readonly #base: string;

  constructor(server: string, bizid: number) {
    this.#base = `${server}/bypass/${bizid}`;
  }

  recordings = async (): Promise<readonly Recording[]> =>
    ((await this.#get('recordings')) as { recordings: Recording[] }).recordings;

  screenshots = async (): Promise<readonly Screenshot[]> =>
    ((await this.#get('screenshots')) as { screenshots: Screenshot[] }).screenshots;

  received = async (): Promise<readonly Received[]> =>
    ((await this.#get('received')) as { received: Received[] }).received;

  async #get(what: string): Promise<unknown> {
    const response = await fetch(`${this.#base}/${what}`);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    return response.json();
  }
}

/** Looks at something again and again while the page is seen; `failed` is told why a look brought nothing. */
export const look = (everyMs: number, work: () => Promise<void>, failed: (reason: string) => void): void => {
  const again = async (): Promise<void> => {
    try {
      if (document.visibilityState === 'visible') await work();
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
    }
    setTimeout(again, everyMs);
  };
  void again();
};
