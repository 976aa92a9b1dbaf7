/**
 * A whole world in memory and virtual time around real viewers: origin, tracker, links, and sinks that keep what they
 * get. Two guards stand over every test: what honest viewers hand on is what the origin cut, and what sinks get is what
 * the source sent.
 */
import type { ByteCore } from '../../../wasm/abi.ts';
import type { FlvShape } from '../../../wasm/testing/flv-maker.ts';
import { random } from '../../../wasm/testing/random.ts';
import type { ErrorCode } from '../../errors.ts';
import { decodePart } from '../../wire/piece.ts';
import type { SharingPolicy, Viewer, ViewerNotice, ViewerOptions } from '../face.ts';
import type { CodePort } from '../ports.ts';
import { createViewer } from '../session.ts';
import { type MemoryLinkOptions, type MemoryLinkPort, MemoryLinks, type Party, type Tamper } from './memory-links.ts';
import { MemoryOrigin, type MemoryOriginOptions, type Reach, STREAM_PATH } from './memory-origin.ts';
import { MemoryScreen } from './memory-screen.ts';
import { MemoryTracker, type TokenFlaw } from './memory-tracker.ts';
import { RecordingSink } from './recording-sink.ts';
import { VirtualTime, WALL_ZERO_MS } from './virtual-time.ts';

/** How a world is. */
export interface MemoryWorldOptions extends Partial<Omit<MemoryOriginOptions, 'shape'>> {
  readonly shape?: FlvShape;
  readonly links?: Partial<MemoryLinkOptions>;
}

/** How a viewer is. */
export interface MemoryViewerOptions {
  readonly policy?: Partial<SharingPolicy>;
  /** With a media element, or needing every piece so long after its cut. */
  readonly playing?: 'on-screen' | { readonly deadlineMs: number };
  readonly pinned?: readonly Uint8Array[];
  readonly codes?: CodePort;
  readonly tamper?: Tamper;
  readonly token?: TokenFlaw;
  readonly intercepted?: boolean;
  /** No data channels here. */
  readonly linkless?: boolean;
  readonly storeBytes?: number;
  readonly notice?: (notice: ViewerNotice) => void;
}

/** A running viewer and everything it has done. */
export interface MemoryViewer {
  readonly name: string;
  readonly viewer: Viewer;
  readonly sink: RecordingSink;
  readonly screen: MemoryScreen | undefined;
  readonly notices: ViewerNotice[];
  readonly links: MemoryLinkPort | undefined;
  /** Codes of the faults it has noted. */
  faults(): ErrorCode[];
  /** From now on the origin cannot be reached from here. */
  cutOffFromOrigin(): void;
  /** The process is gone: no goodbye. */
  vanish(noticedAfterMs: number): void;
}

const SHAPE: FlvShape = { seconds: 60, fps: 25, gopSeconds: 2, videoKbps: 400, audioKbps: 48 };
const ORIGIN_DELAY_MS = 15;
const SETTLED_MS = 12_000;
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export class MemoryWorld {
  readonly core: ByteCore;
  readonly time = new VirtualTime();
  readonly dice = random(99);
  readonly origin: MemoryOrigin;
  readonly tracker: MemoryTracker;
  readonly links: MemoryLinks;
  readonly viewers: MemoryViewer[] = [];
  /** What honest viewers handed on and the origin never made. */
  readonly forgeries: string[] = [];
  /** Parts handed on by honest viewers, by `from/to/sequence/index`. */
  readonly handedOn = new Map<string, number>();

  constructor(core: ByteCore, options: MemoryWorldOptions = {}) {
    this.core = core;
    this.origin = new MemoryOrigin(core, this.time, {
      encrypted: true,
      substreams: 6,
      delayMs: ORIGIN_DELAY_MS,
      codes: new Map(),
      ...options,
      shape: { ...SHAPE, ...options.shape },
    });
    this.tracker = new MemoryTracker(core, this.time, { stream: this.origin.stream, delayMs: ORIGIN_DELAY_MS });
    this.links = new MemoryLinks(this.time, random(98), { delayMs: 10, loss: 0, ...options.links });
    this.links.watchers.push((from, to, { lane, bytes }) => {
      if (lane === 'pieces' && from.tamper === undefined) this.#audit(from, to, bytes);
    });
  }

  run(ms: number): void {
    this.time.run(ms);
  }

  /** Lets so many viewers in, a second apart, and time pass until sharing has settled. */
  gather(count: number, options: MemoryViewerOptions = {}): readonly MemoryViewer[] {
    const joined = Array.from({ length: count }, () => {
      this.run(1000);
      return this.join(options);
    });
    this.run(SETTLED_MS);
    return joined;
  }

  /** Lets promises that are due settle. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  }

  /** Makes a viewer and sets it going. */
  join(options: MemoryViewerOptions = {}): MemoryViewer {
    const number = this.viewers.length;
    const name = `viewer ${number}`;
    const sink = new RecordingSink();
    const notices: ViewerNotice[] = [];
    const party: Party = { name, tamper: options.tamper, intercepted: options.intercepted ?? false };
    let links: MemoryLinkPort | undefined;
    const reach: Reach = { isOpen: true, cutOff: () => undefined };
    const clock = this.time.clock({ zeroMs: 1000 + number * 7777, wallMs: WALL_ZERO_MS + (number - 1) * 30_000 });
    const viewer = createViewer(this.#options(number, options), {
      core: this.core,
      clock,
      random: (length) => Uint8Array.from({ length }, () => this.dice.below(256)),
      origin: (events) => this.origin.port(events, reach),
      tracker: (events) => this.tracker.port(events, options.token ?? 'none'),
      links: (events) => {
        if (options.linkless !== true) links = this.links.port(events, party);
        return links;
      },
      sink,
      ...(options.codes === undefined ? {} : { codes: options.codes }),
      notice: (notice) => {
        notices.push(notice);
        options.notice?.(notice);
      },
    });
    const screen =
      (options.playing ?? 'on-screen') === 'on-screen'
        ? new MemoryScreen(this.time, sink, (playhead) => viewer.playhead(playhead))
        : undefined;
    const made: MemoryViewer = {
      name,
      viewer,
      sink,
      screen,
      notices,
      links,
      faults: () => Object.keys(viewer.stats().faults) as ErrorCode[],
      cutOffFromOrigin: () => {
        reach.isOpen = false;
        reach.cutOff();
      },
      vanish: (noticedAfterMs) => {
        links?.vanish(noticedAfterMs);
        viewer.stop();
        screen?.close();
      },
    };
    this.viewers.push(made);
    viewer.start();
    return made;
  }

  /** Why a run is not what the source sent from some keyframe on, or undefined. */
  complaint(viewer: MemoryViewer, run = -1): string | undefined {
    const bytes = viewer.sink.bytesOf(run);
    for (const epoch of this.origin.epochs) {
      const { prelude } = epoch;
      if (!same(bytes.subarray(0, prelude.length), prelude)) continue;
      const body = bytes.subarray(prelude.length);
      const clear = epoch.clearFrom(0);
      let at = 0;
      for (const piece of epoch.pieces) {
        if (piece.header.keyframe && same(clear.subarray(at, at + body.length), body)) return undefined;
        at += piece.clear.length;
      }
    }
    return `${viewer.name}, run ${run}: ${bytes.length} bytes are not what the source sent`;
  }

  /** Throws when any sink got a wrong byte, or a forged byte was handed on. */
  verify(): void {
    for (const viewer of this.viewers) {
      viewer.sink.runs.forEach((_run, index) => {
        const complaint = this.complaint(viewer, index);
        if (complaint !== undefined) throw new Error(complaint);
      });
    }
    const [forgery] = this.forgeries;
    if (forgery !== undefined) throw new Error(forgery);
  }

  /** Clear bytes the origin has cut that a viewer's newest run does not hold yet. */
  behind(viewer: MemoryViewer): number {
    const tail = viewer.sink.bytesOf(-1).subarray(-64);
    const whole = Buffer.from(this.origin.epoch.clearFrom(0));
    const at = whole.lastIndexOf(tail);
    return at < 0 ? Number.POSITIVE_INFINITY : whole.length - at - tail.length;
  }

  #options(number: number, options: MemoryViewerOptions): ViewerOptions {
    const { playing = 'on-screen' } = options;
    return {
      path: STREAM_PATH,
      credentials: '',
      originKeys: options.pinned ?? [this.origin.publicKey],
      iceServers: [],
      policy: { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 12, ...options.policy },
      seed: 1000 + number,
      storeBytes: options.storeBytes ?? 4_000_000,
      latencyMs: 400,
      ...(playing === 'on-screen' ? {} : { deadlineMs: playing.deadlineMs }),
    };
  }

  #audit(from: Party, to: Party, bytes: Uint8Array): void {
    const part = decodePart(bytes);
    if (part.kind === 'fault') {
      this.forgeries.push(`${from.name} sent ${to.name} a broken part: ${part.detail}`);
      return;
    }
    const key = `${from.name}/${to.name}/${part.epochTag}:${part.sequence}/${part.index}`;
    this.handedOn.set(key, (this.handedOn.get(key) ?? 0) + 1);
    const wire = this.origin.piece(part.epochTag, part.sequence)?.wire;
    const at = part.index === 0 ? 0 : (wire?.length ?? 0) - part.payload.length;
    const good = wire !== undefined && same(wire.subarray(at, at + part.payload.length), part.payload);
    if (!good)
      this.forgeries.push(
        `${from.name} sent ${to.name} part ${part.index} of ${part.sequence} that the origin never made`,
      );
  }
}
