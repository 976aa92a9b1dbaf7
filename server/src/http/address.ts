// Where a request comes from: the other end of its connection, or whom a proxy of ours names.

import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];
const NAMED_MAX = 16;

/** What proxies of ours have said, for as long as their requests live. */
const named = new WeakMap<IncomingMessage, string>();

/** Address of whoever asks. */
export const addressOf = (request: IncomingMessage): string => named.get(request) ?? request.socket.remoteAddress ?? '';

/** Whether a request was made on this machine, and not through a proxy on it. */
export const isFromHere = (request: IncomingMessage): boolean =>
  /^(::ffff:)?127\.|^::1$/.test(request.socket.remoteAddress ?? '') &&
  FORWARDED.every((name) => request.headers[name] === undefined);

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

/** Proxies whose word is taken: addresses, or networks such as `10.0.0.0/8`; undefined when one is neither. */
export const readProxies = (entries: readonly string[]): BlockList | undefined => {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const most = family === 'ipv6' ? 128 : 32;
    if (isIP(address) === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)))
      return undefined;
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
};

const isIn = (list: BlockList, address: string): boolean => {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
};

/**
 * Believes `X-Forwarded-For` as far as proxies of ours wrote it: from the right, up to the first address that is none of
 * theirs. What stands left of that anybody can have written.
 */
export const believeProxies = (request: IncomingMessage, proxies: BlockList): void => {
  const near = plain(request.socket.remoteAddress ?? '');
  const header = request.headers['x-forwarded-for'];
  if (header === undefined || !isIn(proxies, near)) return;
  const chain = String(header)
    .split(',', NAMED_MAX + 1)
    .map((each) => plain(each.trim()));
  const far = chain.length > NAMED_MAX ? undefined : chain.findLast((each) => !isIn(proxies, each));
  if (far !== undefined && isIP(far) !== 0) named.set(request, far);
};
