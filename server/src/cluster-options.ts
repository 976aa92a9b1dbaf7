// Options of servers that work together: a cluster over a shared store, and relays.

import { option, text, webUrl } from './option-shapes.ts';
import { readPublicKey, readStoreAddress, readSwitch, readWebUrls } from './option-values.ts';

/** See above. */
export const CLUSTER_OPTIONS = {
  redis: option<string | undefined>({
    flags: ['--redis'],
    value: '<url>',
    help: 'the store that all servers of a cluster share: redis://host:6379, rediss://, or the path of a socket',
    fallback: undefined,
    wants: 'redis://host[:port][/db], rediss:// or the path of a socket',
    read: readStoreAddress,
  }),
  advertise: webUrl(
    ['--advertise'],
    '<url>',
    'address at which the other servers of a cluster reach this one; its own address unless given',
  ),
  relays: option<readonly string[]>({
    flags: ['--relay'],
    value: '<url>',
    help: 'take all streams from this origin or relay instead of cutting them; may be repeated, the others stand by',
    fallback: [],
    wants: 'the http(s) URL of an origin or relay',
    many: true,
    read: readWebUrls,
  }),
  originKey: option<string | undefined>({
    flags: ['--origin-key'],
    value: '<key>',
    help: 'key of the origin behind --relay, as its service description names it; its upstreams are asked unless given',
    fallback: undefined,
    wants: '32 bytes in base64url',
    read: readPublicKey,
  }),
  relaySecret: text(
    ['--relay-secret'],
    '<text>',
    'bearer secret by which an origin knows its relays; relays are told content keys in clear and always let in',
  ),
  relayKeys: option({
    flags: ['--relay-keys'],
    value: '<on|off>',
    help: 'let a relay have content keys; without them it carries pieces, and viewers get their keys through it',
    fallback: true,
    wants: 'on or off',
    read: readSwitch,
  }),
} as const;
