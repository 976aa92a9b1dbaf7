/**
 * Where a stream really is, when its address answers by sending callers elsewhere: browsers follow that for requests and
 * not for WebSockets, so a socket that cannot be opened is looked for in this way.
 */

/** Says where an http(s) address leads to; undefined when it stays where it is, or nobody answers. */
export type FindMoved = (address: string) => Promise<string | undefined>;

const WITHIN_MS = 4000;

/** Asks by HEAD, which costs nobody a stream. */
export const createFindMoved =
  (get: typeof fetch): FindMoved =>
  async (address) => {
    try {
      const init = { method: 'HEAD', signal: AbortSignal.timeout(WITHIN_MS), credentials: 'omit' } as const;
      const { redirected, url } = await get(address, init);
      return redirected && /^https?:/.test(url) ? url : undefined;
    } catch {
      // Nobody answers: the address stays what it is, and the socket's own failure says the rest.
      return undefined;
    }
  };
