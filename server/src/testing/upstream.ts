// An HTTP-FLV upstream for tests: sends the sample at once up to a media time, and more when told.

import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { samplePath } from '../assets.ts';
import { FlvLoop } from '../sources/flv-loop.ts';
import { Inbox } from './piece-client.ts';
import { startHttp } from './servers.ts';

/** One pull of the upstream. */
export class Pull {
  readonly #loop = new FlvLoop(readFileSync(samplePath()));

  constructor(
    readonly url: string,
    readonly response: ServerResponse,
  ) {
    response.write(this.#loop.preamble);
  }

  /** Sends everything up to a media time. */
  sendUntil(ms: number): void {
    this.response.write(this.#loop.take(ms));
  }

  /** Ends in good order. */
  end(): void {
    this.response.end();
  }

  /** Breaks off. */
  cut(): void {
    this.response.destroy();
  }
}

/** Starts one; every pull that arrives is put into the inbox. */
export const startUpstream = async (): Promise<{ readonly url: string; readonly pulls: Inbox<Pull> }> => {
  const pulls = new Inbox<Pull>();
  const { url } = await startHttp((request, response) => {
    if (request.method === 'HEAD') {
      response.writeHead(request.url?.includes('token=good') === true ? 200 : 403);
      response.end();
      return;
    }
    response.writeHead(200, { 'content-type': 'video/x-flv' });
    pulls.put(new Pull(request.url ?? '', response));
  });
  return { url, pulls };
};
