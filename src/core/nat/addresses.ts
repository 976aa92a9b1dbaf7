/**
 * Addresses as ICE candidates spell them: which family, whether two of them mean the same place, and how to show one
 * without telling who it belongs to.
 */

/** An address seen from outside. */
export interface Mapped {
  readonly address: string;
  readonly port: number;
}

/** Groups of an IPv6 address that a router hands out to one line; what follows changes from day to day. */
const LINE_GROUPS = 4;
/** ... and that a provider hands out to one customer at most. */
const NETWORK_GROUPS = 3;
/** Groups that are shown of a masked one. */
const SHOWN_GROUPS = 3;

/** The family of an address; undefined for a name, as browsers put in place of one they hide. */
export const familyOf = (address: string): 4 | 6 | undefined => {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return 4;
  return address.includes(':') ? 6 : undefined;
};

/** Whether two addresses belong to one line. */
export const isSameLine = (a: string, b: string): boolean => lineOf(a) === lineOf(b);

/** The network an address is rented from: one household or office has few of them, and so has one attacker. */
export const networkOf = (address: string): string => {
  const family = familyOf(address);
  if (family === 4) return address.slice(0, address.lastIndexOf('.'));
  return family === 6 ? groupsOf(address).slice(0, NETWORK_GROUPS).join(':') : address;
};

/** An address and port with what tells one household from another left out. */
export const maskMapped = ({ address, port }: Mapped): string => {
  if (familyOf(address) === 6) return `[${groupsOf(address).slice(0, SHOWN_GROUPS).join(':')}::x]:${port}`;
  return `${address.replace(/\.\d+$/, '.x')}:${port}`;
};

/** An address and port in full. */
export const showMapped = ({ address, port }: Mapped): string =>
  familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;

const lineOf = (address: string): string =>
  familyOf(address) === 6 ? groupsOf(address).slice(0, LINE_GROUPS).join(':') : address;

/** The eight groups of an IPv6 address, `::` written out. */
const groupsOf = (address: string): readonly string[] => {
  const [before = '', after] = address.toLowerCase().split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const missing = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  return [...head, ...Array<string>(missing).fill('0'), ...tail].map((group) => group.replace(/^0+(?=.)/, ''));
};
