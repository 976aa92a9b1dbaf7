// A relay without content keys asks an upstream for the key of each viewer, with the viewer's own code and credentials.
// What comes back is wrapped for that viewer, so the relay carries it and cannot read it.

import { decodeOriginFrame } from '../../../src/wire/origin.ts';
import type { KeyFrames } from '../origin/content-keys.ts';

/** Whose key is asked for. */
export interface KeyWish {
  readonly path: string;
  readonly code: string | null;
  /** Query that the viewer is admitted by. */
  readonly credentials: string;
}

const ANSWER_MS = 3000;
const FRAME_BYTES_MAX = 200;

/** Key frames for one viewer, from the first upstream that has them. */
export const forwardedKeys =
  (upstreams: readonly string[], { path, code, credentials }: KeyWish): KeyFrames =>
  async (epoch, generation): Promise<Buffer | undefined> => {
    const query = new URLSearchParams(credentials);
    if (code !== null) query.set('code', code);
    for (const upstream of upstreams) {
      const frame = await ask(`${upstream}${path}/${epoch.hex}/key/${generation}?${query}`);
      if (frame !== undefined) return frame;
    }
    return undefined;
  };

const ask = async (url: string): Promise<Buffer | undefined> => {
  try {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
    if (!answer.ok || Number(answer.headers.get('content-length') ?? 0) > FRAME_BYTES_MAX) {
      await answer.body?.cancel();
      return undefined;
    }
    const bytes = Buffer.from(await answer.arrayBuffer());
    return decodeOriginFrame(bytes).kind === 'key' ? bytes : undefined;
  } catch {
    // The next upstream may answer; a viewer that gets no key asks again.
    return undefined;
  }
};
