/**
 * A whole viewer in Node: the same session as in a browser's worker, on `ws`, on real data channels, with a sink that
 * counts. Benches and tests run a hundred of them in a few processes.
 */
import { webcrypto } from 'node:crypto';
import WebSocket from 'ws';
import { ShoalError } from '../../errors.ts';
import type { SharingPolicy, Viewer, ViewerNotice, ViewerOptions } from '../../viewer/face.ts';
import type { CodePort, SinkPort } from '../../viewer/ports.ts';
import { createViewer, type ViewerWorld } from '../../viewer/session.ts';
import { readService, SERVICE_PATH } from '../../wire/service.ts';
import { createClock } from '../clock.ts';
import { createFindMoved } from '../moved-origin.ts';
import { createOriginChoice } from '../origin-choice.ts';
import { createOriginFetch } from '../origin-fetch.ts';
import { createOriginSocket } from '../origin-socket.ts';
import type { CreatePeer } from '../peer-dial.ts';
import { createSimplePeerLinks } from '../simple-peer-links.ts';
import type { OpenSocket } from '../socket-face.ts';
import { createTrackerSocket, trackerOfStream } from '../tracker-socket.ts';
import { createNodePeer } from './datachannel-peer.ts';

/** How a Node viewer is made. */
export interface NodeViewerOptions {
  /** Address of the stream, ending in `.flv`. */
  readonly url: string;
  /** One byte core may serve all viewers of a process. */
  readonly core: ViewerWorld['core'];
  readonly policy?: SharingPolicy;
  /** Every piece counts as needed this long after its cut; default 1000. */
  readonly deadlineMs?: number;
  readonly seed?: number;
  readonly storeBytes?: number;
  readonly originKeys?: readonly Uint8Array[];
  readonly codes?: CodePort;
  /** Address of the tracker; by default what the stream's host says. */
  readonly tracker?: string;
  /** Other peer connections than the usual ones, such as ones behind a slow line. */
  readonly createPeer?: CreatePeer;
  notice?(notice: ViewerNotice): void;
}

/** What came out of a viewer. */
export interface Delivered {
  runs: number;
  bytes: number;
  endings: number;
}

/** A running Node viewer. */
export interface NodeViewer extends Viewer {
  readonly delivered: Readonly<Delivered>;
}

/** Shares everything, without a cap of its own. */
export const SHARE_ALL: SharingPolicy = { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 16 };

/** Makes a viewer; `start()` sets it going. */
export const createNodeViewer = (options: NodeViewerOptions): NodeViewer => {
  const url = new URL(options.url);
  const place = { origin: url.origin, path: url.pathname.replace(/\.flv$/, '') };
  const delivered: Delivered = { runs: 0, bytes: 0, endings: 0 };
  const seed = options.seed ?? webcrypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const told: ViewerOptions = {
    path: place.path,
    credentials: url.search.slice(1),
    originKeys: options.originKeys ?? [],
    iceServers: [],
    policy: options.policy ?? SHARE_ALL,
    seed,
    storeBytes: options.storeBytes ?? 4 * 1024 * 1024,
    latencyMs: 0,
    deadlineMs: options.deadlineMs ?? 1000,
  };
  const viewer = createViewer(told, {
    core: options.core,
    clock: createClock(),
    random: (length) => webcrypto.getRandomValues(new Uint8Array(length)),
    origin: (events) =>
      createOriginChoice(
        {
          socket: (mine) => createOriginSocket(openSocket, place, mine, findMoved),
          http: (mine) => createOriginFetch(fetch, place, mine),
        },
        events,
      ),
    tracker: (events) =>
      createTrackerSocket(openSocket, async () => trackerOfStream(await findTracker(options, url), place.path), events),
    links: (events) => createSimplePeerLinks(options.createPeer ?? createNodePeer, events),
    sink: countingSink(delivered),
    ...(options.codes === undefined ? {} : { codes: options.codes }),
    notice: (notice) => options.notice?.(notice),
  });
  return Object.assign(viewer, { delivered });
};

const findMoved = createFindMoved((input, init) => fetch(input, init));

const openSocket: OpenSocket = (address) => new WebSocket(address, { perMessageDeflate: false });

const countingSink = (delivered: Delivered): SinkPort => ({
  start() {
    delivered.runs += 1;
  },
  bytes(flv) {
    delivered.bytes += flv.length;
  },
  rate: () => undefined,
  seek: () => undefined,
  ended() {
    delivered.endings += 1;
  },
});

const findTracker = async (options: NodeViewerOptions, url: URL): Promise<string> => {
  if (options.tracker !== undefined) return options.tracker;
  const address = new URL(SERVICE_PATH, url);
  const response = await fetch(address);
  const service = readService(response.ok ? await response.json() : undefined);
  if ('kind' in service) throw new ShoalError('service/bad-answer', { detail: service.detail });
  return new URL(service.tracker, response.url).href.replace(/^http/, 'ws');
};
