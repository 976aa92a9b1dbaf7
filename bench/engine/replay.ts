/**
 * The recorded viewer again: the session, engine and byte core that ship, told the same in the same order without a
 * pause. Its ports take what it says and do nothing, so what is timed is the viewer alone.
 */

import type { ViewerInput } from '../../src/core/viewer/io.ts';
import { ViewerEngine } from '../../src/core/viewer/viewer-engine.ts';
import type { Fingerprints, LinkEvents, OriginEvents, TrackerEvents } from '../../src/viewer/ports.ts';
import { createViewer } from '../../src/viewer/session.ts';
import type { ByteCore } from '../../wasm/abi.ts';
import type { Recording, Told } from './recording.ts';

/** What one run of the viewer took. */
export interface Replay {
  /** Real milliseconds for the window. */
  readonly tookMs: number;
  /** Bytes of pieces sent in the window. */
  readonly sentBytes: number;
  /** Bytes of pieces received over links, and from the origin. */
  readonly linkBytes: number;
  readonly originBytes: number;
  readonly pieces: number;
  /** All that the engine was told, and where the window begins in it. */
  readonly inputs: readonly EngineInput[];
  readonly windowInput: number;
}

/** One call of the engine. */
export interface EngineInput {
  readonly now: number;
  readonly input: ViewerInput;
}

interface Ports {
  now: number;
  sentBytes: number;
  wake: (() => void) | undefined;
  origin: OriginEvents | undefined;
  tracker: TrackerEvents | undefined;
  links: LinkEvents | undefined;
}

/** Runs the viewer once. With `listen` what its engine is told is kept, which costs time of its own. */
export const replayViewer = (
  core: ByteCore,
  { recording, blob }: { readonly recording: Recording; readonly blob: Uint8Array },
  listen: boolean,
): Replay => {
  const ports: Ports = {
    now: 0,
    sentBytes: 0,
    wake: undefined,
    origin: undefined,
    tracker: undefined,
    links: undefined,
  };
  const viewer = viewerOn(core, recording, ports);
  const frames = framesOf(recording.told, blob);
  const { inputs, stop } = listen ? listenToEngine() : { inputs: [], stop: () => undefined };
  let startedAt = 0;
  let windowInput = 0;
  let before = { sent: 0, links: 0, origin: 0, pieces: 0 };
  const count = () => {
    const stats = viewer.stats();
    const pieces = stats.piecesFromNeighbours + stats.piecesFromOrigin;
    return { sent: ports.sentBytes, links: stats.neighbourBytes, origin: stats.originBytes, pieces };
  };
  try {
    recording.told.forEach((told, at) => {
      if (startedAt === 0 && told.at >= recording.windowFrom) {
        before = count();
        windowInput = inputs.length;
        startedAt = performance.now();
      }
      ports.now = told.at;
      tell(told, frames[at] ?? NOTHING, { ports, start: () => viewer.start() });
    });
    const tookMs = performance.now() - startedAt;
    const after = count();
    return {
      tookMs,
      sentBytes: after.sent - before.sent,
      linkBytes: after.links - before.links,
      originBytes: after.origin - before.origin,
      pieces: after.pieces - before.pieces,
      inputs,
      windowInput,
    };
  } finally {
    stop();
    viewer.stop();
  }
};

/** The engine alone, told the same; real milliseconds for the window. */
export const replayEngine = (recording: Recording, replay: Replay): number => {
  const engine = new ViewerEngine({
    seed: recording.seed,
    policy: policyOf(recording),
    playout: { kind: 'clock', delayMs: DEADLINE_MS },
  });
  let startedAt = 0;
  replay.inputs.forEach(({ now, input }, at) => {
    if (at === replay.windowInput) startedAt = performance.now();
    engine.handle(now, input);
    for (let said = engine.poll(); said !== undefined; said = engine.poll()) {
      if (said.kind === 'push') for (const link of said.links) engine.uploaded(now, link, engine.view.pieceBytes);
    }
  });
  return performance.now() - startedAt;
};

/** Of the origin in memory. */
const STREAM_PATH = '/live/demo';
const DEADLINE_MS = 1_000;
const STORE_BYTES = 4_000_000;
const NOTHING = new Uint8Array(0);

const policyOf = ({ uploadBytesPerSec, links }: Recording) =>
  ({ mode: 'on', uploadBytesPerSec, neighbours: Math.max(1, links) }) as const;

const viewerOn = (core: ByteCore, recording: Recording, ports: Ports) => {
  const dice = recording.dice.flat();
  return createViewer(
    {
      path: STREAM_PATH,
      credentials: '',
      originKeys: [Uint8Array.from(recording.originKey)],
      iceServers: [],
      policy: policyOf(recording),
      seed: recording.seed,
      storeBytes: STORE_BYTES,
      latencyMs: 400,
      deadlineMs: DEADLINE_MS,
    },
    {
      core,
      clock: {
        now: () => ports.now,
        wallMs: () => ports.now + recording.wallLessNowMs,
        wakeAt: (_at, wake) => {
          ports.wake = wake;
        },
        cancel: () => {
          ports.wake = undefined;
        },
      },
      random: (length) => Uint8Array.from({ length }, () => dice.shift() ?? 0),
      origin: (events) => {
        ports.origin = events;
        return { open: () => undefined, send: () => undefined, close: () => undefined };
      },
      tracker: (events) => {
        ports.tracker = events;
        return { open: () => undefined, send: () => undefined, close: () => undefined };
      },
      links: (events) => {
        ports.links = events;
        return {
          dial: () => undefined,
          signal: () => undefined,
          send: (_link, lane, bytes) => {
            if (lane === 'pieces') ports.sentBytes += bytes.length;
            return true;
          },
          backlog: () => 0,
          hangUp: () => undefined,
        };
      },
      sink: {
        start: () => undefined,
        bytes: () => undefined,
        rate: () => undefined,
        seek: () => undefined,
        ended: () => undefined,
      },
      notice: () => undefined,
    },
  );
};

const tell = (told: Told, bytes: Uint8Array<ArrayBuffer>, to: { ports: Ports; start(): void }): void => {
  const { origin, tracker, links } = to.ports;
  switch (told.kind) {
    case 'start':
      return to.start();
    case 'wake': {
      const { wake } = to.ports;
      to.ports.wake = undefined;
      return wake?.();
    }
    case 'origin-opened':
      return origin?.opened();
    case 'origin-frame':
      return origin?.frame(bytes);
    case 'tracker-opened':
      return tracker?.opened();
    case 'tracker-said':
      return tracker?.said(told.text);
    case 'signal':
      return links?.signal(told.link, told.data);
    case 'link-opened':
      return links?.opened(told.link, printsOf(told));
    case 'message':
      return links?.message(told.link, told.lane, bytes);
    case 'link-closed':
      return links?.closed(told.link, 'link/failed');
  }
};

const printsOf = (told: { own: readonly number[]; theirs: readonly number[] }): Fingerprints => ({
  own: Uint8Array.from(told.own),
  theirs: Uint8Array.from(told.theirs),
});

/** A buffer for each word that has bytes, made before the clock runs: a carrier makes them too. */
const framesOf = (told: readonly Told[], blob: Uint8Array): (Uint8Array<ArrayBuffer> | undefined)[] => {
  let at = 0;
  return told.map((each) => {
    if (!('bytes' in each)) return undefined;
    at += each.bytes;
    return blob.slice(at - each.bytes, at) as Uint8Array<ArrayBuffer>;
  });
};

const listenToEngine = (): { inputs: EngineInput[]; stop(): void } => {
  const inputs: EngineInput[] = [];
  const { handle } = ViewerEngine.prototype;
  ViewerEngine.prototype.handle = function (now, input) {
    inputs.push({ now, input });
    handle.call(this, now, input);
  };
  return {
    inputs,
    stop: () => {
      ViewerEngine.prototype.handle = handle;
    },
  };
};
