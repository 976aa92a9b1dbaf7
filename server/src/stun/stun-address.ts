// Where a STUN server listens and what viewers call it, from the words of an option to an address.

import { isIP } from 'node:net';

/** One address of the STUN server. */
export interface StunAddress {
  /** An IP address of this machine. */
  readonly ip: string;
  readonly port: number;
  /** What viewers are told, when it is not the address itself: another name, or the address outside a 1:1 NAT. */
  readonly publicHost?: string;
}

const USUAL_PORT = 3478;
/** Two tell one kind of NAT from another; a viewer reads no more than 16 servers. */
const ADDRESSES_MAX = 8;
const ADDRESS = /^(?:\[([\da-fA-F:.]+)\]|([\d.]+))(?::(\d{1,5}))?(?:,([\w.:-]{1,253}))?$/;

/** Reads one `ip[:port][,public host]`, a list of them, or addresses that were read before. */
export const readStunAddresses = (value: unknown): readonly StunAddress[] | undefined => {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  const addresses = new Map<string, StunAddress>();
  for (const entry of entries) {
    const address = readStunAddress(typeof entry === 'string' ? entry : spelled(entry));
    if (address === undefined) return undefined;
    addresses.set(endpointOf(address), address);
  }
  return addresses.size > ADDRESSES_MAX ? undefined : [...addresses.values()];
};

const spelled = (entry: unknown): string => {
  const { ip, port, publicHost } = (entry ?? {}) as Partial<StunAddress>;
  if (typeof ip !== 'string' || typeof port !== 'number') return '';
  return `${endpointOf({ ip, port })}${publicHost === undefined ? '' : `,${publicHost}`}`;
};

const readStunAddress = (entry: string): StunAddress | undefined => {
  const [, six, four, port, publicHost] = ADDRESS.exec(entry) ?? [];
  const ip = six ?? four ?? '';
  const number = port === undefined ? USUAL_PORT : Number(port);
  if (isIP(ip) !== (six === undefined ? 4 : 6) || number < 1 || number > 0xffff) return undefined;
  return { ip, port: number, ...(publicHost === undefined ? {} : { publicHost }) };
};

/** `1.2.3.4:5` or `[1::2]:5`. */
export const endpointOf = ({ ip, port }: Pick<StunAddress, 'ip' | 'port'>): string =>
  `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;

/** The URL that viewers are told; a server on every address of the machine has none of its own. */
export const stunUrlOf = ({ ip, port, publicHost }: StunAddress): string | undefined => {
  if (publicHost !== undefined) return `stun:${endpointOf({ ip: publicHost, port })}`;
  return ip === '0.0.0.0' || isUnspecified(ip) ? undefined : `stun:${endpointOf({ ip, port })}`;
};

/** `::`, however it is written. */
const isUnspecified = (ip: string): boolean => /^[0:]+$/.test(ip);
