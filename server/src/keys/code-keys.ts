// How the origin learns the key of a viewer's code: from the store in this process, or from the key service of `-k`.

import { fromBase64Url } from '../../../src/wire/bytes.ts';
import { readCodeKey } from '../../../src/wire/service.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { CodeStore } from './code-store.ts';

/** Looks codes up. */
export interface CodeKeys {
  /** The bytes of a code's key, or undefined when it is unknown or nobody answers. */
  keyOf(code: string): Promise<Uint8Array | undefined>;
}

/** Where a remote key service is, and what it wants to hear. */
export interface RemoteCodes {
  /** With the slash before the code. */
  readonly url: string;
  readonly secret: string | undefined;
}

const ANSWER_MS = 3000;
const REMEMBER_MS = 60_000;
const REMEMBERED_MAX = 10_000;

/** Keys of the store in this process. */
export const localCodeKeys = (store: CodeStore): CodeKeys => ({
  keyOf: async (code) => {
    const key = await store.get(code);
    return key === undefined ? undefined : fromBase64Url(key);
  },
});

/** Keys of a key service, remembered for a minute. */
export const remoteCodeKeys = (remote: RemoteCodes, clock: Clock, log: Log): CodeKeys => {
  const known = new Map<string, { readonly key: Uint8Array; readonly until: number }>();
  return {
    keyOf: async (code) => {
      const kept = known.get(code);
      if (kept !== undefined && kept.until > clock.now()) return kept.key;
      const key = await ask(remote, code, log);
      known.delete(code);
      if (key === undefined) return undefined;
      known.set(code, { key, until: clock.now() + REMEMBER_MS });
      const oldest = known.keys().next().value;
      if (known.size > REMEMBERED_MAX && oldest !== undefined) known.delete(oldest);
      return key;
    },
  };
};

const ask = async (remote: RemoteCodes, code: string, log: Log): Promise<Uint8Array | undefined> => {
  const url = `${remote.url.replace(/\/?$/, '/')}${encodeURIComponent(code)}`;
  const headers = remote.secret === undefined ? {} : { authorization: `Bearer ${remote.secret}` };
  try {
    const answer = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
    if (!answer.ok) {
      await answer.body?.cancel();
      return undefined;
    }
    const read = readCodeKey(await answer.json());
    return 'kind' in read ? undefined : fromBase64Url(read.key);
  } catch (cause) {
    log.write('warn', 'key-service-unreachable', { cause: cause instanceof Error ? cause.name : '' });
    return undefined;
  }
};
