/**
 * What the vendor's FAQ asks of a page around plugin and player: to notice that the network or the local server changed,
 * not to try what cannot work, and to reset what is broken when a page is left.
 */
import { ShoalError } from '../errors.ts';
import type { PlayerClock } from './options.ts';
import { systemClock } from './options.ts';
import { asRefused, type PluginCalls } from './p2p-module.ts';
import { freeElement } from './p2p-player.ts';
import { P2PSession, type SessionOptions } from './p2p-session.ts';

/** The network as a manager sees it. */
export interface NetworkWatch {
  isOnline(): boolean;
  /** Calls when the network comes, goes or becomes another one; returns how to stop. */
  watch(changed: () => void): () => void;
}

/** Options of `createP2PManager`. */
export interface P2PManagerOptions<StreamInfo = object, InitArgument = object> {
  /** The plugin, or anything with its calls. */
  readonly p2pModule: PluginCalls<StreamInfo, InitArgument>;
  /** How long a broken link is left alone before it is mended; 5000 as in the documents. */
  readonly delayMs?: number;
  readonly clock?: PlayerClock;
  readonly network?: NetworkWatch;
}

const DELAY_MS = 5000;
const ALREADY_STARTED = -2003;

/** The manager of a page, or of a whole application. */
export class P2PManager<StreamInfo = object, InitArgument = object> {
  /** The network is not what it was when the plugin was started. */
  networkChanged = false;
  /** A player's element was taken away. */
  needResetLocalServer = false;
  readonly #options: P2PManagerOptions<StreamInfo, InitArgument>;
  readonly #network: NetworkWatch;
  readonly #unwatch: () => void;
  readonly #sessions = new Set<P2PSession<StreamInfo>>();
  readonly #lostElements = new Set<HTMLVideoElement>();

  constructor(options: P2PManagerOptions<StreamInfo, InitArgument>) {
    if (typeof options?.p2pModule?.startP2PService !== 'function') {
      throw new ShoalError('options/invalid', { detail: 'p2pModule' });
    }
    this.#options = options;
    this.#network = options.network ?? browserNetwork;
    this.#unwatch = this.#network.watch(() => {
      this.networkChanged = true;
    });
  }

  /** Starts the plugin; that it runs already is no failure. Its events of the network are heeded. */
  async init(argument: InitArgument): Promise<number> {
    const given = argument as { readonly eventHandler?: (event: string, detail: unknown) => void };
    const eventHandler = (event: string, detail: unknown): void => {
      this.heedNatEvent(event);
      given.eventHandler?.(event, detail);
    };
    try {
      return await this.#options.p2pModule.init({ ...argument, eventHandler } as InitArgument);
    } catch (thrown) {
      if (asRefused(thrown).errcode === ALREADY_STARTED) return 0;
      throw thrown;
    }
  }

  /** For pages that start the plugin themselves: what its `eventHandler` heard. */
  heedNatEvent(event: string): void {
    if (event === 'natChanged' || event === 'natError') this.networkChanged = true;
  }

  /** Opens a stream on a player. */
  open(options: SessionOptions<StreamInfo>): P2PSession<StreamInfo> {
    const session: P2PSession<StreamInfo> = new P2PSession(this.#options.p2pModule, options, {
      clock: this.#options.clock ?? systemClock,
      delayMs: this.#options.delayMs ?? DELAY_MS,
      isOnline: () => this.#network.isOnline(),
      checkCanRetry: () => this.checkCanRetry(),
      localServerGone: (video) => this.#localServerGone(video),
      resetP2P: () => this.resetP2P(),
      checkReset: async () => {
        this.#sessions.delete(session);
        await this.checkReset();
      },
    });
    this.#sessions.add(session);
    return session;
  }

  /** Whether trying again can work. */
  checkCanRetry(): boolean {
    return !this.networkChanged && !this.needResetLocalServer;
  }

  /** Resets what is broken; done when a session leaves, and worth doing when a page is entered. */
  async checkReset(): Promise<void> {
    if (this.networkChanged) await this.resetP2P();
    if (this.needResetLocalServer) this.resetLocalServer();
  }

  /** Resets the plugin, after which the network counts as unchanged; a reset that failed leaves it as it was. */
  async resetP2P(): Promise<void> {
    try {
      await this.#options.p2pModule.resetP2P();
      this.networkChanged = false;
    } catch (thrown) {
      this.resetFailure = asRefused(thrown).errcode;
    }
  }

  /** Code of the last reset that failed. */
  resetFailure: number | undefined;

  /** Frees the elements that were taken away, so that the next players on them work. */
  resetLocalServer(): void {
    for (const video of this.#lostElements) freeElement(video);
    this.#lostElements.clear();
    this.needResetLocalServer = false;
  }

  /** Leaves every stream and watches nothing any more. */
  async destroy(): Promise<void> {
    this.#unwatch();
    await Promise.all([...this.#sessions].map((session) => session.leave()));
  }

  #localServerGone(video: HTMLVideoElement): void {
    this.needResetLocalServer = true;
    this.networkChanged = true;
    this.#lostElements.add(video);
  }
}

/** The network of a page. */
const browserNetwork: NetworkWatch = {
  isOnline: () => navigator.onLine,
  watch(changed) {
    const until = new AbortController();
    const { signal } = until;
    addEventListener('online', changed, { signal });
    addEventListener('offline', changed, { signal });
    const { connection } = navigator as { readonly connection?: EventTarget };
    connection?.addEventListener('change', changed, { signal });
    return () => until.abort();
  },
};
