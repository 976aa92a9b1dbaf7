/**
 * A viewer of HLS in Node: the real session on WebSockets, fetch and data channels of Node. It plays nothing; whoever made
 * it asks for segments.
 */
import { webcrypto } from 'node:crypto';
import WebSocket from 'ws';
import type { HlsNotice, HlsViewer, HlsViewerOptions } from '../../../hls/face.ts';
import type { HlsWorld } from '../../../hls/ports.ts';
import { createHlsViewer } from '../../../hls/session.ts';
import type { LinkEvents, LinkPort } from '../../../viewer/ports.ts';
import { createClock } from '../../clock.ts';
import { createSegmentFetch } from '../../segment-fetch.ts';
import { createSimplePeerLinks } from '../../simple-peer-links.ts';
import { createTrackerSocket } from '../../tracker-socket.ts';
import { createNodePeer } from '../datachannel-peer.ts';
import { SHARE_ALL } from '../node-viewer.ts';

/** How a viewer is made. */
export interface NodeHlsOptions extends Pick<HlsViewerOptions, 'room' | 'place' | 'keys' | 'witness'> {
  readonly core: HlsWorld['core'];
  /** Address of the tracker's socket. */
  readonly tracker: string;
  readonly policy?: HlsViewerOptions['policy'];
  readonly storeBytes?: number;
  readonly credentials?: string;
  /** Another way of fetching than the usual one. */
  readonly send?: typeof fetch;
  /** Other links over the honest ones. */
  readonly links?: (make: (events: LinkEvents) => LinkPort, events: LinkEvents) => LinkPort;
  notice?(notice: HlsNotice): void;
}

/** Makes a viewer; `start()` sets it going. */
export const createNodeHlsViewer = (options: NodeHlsOptions): HlsViewer => {
  const { core, tracker, send = fetch, links = (make, events) => make(events), notice, ...told } = options;
  return createHlsViewer(
    {
      credentials: '',
      iceServers: [],
      policy: SHARE_ALL,
      storeBytes: 24 * 1024 * 1024,
      seed: webcrypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
      ...told,
    },
    {
      core,
      clock: createClock(),
      random: (length) => webcrypto.getRandomValues(new Uint8Array(length)),
      fetch: createSegmentFetch(send),
      resolve: (uri, playlist) => (URL.canParse(uri, playlist) ? new URL(uri, playlist).href : undefined),
      tracker: (events) =>
        createTrackerSocket(
          (address) => new WebSocket(address, { perMessageDeflate: false }),
          async () => tracker,
          events,
        ),
      links: (events) => links((mine) => createSimplePeerLinks(createNodePeer, mine), events),
      notice: (said) => notice?.(said),
    },
  );
};
