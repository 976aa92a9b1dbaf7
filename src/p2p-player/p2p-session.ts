/**
 * One stream on one page: service and player together, as the vendor's FAQ wants them handled. It starts playback when
 * both are ready, feeds the player, and tells the page when to leave.
 */
import type { PlayerClock } from './options.ts';
import { asRefused, type PluginCalls, type Refused } from './p2p-module.ts';
import type { P2PPlayer, P2PPlayerEvents } from './p2p-player.ts';

/** Why a page should tell its person something and leave. */
export type LeaveReason =
  /** The plugin could not start the service, or the pull. */
  | { readonly kind: 'refused'; readonly refused: Refused }
  /** The link to the source broke after it had played. */
  | { readonly kind: 'disconnected'; readonly detail: unknown }
  /** The player's element was taken away, as after a long time in the background. */
  | { readonly kind: 'local-server'; readonly message: string }
  /** The network changed, and going on is not worth it. */
  | { readonly kind: 'network-changed'; readonly message: string }
  /** The player gave up after several tries. */
  | { readonly kind: 'gave-up'; readonly message: string }
  /** The player cannot be used in this browser. */
  | { readonly kind: 'player-error'; readonly message: string };

/** How a stream is opened. */
export interface SessionOptions<StreamInfo = object> {
  readonly id: string;
  readonly streamInfo: StreamInfo;
  readonly player: P2PPlayer;
  /** A shared stream (default), or a device, which cannot be reached again after the network changed. */
  readonly kind?: '1vN' | '1v1';
  /**
   * What a shared stream does when its pull broke after the network changed: `smooth` (default) lets the player try again,
   * from then on perhaps from the server alone; `saving` leaves.
   */
  readonly afterNetworkChange?: 'smooth' | 'saving';
  /** After a broken link: `manual` (default) asks the page to leave; `auto` waits, resets and starts again. */
  readonly recover?: 'manual' | 'auto';
  /** The page tells its person, and calls `leave()` when it goes. */
  prompt(reason: LeaveReason): void;
  /** The source has ended. */
  ended?(): void;
}

/** What a session asks of its manager. */
export interface SessionDesk {
  readonly clock: PlayerClock;
  readonly delayMs: number;
  isOnline(): boolean;
  checkCanRetry(): boolean;
  localServerGone(video: HTMLVideoElement): void;
  resetP2P(): Promise<void>;
  checkReset(): Promise<void>;
}

/** Where a session's life stands. */
export type SessionState = 'preparing' | 'running' | 'recovering' | 'over' | 'left';

const NEXT: Readonly<Record<SessionState, readonly SessionState[]>> = {
  preparing: ['running', 'recovering', 'over', 'left'],
  running: ['recovering', 'over', 'left'],
  recovering: ['preparing', 'over', 'left'],
  over: ['left'],
  left: [],
};

/** So often in a row a link is mended without anything having been played. */
const RECOVERIES_MAX = 5;

/** What a session asks of the plugin. */
type SessionCalls<StreamInfo> = Omit<PluginCalls<StreamInfo>, 'init' | 'resetP2P'>;

/** A session. */
export class P2PSession<StreamInfo = object> {
  readonly #plugin: SessionCalls<StreamInfo>;
  readonly #options: SessionOptions<StreamInfo>;
  readonly #desk: SessionDesk;
  readonly #unlisten: readonly (() => void)[];
  readonly #ready = new Set<'player' | 'service'>();
  #state: SessionState = 'preparing';
  #recoveries = 0;
  #pull: 'none' | 'starting' | 'open' = 'none';
  #timer: unknown;

  constructor(plugin: SessionCalls<StreamInfo>, options: SessionOptions<StreamInfo>, desk: SessionDesk) {
    this.#plugin = plugin;
    this.#options = options;
    this.#desk = desk;
    const { player } = options;
    this.#unlisten = [
      player.on('playerReady', () => this.#isReady('player')),
      player.on('playerStartPull', () => void this.#startPull()),
      player.on('playerClose', () => this.#plugin.stopP2PStream(options.id)),
      player.on('playerError', ({ error }) => this.#playerError(error.errMsg)),
      player.on('statechange', (event) => this.#stateChanged(event)),
    ];
    if (player.state !== 'preparing') this.#ready.add('player');
    void this.#startService();
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The page goes: everything of this stream ends, and what was broken is reset. */
  async leave(): Promise<void> {
    if (!this.#enter('left')) return;
    const { id, player } = this.#options;
    for (const stop of this.#unlisten) stop();
    this.#desk.clock.clearTimeout(this.#timer);
    this.#plugin.stopVoiceService(id);
    this.#plugin.stopP2PStream(id);
    this.#plugin.stopP2PService(id);
    player.destroy();
    await this.#desk.checkReset();
  }

  async #startService(): Promise<void> {
    const { id, streamInfo } = this.#options;
    try {
      await this.#plugin.startP2PService(id, streamInfo, {
        msgCallback: (event, subtype, detail) => this.#heard(event, subtype, detail),
      });
    } catch (thrown) {
      if (this.#state === 'preparing') this.#serviceRefused(asRefused(thrown));
      return;
    }
    if (this.#state === 'preparing') this.#isReady('service');
    else if (this.#state === 'left') this.#plugin.stopP2PService(id);
  }

  #serviceRefused(refused: Refused): void {
    if (this.#recoveries > 0) this.#recover({ kind: 'refused', refused });
    else this.#over({ kind: 'refused', refused });
  }

  /** Both must be ready: a player that plays too early never asks for data. */
  #isReady(who: 'player' | 'service'): void {
    this.#ready.add(who);
    if (this.#ready.size < 2 || this.#state !== 'preparing' || !this.#enter('running')) return;
    const { player } = this.#options;
    if (player.autoplay) player.play();
    else player.autoplay = true;
  }

  async #startPull(): Promise<void> {
    const { id, player } = this.#options;
    if (this.#state !== 'running') return;
    this.#pull = 'starting';
    try {
      await this.#plugin.startP2PStream(id, { dataCallback: (data) => void player.addChunk(data) });
      this.#pull = 'open';
    } catch (thrown) {
      this.#pull = 'none';
      // A player that closed meanwhile has stopped the pull itself.
      if (this.#state === 'running' && player.state === 'pulling')
        this.#broken({ kind: 'refused', refused: asRefused(thrown) });
    }
  }

  #heard(event: string, subtype: string, detail: unknown): void {
    if (event !== 'notify' || this.#state !== 'running') return;
    if (subtype === 'eof') {
      this.#options.player.finishMedia();
      this.#options.ended?.();
    }
    // A pull that never began is refused, which says why.
    if (subtype === 'disconnect' && this.#pull === 'open') this.#broken({ kind: 'disconnected', detail });
  }

  #stateChanged({ code, message }: P2PPlayerEvents['statechange']): void {
    if (code === 2004) this.#recoveries = 0;
    if (this.#state !== 'running') return;
    if (code === -2301) this.#over({ kind: 'gave-up', message });
    if (code !== 2103) return;
    if (/errCode:-1004(\D|$)/.test(message)) {
      // Network events come late; a local server that is gone means that the network went too.
      this.#desk.localServerGone(this.#options.player.video);
      this.#options.player.destroy();
      this.#over({ kind: 'local-server', message });
    } else if (this.#mustRetryWisely && !this.#desk.checkCanRetry()) this.#over({ kind: 'network-changed', message });
  }

  get #mustRetryWisely(): boolean {
    const { kind = '1vN', afterNetworkChange = 'smooth' } = this.#options;
    return kind === '1v1' || afterNetworkChange === 'saving';
  }

  #playerError(message: string): void {
    // An element that is gone says so by its state, too, with the reason.
    if (this.#options.player.state === 'failed') this.#over({ kind: 'player-error', message });
  }

  #broken(reason: LeaveReason): void {
    if (this.#options.recover === 'auto') this.#recover(reason);
    else this.#over(reason);
  }

  #recover(reason: LeaveReason): void {
    this.#recoveries += 1;
    if (this.#recoveries > RECOVERIES_MAX || !this.#enter('recovering')) {
      this.#over(reason);
      return;
    }
    this.#options.player.stop();
    this.#ready.delete('service');
    this.#wait();
  }

  /** Waits a while, and on while there is no network. */
  #wait(): void {
    const { clock, delayMs } = this.#desk;
    this.#timer = clock.setTimeout(() => {
      if (this.#desk.isOnline()) void this.#startAgain();
      else this.#wait();
    }, delayMs);
  }

  async #startAgain(): Promise<void> {
    this.#plugin.stopP2PService(this.#options.id);
    await this.#desk.resetP2P();
    if (this.#state === 'recovering' && this.#enter('preparing')) await this.#startService();
  }

  #over(reason: LeaveReason): void {
    if (!this.#enter('over')) return;
    this.#options.player.stop();
    this.#options.prompt(reason);
  }

  #enter(state: SessionState): boolean {
    if (!NEXT[this.#state].includes(state)) return false;
    this.#state = state;
    return true;
  }
}
