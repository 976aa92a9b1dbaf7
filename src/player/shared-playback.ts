/**
 * Playing with others: a worker that feeds a sink, and beside it the look-up of who leads to others. A worker that dies is
 * replaced while the picture goes on from what is buffered; a sink that fails gets a fresh run. Both a few times a minute at
 * most, then this way of playing is over.
 */

import type { SinkEvents, SinkOrder } from '../carrier/browser/media-sink.ts';
import type { RunFailure } from '../carrier/browser/mpegts-run.ts';
import { asShoalError } from '../carrier/calls.ts';
import type { MediaOrder } from '../carrier/media-messages.ts';
import type {
  CodeSource,
  Playhead,
  SharingPolicy,
  ViewerNotice,
  ViewerStats,
  WorkerControl,
} from '../carrier/worker-control.ts';
import { ShoalError, severityOf } from '../errors.ts';
import type { NatKind } from '../wire/nat.ts';
import type { ParsedOptions } from './options.ts';
import type { Playback, PlaybackEvents } from './playback.ts';
import type { Screen } from './screen.ts';
import { ServiceDesk } from './service-desk.ts';
import type { FoundService } from './service-lookup.ts';
import { type LineStart, WorkerLine } from './worker-line.ts';
import type { PlayerWorld, SinkFace } from './world.ts';

/** What is played, on what, and how it begins. */
export interface SharedStart {
  readonly screen: Pick<Screen, 'openSink'>;
  readonly options: ParsedOptions;
  readonly policy: SharingPolicy;
  readonly credentials: string;
  readonly playing: boolean;
  /** The stream's service is found; `meet` lets the viewer ask its tracker for neighbours. */
  found(service: FoundService, meet: () => void): void;
  /** The host neither describes a service nor sends its stream in pieces: this way of playing is not for it. */
  notShoal(error: ShoalError): void;
}

const TRIES_PER_MINUTE = 4;
const MINUTE_MS = 60_000;

/** The way of playing that shares. */
export class SharedPlayback implements Playback {
  readonly #world: PlayerWorld;
  readonly #events: PlaybackEvents;
  readonly #sink: SinkFace;
  readonly #service: ServiceDesk;
  #start: LineStart;
  #line: WorkerLine | undefined;
  #tracker: { readonly address: string | undefined } | undefined;
  #nat: NatKind | undefined;
  #playing: boolean;
  #troubles: number[] = [];

  constructor(world: PlayerWorld, start: SharedStart, events: PlaybackEvents) {
    const { screen, options, playing } = start;
    this.#world = world;
    this.#events = events;
    this.#playing = playing;
    this.#service = this.#lookUp(start);
    this.#start = lineOf(start, () => [...options.iceServers, ...this.#service.iceServers]);
    const heard: SinkEvents = {
      playhead: (playhead) => this.#playhead(playhead),
      moving: () => events.moving(),
      stalled: () => events.stalled(),
      resumed: (stalledMs) => events.resumed(stalledMs),
      ended: () => events.ended(),
      blocked: () => events.error(new ShoalError('media/autoplay-blocked')),
      paused: () => events.paused(),
      played: () => events.played(),
      failed: (failure) => this.#sinkFailed(failure),
    };
    this.#sink = screen.openSink(heard, playing);
    this.#openLine();
  }

  setPlaying(playing: boolean): void {
    this.#playing = playing;
    this.#sink.setPlaying(playing);
    this.#tell(playing ? 'resume' : 'pause');
  }

  setPolicy(policy: SharingPolicy): void {
    this.#start = { ...this.#start, options: { ...this.#start.options, policy } };
    this.#tell('setPolicy', policy);
  }

  /** What kind of NAT the page is behind. */
  setNat(nat: NatKind): void {
    this.#nat = nat;
    this.#tell('setNat', nat);
  }

  setCredentials(credentials: string): void {
    this.#start = { ...this.#start, options: { ...this.#start.options, credentials } };
    this.#tell('setCredentials', credentials);
  }

  /** Starts over with a fresh worker, as after new credentials. */
  restart(): void {
    this.#line?.end();
    this.#openLine();
  }

  async stats(): Promise<ViewerStats | undefined> {
    return this.#line?.call('stats');
  }

  async explain(): Promise<readonly string[]> {
    return (await this.#line?.explain()) ?? [];
  }

  destroy(): void {
    this.#service.close();
    this.#line?.end();
    this.#line = undefined;
    this.#sink.destroy();
  }

  #lookUp({ options, found, notShoal }: SharedStart): ServiceDesk {
    return new ServiceDesk(options, this.#world.fetch, {
      found: (service) => found(service, () => this.#setTracker(service.tracker)),
      codesNeeded: (address) => {
        if (options.codes === undefined) this.#useCodes({ kind: 'service', address });
      },
      missing: (error) => {
        this.#events.error(error);
        this.#setTracker(undefined);
      },
      notShoal,
    });
  }

  /** Where the tracker is; undefined when there is none. */
  #setTracker(address: string | undefined): void {
    this.#tracker = { address };
    this.#tell('setTracker', address);
  }

  /** Starts over with codes from there: the origin gives content keys only under one. */
  #useCodes(codes: CodeSource): void {
    this.#start = { ...this.#start, codes };
    this.restart();
  }

  #openLine(): void {
    this.#line = undefined;
    try {
      const options = { ...this.#start.options, seed: this.#world.seed() };
      const line = new WorkerLine(
        this.#world,
        { ...this.#start, options },
        { order: (order) => this.#order(order), died: (error) => this.#died(error) },
      );
      this.#line = line;
      line.started.then(
        () => this.#lineRuns(line),
        (error: unknown) => this.#lineFailed(line, error),
      );
    } catch (error) {
      const cause = asShoalError(error, 'worker/start-failed');
      // Whoever made us has not finished doing so.
      queueMicrotask(() => this.#events.lost(cause));
    }
  }

  #lineRuns(line: WorkerLine): void {
    if (line !== this.#line) return;
    // Whatever was said before the viewer ran is said again.
    if (this.#nat !== undefined) this.#tell('setNat', this.#nat);
    if (this.#tracker !== undefined) this.#tell('setTracker', this.#tracker.address);
    this.#tell('setPolicy', this.#start.options.policy);
    this.#tell('setCredentials', this.#start.options.credentials);
    if (!this.#playing) this.#tell('pause');
  }

  #lineFailed(line: WorkerLine, thrown: unknown): void {
    const error = asShoalError(thrown, 'worker/start-failed');
    if (line !== this.#line || error.code === 'worker/died') return;
    line.end();
    this.#line = undefined;
    this.#events.lost(error);
  }

  #order(order: MediaOrder): void {
    if (order.kind === 'notice') this.#noticed(order.notice);
    else this.#sink.order(order satisfies SinkOrder);
  }

  #noticed(notice: ViewerNotice): void {
    this.#events.notice(notice);
    if (notice.kind === 'epoch') this.#service.streamFound();
    if (notice.kind === 'fault') this.#service.faultSeen(notice.code);
  }

  #playhead(playhead: Playhead): void {
    this.#line?.playhead(playhead);
    this.#events.buffered(playhead.bufferedMs - playhead.shownMs);
  }

  #died(error: ShoalError): void {
    this.#line = undefined;
    if (this.#mayTryAgain()) {
      this.#events.error(error);
      this.#openLine();
    } else this.#events.lost(error);
  }

  #sinkFailed({ code, detail }: RunFailure): void {
    const error = new ShoalError(code, { detail });
    if (severityOf(code) === 'fatal' || !this.#mayTryAgain()) {
      this.#events.lost(error);
      return;
    }
    this.#events.error(error);
    // Leaving the live edge and coming back to it begins a fresh run at a keyframe.
    this.#tell('pause');
    if (this.#playing) this.#tell('resume');
  }

  #mayTryAgain(): boolean {
    const now = this.#world.now();
    this.#troubles = [...this.#troubles.filter((at) => now - at < MINUTE_MS), now];
    return this.#troubles.length <= TRIES_PER_MINUTE;
  }

  /** A call whose answer nobody waits for; that it failed shows in the worker's own fate. */
  #tell<M extends keyof WorkerControl>(method: M, ...args: Parameters<WorkerControl[M]>): void {
    this.#line?.call(method, ...args).catch(() => undefined);
  }
}

/** What a worker is told of a start. */
const lineOf = ({ options, policy, credentials }: SharedStart, iceServers: LineStart['iceServers']): LineStart => {
  const { place, codes, originKeys, storeBytes, latencyMs } = options;
  const fixed = { path: place.path, originKeys, iceServers: [], seed: 0, storeBytes, latencyMs };
  return { place, codes, options: { ...fixed, policy, credentials }, iceServers };
};
