/**
 * The page's half of the key service: a code and its key by `POST`. The viewer keeps the key and sends the origin only
 * the code.
 */
import { ShoalError } from '../errors.ts';
import type { CodePort } from '../viewer/ports.ts';
import { fromBase64Url } from '../wire/bytes.ts';
import { type CodeGrant, readCodeGrant } from '../wire/service.ts';

/** Asks `POST <address>` for each code. */
export const createCodeFetch = (address: string, post: typeof fetch): CodePort => ({
  async fetch() {
    const grant = readCodeGrant(await ask(address, post));
    if ('kind' in grant) throw new ShoalError('key/service-unreachable', { detail: `bad ${grant.detail}` });
    return opened(grant);
  },
});

/** Always the same code: the page got it from a server of its own. */
export const createGivenCode = (grant: Pick<CodeGrant, 'code' | 'key'>): CodePort => ({
  fetch: () => Promise.resolve(opened(grant)),
});

const opened = (grant: Pick<CodeGrant, 'code' | 'key'>) => {
  const key = fromBase64Url(grant.key);
  if (key === undefined) throw new ShoalError('key/unknown-code', { detail: 'key' });
  return { code: grant.code, key };
};

const ask = async (address: string, post: typeof fetch): Promise<unknown> => {
  try {
    const response = await post(address, { method: 'POST' });
    if (response.ok) return await response.json();
    if (response.status === 401 || response.status === 403) throw new ShoalError('key/denied');
    throw new ShoalError('key/service-unreachable', { detail: `status ${response.status}` });
  } catch (cause) {
    throw cause instanceof ShoalError ? cause : new ShoalError('key/service-unreachable', { cause });
  }
};
