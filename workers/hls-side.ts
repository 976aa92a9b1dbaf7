/**
 * A viewer of HLS in the worker: on the worker's own sockets and clock and the page's orders and links.
 */
import { createWorkerLinks } from '../src/carrier/browser/worker-links.ts';
import { createClock } from '../src/carrier/clock.ts';
import type { HlsAnswer, HlsAsk } from '../src/carrier/hls-messages.ts';
import { createSegmentFetch } from '../src/carrier/segment-fetch.ts';
import type { OpenSocket } from '../src/carrier/socket-face.ts';
import { createTrackerSocket } from '../src/carrier/tracker-socket.ts';
import type { HlsWorkerStart } from '../src/carrier/worker-control.ts';
import type { HlsViewer, SegmentOutcome } from '../src/hls/face.ts';
import { createHlsViewer } from '../src/hls/session.ts';
import type { ByteCore } from '../wasm/abi.ts';

/** What a viewer is put together from. */
export interface HlsSideParts {
  readonly start: HlsWorkerStart;
  readonly core: ByteCore;
  readonly tracker: Promise<string | undefined>;
  readonly openSocket: OpenSocket;
  readonly send: typeof fetch;
}

/** Starts a viewer. */
export const startHlsSide = ({ start, core, tracker, openSocket, send }: HlsSideParts): HlsViewer => {
  const { links, media } = start;
  const tell = (answer: HlsAnswer, taken: Transferable[] = []): void => media.postMessage(answer, taken);
  const viewer = createHlsViewer(start.options, {
    core,
    clock: createClock(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    fetch: createSegmentFetch(send),
    resolve: (uri, playlist) => (URL.canParse(uri, playlist) ? new URL(uri, playlist).href : undefined),
    tracker: (events) => createTrackerSocket(openSocket, () => tracker, events),
    links: (events) => (links === undefined ? undefined : createWorkerLinks(links, events)),
    notice: (notice) => tell({ kind: 'notice', notice }),
  });
  viewer.start();
  media.onmessage = (event: MessageEvent<HlsAsk>) => hear(viewer, event.data, tell);
  return viewer;
};

const hear = (viewer: HlsViewer, ask: HlsAsk, tell: (answer: HlsAnswer, taken?: Transferable[]) => void): void => {
  switch (ask.kind) {
    case 'load':
      return viewer.load(ask, (outcome) => answer(ask.id, outcome, tell));
    case 'call-off':
      return viewer.callOff(ask.id);
    case 'playlist':
      return viewer.playlist(ask.address, ask.text);
    case 'give':
      return viewer.give(ask.address, ask.range, new Uint8Array(ask.bytes));
  }
};

const answer = (
  id: number,
  outcome: SegmentOutcome,
  tell: (answer: HlsAnswer, taken?: Transferable[]) => void,
): void => {
  if (outcome.kind === 'failed') return tell({ ...outcome, id });
  const { buffer } = outcome.bytes;
  tell({ ...outcome, id, bytes: buffer }, [buffer]);
};
