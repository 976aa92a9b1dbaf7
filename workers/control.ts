/**
 * The object a page calls: one viewer on the worker's own sockets and clock and the page's media and links.
 */

import { type PolicyLack, sentenceOfLack } from '../src/carrier/browser/policy-watch.ts';
import { createWorkerLinks } from '../src/carrier/browser/worker-links.ts';
import { createClock } from '../src/carrier/clock.ts';
import { createCodeFetch, createGivenCode } from '../src/carrier/code-fetch.ts';
import { EarlyOrigin } from '../src/carrier/early-origin.ts';
import type { MediaOrder, PlayheadMessage } from '../src/carrier/media-messages.ts';
import { createFindMoved } from '../src/carrier/moved-origin.ts';
import { FULL_MASK } from '../src/carrier/origin-address.ts';
import { createOriginChoice } from '../src/carrier/origin-choice.ts';
import { createOriginFetch } from '../src/carrier/origin-fetch.ts';
import { createOriginSocket } from '../src/carrier/origin-socket.ts';
import type { OpenSocket } from '../src/carrier/socket-face.ts';
import { createTrackerSocket, trackerOfStream } from '../src/carrier/tracker-socket.ts';
import type { CodeSource, WorkerControl, WorkerStart } from '../src/carrier/worker-control.ts';
import { ShoalError } from '../src/errors.ts';
import type { HlsViewer } from '../src/hls/face.ts';
import type { Viewer } from '../src/viewer/face.ts';
import type { CodePort, OriginEvents, OriginPort, SinkPort } from '../src/viewer/ports.ts';
import { createViewer, type ViewerWorld } from '../src/viewer/session.ts';
import type { ByteCore } from '../wasm/abi.ts';
import { startHlsSide } from './hls-side.ts';

const openSocket: OpenSocket = (address) => new WebSocket(address);
const send: typeof fetch = (input, init) => fetch(input, init);

/** What the worker around it does. */
export interface WorkerSide {
  /** The byte core, started by the first who asks. */
  core(): Promise<ByteCore>;
  /** The page listens from now on. */
  begun(): void;
  /** Tells what the page's policy forbids in this worker. */
  watchPolicy(heard: (lack: PolicyLack) => void): void;
}

/** Makes the object a page calls. */
export const createControl = ({ core, begun, watchPolicy }: WorkerSide): WorkerControl => {
  let viewer: Viewer | undefined;
  let hls: HlsViewer | undefined;
  let hasStarted = false;
  const tracker = later<string | undefined>();
  const running = (): Viewer => {
    if (viewer === undefined) throw new ShoalError('state/destroyed');
    return viewer;
  };
  const runningHls = (): HlsViewer => {
    if (hls === undefined) throw new ShoalError('state/destroyed');
    return hls;
  };
  const either = (): Viewer | HlsViewer => hls ?? running();
  return {
    async start(start) {
      if (hasStarted) throw new ShoalError('state/destroyed');
      hasStarted = true;
      begun();
      watchPolicy((lack) => start.media.postMessage(forbidden(lack)));
      const early = openEarly(start);
      try {
        const world = worldOf({ start, early, core: await core(), tracker: tracker.promise });
        viewer = createViewer(start.options, world);
        start.media.onmessage = ({ data }: MessageEvent<PlayheadMessage>) => {
          // The page has not heard of the newest run yet.
          if (data.runs === world.sink.runs) viewer?.playhead(data.playhead);
        };
      } catch (cause) {
        early?.close();
        throw cause;
      }
      viewer.start();
    },
    async startHls(start) {
      if (hasStarted) throw new ShoalError('state/destroyed');
      hasStarted = true;
      begun();
      hls = startHlsSide({ start, core: await core(), tracker: tracker.promise, openSocket, send });
    },
    setTracker: (address) => tracker.resolve(address),
    setPolicy: (policy) => either().setPolicy(policy),
    setNat: (nat) => either().setNat(nat),
    setCredentials: (credentials) => either().setCredentials(credentials),
    pause: () => running().pause(),
    resume: () => running().resume(),
    stats: () => running().stats(),
    hlsStats: () => runningHls().stats(),
    explain: () => either().explain(),
    stop() {
      viewer?.stop();
      hls?.stop();
      viewer = undefined;
      hls = undefined;
    },
    ping: () => undefined,
  };
};

const forbidden = (lack: PolicyLack): MediaOrder => ({
  kind: 'notice',
  notice: { kind: 'fault', code: 'support/policy', detail: sentenceOfLack(lack), count: 1 },
});

const findMoved = createFindMoved((input, init) => fetch(input, init));

const originOf = (start: WorkerStart, events: OriginEvents): OriginPort =>
  createOriginChoice(
    {
      socket: (told) => createOriginSocket(openSocket, start.place, told, findMoved),
      http: (told) => createOriginFetch(send, start.place, told),
    },
    events,
  );

/** The connection a viewer will ask for first, unless a code has to be fetched before. */
const openEarly = (start: WorkerStart): EarlyOrigin | undefined => {
  const { codes, options } = start;
  if (codes?.kind === 'service') return undefined;
  const { credentials } = options;
  return new EarlyOrigin((events) => originOf(start, events), {
    mask: FULL_MASK,
    from: 'keyframe',
    credentials,
    code: codes?.code,
  });
};

interface WorldParts {
  readonly start: WorkerStart;
  readonly early: EarlyOrigin | undefined;
  readonly core: ByteCore;
  readonly tracker: Promise<string | undefined>;
}

const worldOf = ({ start, early, core, tracker }: WorldParts): ViewerWorld & { readonly sink: PageSink } => {
  const { links, media } = start;
  return {
    core,
    clock: createClock(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    origin: (events) => early?.adopt(events) ?? originOf(start, events),
    tracker: (events) =>
      createTrackerSocket(openSocket, async () => trackerAt(await tracker, start.options.path), events),
    links: (events) => (links === undefined ? undefined : createWorkerLinks(links, events)),
    sink: sinkOver(media),
    ...(start.codes === undefined ? {} : { codes: codesFrom(start.codes) }),
    notice: (notice) => media.postMessage({ kind: 'notice', notice } satisfies MediaOrder),
  };
};

const trackerAt = (address: string | undefined, path: string): string | undefined =>
  address === undefined ? undefined : trackerOfStream(address, path);

const codesFrom = (source: CodeSource): CodePort => {
  switch (source.kind) {
    case 'service':
      return createCodeFetch(source.address, send);
    case 'given':
      return createGivenCode(source);
  }
};

/** The page's sink, which is behind by a message. */
interface PageSink extends SinkPort {
  /** Runs begun so far. */
  readonly runs: number;
}

const sinkOver = (media: MessagePort): PageSink => {
  const order = (said: MediaOrder, taken: Transferable[] = []): void => media.postMessage(said, taken);
  let runs = 0;
  return {
    get runs() {
      return runs;
    },
    start(seam) {
      runs++;
      order({ kind: 'run', seam });
    },
    bytes(flv) {
      // Only a buffer that holds nothing else may go.
      const whole = flv.byteLength === flv.buffer.byteLength ? flv.buffer : flv.slice().buffer;
      order({ kind: 'bytes', flv: whole }, [whole]);
    },
    rate: (rate) => order({ kind: 'rate', rate }),
    seek: (dtsMs) => order({ kind: 'seek', dtsMs }),
    ended: () => order({ kind: 'ended' }),
  };
};

interface Later<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

const later = <T>(): Later<T> => {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (value) => resolve(value) };
};
