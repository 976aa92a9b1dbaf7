/**
 * A browser a test can play on: workers, media, service and page are all in its hands.
 */
import type { SinkEvents, SinkOrder } from '../../carrier/browser/media-sink.ts';
import type { PlainStream, RunFailure, RunMaker } from '../../carrier/browser/mpegts-run.ts';
import { watchNat } from '../../carrier/browser/nat-probe.ts';
import type { PageEvents } from '../../carrier/browser/page-life.ts';
import type { PolicyLack } from '../../carrier/browser/policy-watch.ts';
import type { Settings } from '../../carrier/browser/settings.ts';
import type { MediaOrder } from '../../carrier/media-messages.ts';
import { FakeGather } from '../../carrier/testing/fake-gather.ts';
import { FakeMedia } from '../../carrier/testing/fake-media.ts';
import { FakeWorker } from '../../carrier/testing/fake-worker.ts';
import { Queue } from '../../carrier/testing/queue.ts';
import type {
  HlsStats,
  HlsWorkerStart,
  ViewerStats,
  WorkerControl,
  WorkerStart,
} from '../../carrier/worker-control.ts';
import type { ShoalError } from '../../errors.ts';
import type { PlayerWorld, SinkFace } from '../world.ts';

/** A worker's inside: what it was told, and how it speaks. */
export class FakeViewer {
  readonly worker: FakeWorker;
  readonly told: string[] = [];
  readonly started = new Queue<WorkerStart>();
  readonly startedHls = new Queue<HlsWorkerStart>();
  start: WorkerStart | undefined;
  failure: ShoalError | undefined;

  constructor() {
    const note = (line: string): void => void this.told.push(line);
    const control: WorkerControl = {
      start: async (start) => {
        if (this.failure !== undefined) throw this.failure;
        this.start = start;
        this.started.put(start);
      },
      setTracker: (address) => note(`tracker ${address}`),
      setPolicy: (policy) => note(`policy ${policy.mode} ${policy.uploadBytesPerSec}`),
      setNat: (nat) => note(`nat ${nat}`),
      setCredentials: (credentials) => note(`credentials ${credentials}`),
      pause: () => note('pause'),
      resume: () => note('resume'),
      startHls: async (start) => {
        if (this.failure !== undefined) throw this.failure;
        this.startedHls.put(start);
      },
      stats: () => ({ viewer: 'v1' }) as ViewerStats,
      hlsStats: () => ({ viewer: 'v1' }) as HlsStats,
      explain: () => ['from the viewer'],
      stop: () => note('stop'),
      ping: () => undefined,
    };
    this.worker = new FakeWorker(control);
  }

  say(order: MediaOrder): void {
    this.start?.media.postMessage(order);
  }
}

/** A sink that only remembers. */
export class FakeSink implements SinkFace {
  readonly orders: SinkOrder[] = [];
  readonly events: SinkEvents;
  readonly playing: boolean[] = [];
  state: 'alive' | 'destroyed' = 'alive';

  constructor(events: SinkEvents) {
    this.events = events;
  }

  order(order: SinkOrder): void {
    this.orders.push(order);
  }

  setPlaying(playing: boolean): void {
    this.playing.push(playing);
  }

  destroy(): void {
    this.state = 'destroyed';
  }
}

/** A plain playback's stream. */
export interface FakePlain {
  readonly stream: PlainStream;
  readonly fail: (failure: RunFailure) => void;
  state: 'open' | 'destroyed';
}

/** The world. */
export class FakeWorld implements PlayerWorld {
  support = { mediaSource: true, webAssembly: true, worker: true, webrtc: false };
  readonly baseUrl = 'https://page.example/watch';
  readonly locks = undefined;
  readonly viewers: FakeViewer[] = [];
  readonly viewerMade = new Queue<FakeViewer>();
  readonly sinks: FakeSink[] = [];
  readonly plain: FakePlain[] = [];
  readonly video = new FakeMedia();
  readonly saved: Partial<Settings>[] = [];
  settings: Settings = { installation: 'test' };
  service: unknown = { version: 1, tracker: '/tracker', originKeys: [], iceServers: [] };
  workerFailure: Error | undefined;
  viewerFailure: ShoalError | undefined;
  metered = false;
  hidden = false;
  page: PageEvents | undefined;
  lacks: ((lack: PolicyLack) => void) | undefined;
  clock = 0;
  readonly fetched: string[] = [];

  readonly fetch: typeof fetch = async (input) => {
    this.fetched.push(String(input));
    return this.service === undefined ? new Response('', { status: 404 }) : Response.json(this.service);
  };

  readonly createPeer: PlayerWorld['createPeer'] = () => {
    throw new TypeError('nobody dials here');
  };

  readonly natSide = new FakeGather();
  readonly watchNat: PlayerWorld['watchNat'] = (options, listener) =>
    watchNat({ ...options, gather: this.natSide.gather, watchLine: this.natSide.watchLine }, listener);

  readonly playHls: PlayerWorld['playHls'] = async () => ({
    by: 'hls.js',
    latencyMs: undefined,
    toLiveEdge: () => undefined,
    destroy: () => undefined,
  });

  warmWorker(): void {
    // Its workers start at once.
  }

  startWorker(): FakeWorker {
    if (this.workerFailure !== undefined) throw this.workerFailure;
    const viewer = new FakeViewer();
    viewer.failure = this.viewerFailure;
    this.viewers.push(viewer);
    this.viewerMade.put(viewer);
    return viewer.worker;
  }

  async loadRuns(): Promise<RunMaker> {
    return {
      open: () => ({ push: () => undefined, end: () => undefined, destroy: () => undefined }),
      openPlain: (_video, stream, fail) => {
        const plain: FakePlain = { stream, fail, state: 'open' };
        this.plain.push(plain);
        return {
          destroy: () => {
            plain.state = 'destroyed';
          },
        };
      },
    };
  }

  createSink(_video: HTMLVideoElement, _maker: Promise<RunMaker>, options: { readonly events: SinkEvents }): FakeSink {
    const sink = new FakeSink(options.events);
    this.sinks.push(sink);
    return sink;
  }

  async loadSettings(): Promise<Settings> {
    return this.settings;
  }

  async saveSettings(change: Partial<Settings>): Promise<void> {
    this.saved.push(change);
  }

  isLineMetered(): boolean {
    return this.metered;
  }

  isHidden(): boolean {
    return this.hidden;
  }

  watchPage(events: PageEvents): () => void {
    this.page = events;
    return () => {
      this.page = undefined;
    };
  }

  watchPolicy(heard: (lack: PolicyLack) => void): () => void {
    this.lacks = heard;
    return () => {
      this.lacks = undefined;
    };
  }

  seed(): number {
    return 1;
  }

  readonly now = (): number => this.clock;
}
