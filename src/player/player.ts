/**
 * A player: picks a way of playing, keeps its state, and tells the page. Everything it starts belongs to it and ends
 * with it; two players share nothing but code.
 */
import type { ViewerNotice } from '../carrier/worker-control.ts';
import { type ErrorCode, ShoalError, severityOf } from '../errors.ts';
import type { Log } from '../log/log.ts';
import { AdviceDesk } from './advice-desk.ts';
import { CredentialsDesk } from './credentials-desk.ts';
import { type Diary, openDiary } from './diary.ts';
import { Emitter, type PlayerEvents } from './events.ts';
import type { Player } from './face.ts';
import { startHls } from './hls-start.ts';
import { mayEnter } from './life.ts';
import { NatDesk } from './nat-desk.ts';
import { type Credentials, type ParsedOptions, parseOptions, type Sharing, type StreamOptions } from './options.ts';
import type { Playback, PlaybackEvents } from './playback.ts';
import type { Screen } from './screen.ts';
import type { FoundService } from './service-lookup.ts';
import { SharedPlayback } from './shared-playback.ts';
import { SharingDesk } from './sharing-desk.ts';
import type { PlayerMode, PlayerState, PlayerStats } from './stats.ts';
import { Tally } from './tally.ts';
import type { PlayerWorld } from './world.ts';

const STATS_EVERY_MS = 1000;

/** The player behind `createPlayer`. */
export class ShoalPlayer implements Player {
  readonly #world: PlayerWorld;
  readonly #options: ParsedOptions;
  readonly #screen: Screen;
  readonly #emitter = new Emitter<PlayerEvents>();
  readonly #sharing: SharingDesk;
  readonly #nat: NatDesk;
  readonly #credentials: CredentialsDesk;
  readonly #diary: Diary;
  readonly #advice: AdviceDesk;
  readonly #unwatch: () => void;
  readonly #statsTimer: ReturnType<typeof setInterval>;
  readonly #bornMs: number;
  readonly #tally = new Tally();
  #state: PlayerState = 'starting';
  #mode: PlayerMode = 'shared';
  #playback: Playback | undefined;
  /** The last fault that ends a viewer: why it failed, should it. */
  #fatalFault: { readonly code: ErrorCode; readonly detail: string } | undefined;

  /** Throws `options/invalid`. */
  constructor(options: StreamOptions, world: PlayerWorld, screen: Screen) {
    this.#world = world;
    this.#screen = screen;
    this.#options = parseOptions(options, world.baseUrl);
    if (this.#options.kind === 'hls' && screen.openHls === undefined) {
      throw new ShoalError('options/invalid', { detail: 'url: an .m3u8 address needs a video element' });
    }
    // A worker's start is the longest step on the way to the first picture.
    if (world.support.worker && world.support.webAssembly) world.warmWorker();
    this.#diary = openDiary(this.#options);
    this.#bornMs = world.now();
    this.#emitter.hold();
    this.#advice = new AdviceDesk(this.#options, world, (error) => this.#tellError(error));
    this.#sharing = new SharingDesk(this.#options, world, (policy) => {
      this.#playback?.setPolicy(policy);
      this.#nat.setPolicy(policy);
    });
    this.#nat = new NatDesk(this.#options, world, {
      mode: this.#sharing.policy.mode,
      found: (nat) => this.#playback?.setNat?.(nat),
      page: this.#emitter,
    });
    this.#credentials = new CredentialsDesk(this.#options, world.now, {
      changed: (query) => {
        this.#diary.keepQuery(query);
        this.#playback?.setCredentials(query);
      },
      failed: (error) => this.#tellError(error),
    });
    this.#unwatch = world.watchPage({
      seen: () => this.#pageSeen(),
      hidden: () => this.#sharing.lookAgain(),
      gone: () => this.#dropPlayback(),
      back: () => this.#pageBack(),
      line: () => this.#sharing.lookAgain(),
    });
    this.#statsTimer = setInterval(() => void this.#tellStats(), STATS_EVERY_MS);
    if (!this.#options.autoplay) this.#enter('paused');
    this.#begin();
  }

  get state(): PlayerState {
    return this.#state;
  }

  get mode(): PlayerMode {
    return this.#mode;
  }

  get log(): Log {
    return this.#diary.log;
  }

  on<Name extends keyof PlayerEvents>(name: Name, listener: (event: PlayerEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  off<Name extends keyof PlayerEvents>(name: Name, listener: (event: PlayerEvents[Name]) => void): void {
    this.#emitter.off(name, listener);
  }

  async stats(): Promise<PlayerStats> {
    // A worker that is just being replaced has no numbers; the page's own are worth having all the same.
    const viewer = await this.#playback?.stats().catch(() => undefined);
    const hls = await this.#playback?.hlsStats?.().catch(() => undefined);
    return {
      state: this.#state,
      mode: this.#mode,
      sharing: this.#sharing.sharing,
      policy: this.#sharing.policy,
      sharingLimit: this.#sharing.limit,
      ...this.#tally.snapshot(),
      frames: this.#screen.frames(),
      nat: this.#nat.report,
      support: this.#world.support,
      viewer,
      hls,
    };
  }

  async explain(): Promise<readonly string[]> {
    const said = (await this.#playback?.explain().catch(() => undefined)) ?? [];
    const { sentence } = this.#sharing;
    const limit = sentence === undefined || this.#mode === 'plain' ? [] : [sentence];
    return [...this.#advice.sentences, ...limit, ...this.#nat.sentences, ...said];
  }

  pause(): void {
    if (this.#enter('paused')) this.#playback?.setPlaying(false);
  }

  resume(): void {
    if (this.#state === 'paused' && this.#enter('starting')) this.#playback?.setPlaying(true);
  }

  /** Leaves the live edge and comes back to it, which begins a fresh run at a keyframe. */
  rejoin(): void {
    if (!this.#isToPlay) return;
    this.#playback?.setPlaying(false);
    this.#playback?.setPlaying(true);
  }

  setSharing(sharing: Sharing, options: { readonly remember?: boolean } = {}): void {
    this.#sharing.setSharing(sharing, options.remember === true);
  }

  setUploadCap(kbps: number | undefined): void {
    this.#sharing.setUploadCap(kbps);
  }

  renew(credentials: Credentials): void {
    this.#credentials.renew(credentials);
  }

  destroy(): void {
    if (!this.#enter('destroyed')) return;
    this.#unwatch();
    clearInterval(this.#statsTimer);
    this.#sharing.close();
    this.#credentials.close();
    this.#advice.close();
    this.#dropPlayback();
    this.#emitter.clear();
    this.#diary.close();
  }

  #begin(): void {
    const { support } = this.#world;
    if (this.#options.kind === 'hls') this.#playHls();
    else if (this.#screen.shows && !support.mediaSource) this.#fail(new ShoalError('support/no-media-source'));
    else if (!support.webAssembly) this.#playPlain(new ShoalError('support/no-webassembly'));
    else if (!support.worker) this.#playPlain(new ShoalError('support/no-worker'));
    else if (this.#credentials.isMissing) void this.#beginWithToken();
    else this.#playShared();
  }

  async #beginWithToken(): Promise<void> {
    const has = await this.#credentials.ask('start');
    if (this.#state === 'destroyed') return;
    if (has) this.#playShared();
    else this.#fail(new ShoalError('origin/refused', { detail: 'no credentials' }));
  }

  #playShared(): void {
    this.#mode = 'shared';
    this.#advice.because(undefined);
    const found = (service: FoundService, meet: () => void) => this.#serviceFound(service, meet);
    const notShoal = (error: ShoalError) => this.#playPlain(error);
    const start = { screen: this.#screen, options: this.#options, ...this.#standing(), found, notShoal };
    const events = this.#eventsOf(() => playback);
    const playback: Playback = new SharedPlayback(this.#world, start, events);
    this.#playback = playback;
    if (!this.#world.support.webrtc) this.#tellError(new ShoalError('support/no-webrtc'));
  }

  #playPlain(reason: ShoalError): void {
    if (this.#state === 'destroyed' || this.#state === 'failed') return;
    this.#dropPlayback();
    this.#mode = 'plain';
    this.#advice.because(reason);
    const { url } = this.#options;
    const playback: Playback = this.#screen.openPlain(
      { url, playing: this.#isToPlay },
      this.#eventsOf(() => playback),
    );
    this.#playback = playback;
    if (this.#credentials.query !== '') playback.setCredentials(this.#credentials.query);
    if (this.#state !== 'paused') this.#enter('starting');
    this.#diary.say(`plain playback: ${reason.message}`);
    this.#emitter.emit('fellBack', { to: 'plain', reason: reason.code, url, forMs: undefined });
  }

  #playHls(): void {
    this.#mode = 'hls';
    const found = (service: FoundService) => this.#serviceFound(service, () => undefined);
    const parts = { world: this.#world, screen: this.#screen, options: this.#options, ...this.#standing(), found };
    const events = this.#eventsOf(() => playback);
    const playback: Playback | undefined = startHls(parts, events);
    this.#playback = playback;
    if (!this.#world.support.webrtc) this.#tellError(new ShoalError('support/no-webrtc'));
  }

  /** What a playback that begins now begins with. */
  #standing() {
    return { policy: this.#sharing.policy, credentials: this.#credentials.query, playing: this.#isToPlay };
  }

  /** Neighbours are met when the NAT is known, or has had its time. */
  #serviceFound({ tracker, description }: FoundService, meet: () => void): void {
    this.#advice.alsoAt(tracker);
    this.#nat.open(description.iceServers, meet);
  }

  get #isToPlay(): boolean {
    return this.#state !== 'paused' && this.#state !== 'ended';
  }

  /** A playback that was dropped may still have something to say; nobody listens. */
  #eventsOf(self: () => Playback | undefined): PlaybackEvents {
    const mine = (act: () => void): void => {
      if (this.#playback === self()) act();
    };
    return {
      moving: () => mine(() => this.#moving()),
      stalled: () => mine(() => this.#stalled()),
      resumed: (stalledMs) => mine(() => this.#resumed(stalledMs)),
      ended: () =>
        mine(() => {
          if (this.#enter('ended')) this.#emitter.emit('ended', {});
        }),
      buffered: (aheadMs) => mine(() => this.#tally.buffered(aheadMs)),
      paused: () => mine(() => this.pause()),
      played: () => mine(() => this.resume()),
      notice: (notice) => mine(() => this.#heed(notice)),
      error: (error) => mine(() => this.#tellError(error)),
      lost: (error) => mine(() => this.#lost(error)),
    };
  }

  #moving(): void {
    this.#enter('playing');
    if (this.#tally.startupMs !== undefined) return;
    this.#tally.startupMs = this.#world.now() - this.#bornMs;
    this.#emitter.emit('started', { mode: this.#mode, startupMs: this.#tally.startupMs });
  }

  #stalled(): void {
    this.#tally.stalls += 1;
    if (this.#enter('stalled')) this.#emitter.emit('stalled', { atMs: this.#world.now() - this.#bornMs });
  }

  #resumed(stalledMs: number): void {
    this.#tally.stalledMs += stalledMs;
    if (this.#enter('playing')) this.#emitter.emit('resumed', { stalledMs });
  }

  #heed(notice: ViewerNotice): void {
    switch (notice.kind) {
      case 'epoch':
        this.#diary.say(`epoch ${notice.epoch}`);
        this.#emitter.emit('epoch', { epoch: notice.epoch });
        return;
      case 'fault':
        if (severityOf(notice.code) === 'fatal') this.#fatalFault = notice;
        this.#tellFault(new ShoalError(notice.code, { detail: notice.detail }));
        return;
      case 'fell-back':
        this.#emitter.emit('fellBack', {
          to: 'origin',
          reason: 'stalls',
          url: this.#options.url,
          forMs: notice.forMs,
        });
        return;
      case 'state':
        if (notice.state === 'source-outage') this.#enter('source-outage');
        if (notice.state === 'failed') void this.#viewerFailed();
    }
  }

  /** Refused credentials may only be old ones. */
  async #viewerFailed(): Promise<void> {
    const { code, detail } = this.#fatalFault ?? { code: 'origin/refused' as const, detail: '' };
    const playback = this.#playback;
    const renewed = code === 'origin/refused' && (await this.#credentials.ask('renew'));
    if (playback !== this.#playback || !(playback instanceof SharedPlayback)) return;
    if (renewed) playback.restart();
    else this.#fail(new ShoalError(code, { detail }));
  }

  #lost(error: ShoalError): void {
    if (this.#mode === 'shared' && error.severity === 'recoverable') {
      this.#tellError(error);
      this.#playPlain(error);
    } else this.#fail(error);
  }

  #fail(error: ShoalError): void {
    this.#dropPlayback();
    if (!this.#enter('failed')) return;
    this.#advice.because(error);
    this.#tellError(error);
  }

  /** Lets go at once; the element is free for whoever comes next. */
  #dropPlayback(): void {
    this.#nat.close();
    const playback = this.#playback;
    this.#playback = undefined;
    playback?.destroy();
  }

  /** Everything the page had open died while it was in the browser's cache. */
  #pageBack(): void {
    if (this.#state === 'failed' || this.#state === 'ended') return;
    if (this.#state !== 'paused') this.#enter('starting');
    this.#begin();
  }

  #pageSeen(): void {
    this.#sharing.lookAgain();
    // A browser pauses hidden muted video; on with it, where live is.
    if (this.#isToPlay && this.#screen.stands()) this.#playback?.setPlaying(true);
  }

  #enter(state: PlayerState): boolean {
    if (!mayEnter(this.#state, state)) return false;
    this.#state = state;
    this.#diary.say(`state ${state}`);
    this.#emitter.emit('state', { state });
    return true;
  }

  #tellFault(error: ShoalError): void {
    if (error.code === 'support/policy') this.#advice.heed(error);
    else this.#tellError(error);
  }

  #tellError(error: ShoalError): void {
    if (error.code === 'worker/died') this.#tally.workersLost += 1;
    this.#diary.failed(error);
    this.#emitter.emit('error', error);
  }

  async #tellStats(): Promise<void> {
    if (!this.#emitter.has('stats')) return;
    const stats = await this.stats();
    if (this.#state !== 'destroyed') this.#emitter.emit('stats', stats);
  }
}
