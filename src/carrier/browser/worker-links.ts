/**
 * The worker's half of the links: channels that the page transferred are used from here, so pieces go from channel to
 * worker without touching the page; channels that stayed there are stood in for.
 */
import type { Lane, LinkEvents, LinkPort } from '../../viewer/ports.ts';
import { ForwardedChannel } from '../forwarded-channel.ts';
import { Lanes } from '../lanes.ts';
import type { LinkReport, LinkRequest } from '../link-messages.ts';

interface Link {
  readonly lanes: Lanes;
  forwarded: Readonly<Record<Lane, ForwardedChannel>> | undefined;
}

/** Makes the link port whose peer connections live behind `port`. */
export const createWorkerLinks = (port: MessagePort, events: LinkEvents): LinkPort => {
  const links = new Map<number, Link>();
  const tell = (request: LinkRequest): void => port.postMessage(request);
  const end = (link: number): void => {
    const ended = links.get(link);
    if (ended === undefined) return;
    links.delete(link);
    ended.lanes.close();
    tell({ kind: 'hang-up', link });
  };
  port.onmessage = (event: MessageEvent<LinkReport>) => {
    const report = event.data;
    const link = links.get(report.link);
    if (link !== undefined) hear(link, report, { tell, events });
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
      links.set(link, { lanes, forwarded: undefined });
      tell({ kind: 'dial', link, options });
    },
    signal: (link, data) => tell({ kind: 'signal', link, data }),
    send: (link, lane, bytes) => links.get(link)?.lanes.send(lane, bytes) ?? false,
    backlog: (link) => links.get(link)?.lanes.backlog() ?? 0,
    hangUp: end,
  };
};

interface Outlets {
  tell(request: LinkRequest): void;
  readonly events: LinkEvents;
}

const hear = (link: Link, report: LinkReport, outlets: Outlets): void => {
  switch (report.kind) {
    case 'channels':
      link.lanes.adopt(report.channels);
      return;
    case 'forwarding':
      link.forwarded = {
        control: standIn('control', report.link, outlets),
        pieces: standIn('pieces', report.link, outlets),
      };
      link.lanes.adopt(link.forwarded);
      return;
    case 'lane':
      link.forwarded?.[report.lane].become(report.state);
      return;
    case 'heard':
      link.forwarded?.[report.lane].hear(report.bytes);
      return;
    case 'backlog':
      link.forwarded?.pieces.measure(report.taken, report.held);
      return;
    case 'signal':
      outlets.events.signal(report.link, report.data);
      return;
    case 'identified':
      link.lanes.identify(report.fingerprints);
      return;
    case 'closed':
      link.lanes.fail('link/failed');
  }
};

/** A view of a larger buffer would drag the whole buffer across. */
const standIn = (lane: Lane, link: number, { tell }: Outlets): ForwardedChannel =>
  new ForwardedChannel((view) => {
    const bytes = view.byteLength === view.buffer.byteLength ? view : view.slice();
    tell({ kind: 'send', link, lane, bytes });
  });
