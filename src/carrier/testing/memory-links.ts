/**
 * Links in memory: two ports that hear each other's signalling are connected. Like real ones they copy every message,
 * deliver it later, and know each end by a fingerprint of its own.
 */
import type { LinkEvents, LinkPort } from '../../viewer/ports.ts';

interface Link {
  readonly own: Uint8Array;
  readonly events: LinkEvents;
  readonly number: number;
  peer: Link | undefined;
  state: 'dialling' | 'open' | 'closed';
}

const dials = new Map<string, Link>();
let made = 0;

/** Makes one end. */
export const createMemoryLinks = (events: LinkEvents): LinkPort => {
  const links = new Map<number, Link>();
  const connect = (a: Link, b: Link): void => {
    a.peer = b;
    b.peer = a;
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      one.state = 'open';
      later(() => one.events.opened(one.number, { own: one.own, theirs: other.own }), one);
    }
  };
  return {
    dial(number, { initiator }) {
      made += 1;
      const own = new Uint8Array(32);
      new DataView(own.buffer).setUint32(0, made);
      const link: Link = { own, events, number, peer: undefined, state: 'dialling' };
      links.set(number, link);
      if (!initiator) return;
      const name = `memory-dial-${made}`;
      dials.set(name, link);
      later(() => events.signal(number, name), link);
    },
    signal(number, data) {
      const caller = dials.get(data);
      const link = links.get(number);
      if (caller === undefined || link === undefined) return;
      dials.delete(data);
      connect(caller, link);
    },
    send(number, lane, bytes) {
      const link = links.get(number);
      const peer = link?.peer;
      if (link?.state !== 'open' || peer?.state !== 'open') return false;
      const copy = bytes.slice();
      later(() => peer.events.message(peer.number, lane, copy), peer);
      return true;
    },
    backlog: () => 0,
    hangUp(number) {
      const link = links.get(number);
      if (link === undefined) return;
      links.delete(number);
      link.state = 'closed';
      const { peer } = link;
      if (peer?.state !== 'open') return;
      later(() => {
        peer.state = 'closed';
        peer.events.closed(peer.number, 'link/failed');
      }, peer);
    },
  };
};

const later = (act: () => void, link: Link): void => {
  setTimeout(() => link.state !== 'closed' && act());
};
