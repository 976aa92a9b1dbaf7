// The key of the root origin, by which a relay names streams and believes heads: the one it was told, or what its
// upstreams say of themselves when it starts.

import { ShoalError } from '../../../src/errors.ts';
import { fromBase64Url } from '../../../src/wire/bytes.ts';
import { readService, SERVICE_PATH } from '../../../src/wire/service.ts';
import type { Clock } from '../clock.ts';

/** Where the key may come from. */
export interface OriginKeySources {
  /** Base64url; wins. */
  readonly told: string | undefined;
  readonly upstreams: readonly string[];
  readonly clock: Clock;
}

const ANSWER_MS = 3000;
const AGAIN_MS = 500;
/** An origin that starts with its relays is there by then. */
const PATIENCE_MS = 30_000;

/** See above; rejects with `server/relay-failed` when nobody says. */
export const findOriginKey = async ({ told, upstreams, clock }: OriginKeySources): Promise<Uint8Array> => {
  if (told !== undefined) return fromBase64Url(told) ?? new Uint8Array(0);
  const until = clock.now() + PATIENCE_MS;
  for (;;) {
    for (const upstream of upstreams) {
      const key = await askFor(upstream);
      if (key !== undefined) return key;
    }
    if (clock.now() >= until) throw new ShoalError('server/relay-failed', { detail: upstreams.join(', ') });
    await new Promise<void>((resolve) => {
      clock.after(AGAIN_MS, resolve);
    });
  }
};

const askFor = async (upstream: string): Promise<Uint8Array | undefined> => {
  try {
    const answer = await fetch(new URL(SERVICE_PATH, upstream), { signal: AbortSignal.timeout(ANSWER_MS) });
    const service = readService(answer.ok ? await answer.json() : undefined);
    return 'kind' in service ? undefined : fromBase64Url(service.originKeys[0] ?? '');
  } catch {
    return undefined;
  }
};
