/**
 * Links where peer connections and the viewer live in one place: Node, tests, and a page without workers.
 */
import type { LinkEvents, LinkPort } from '../viewer/ports.ts';
import { type ChannelFace, Lanes } from './lanes.ts';
import { type CreatePeer, PeerDial } from './peer-dial.ts';

interface Link {
  readonly lanes: Lanes;
  readonly dial: PeerDial<ChannelFace>;
}

/** Makes the link port over a simple-peer class. */
export const createSimplePeerLinks = (createPeer: CreatePeer, events: LinkEvents): LinkPort => {
  const links = new Map<number, Link>();
  const end = (link: number): void => {
    const ended = links.get(link);
    links.delete(link);
    ended?.lanes.close();
    ended?.dial.destroy();
  };
  return {
    dial(link, options) {
      const lanes = new Lanes({
        opened: (fingerprints) => events.opened(link, fingerprints),
        message: (lane, bytes) => events.message(link, lane, bytes),
        closed(code) {
          end(link);
          events.closed(link, code);
        },
      });
      const dial = new PeerDial(createPeer, options, {
        channels: (channels) => lanes.adopt(channels),
        signal: (data) => events.signal(link, data),
        identified: (fingerprints) => lanes.identify(fingerprints),
        closed: () => lanes.fail('link/failed'),
      });
      links.set(link, { lanes, dial });
    },
    signal: (link, data) => links.get(link)?.dial.signal(data),
    send: (link, lane, bytes) => links.get(link)?.lanes.send(lane, bytes) ?? false,
    backlog: (link) => links.get(link)?.lanes.backlog() ?? 0,
    hangUp: end,
  };
};
