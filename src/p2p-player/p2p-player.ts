/**
 * The P2P player: plays FLV that its page hands in. It asks for a stream (`playerStartPull`), says when it has enough
 * (`playerClose`), tries again when a pull breaks, and says so in the codes of the vendor's live player.
 */
import type { RunMaker } from '../carrier/browser/mpegts-run.ts';
import { loadRuns } from '../carrier/browser/mpegts-run.ts';
import { detectSupport } from '../carrier/browser/support.ts';
import { ShoalError } from '../errors.ts';
import { Emitter } from '../player/events.ts';
import { FlvReader } from './flv-reader.ts';
import { LivePlayerContext } from './live-player-context.ts';
import { type P2PPlayerOptions, type ParsedP2PPlayerOptions, parseP2PPlayerOptions } from './options.ts';
import { Pull } from './pull.ts';
import { messageOf, type PullFault, type StateCode } from './state-codes.ts';
import { TagQueue } from './tag-queue.ts';

/** Why a pull is over. */
export type CloseCode = 'LIVE_PLAYER_CLOSED' | 'TRANSMISSION_ERROR';

/** What a P2P player says. */
export interface P2PPlayerEvents {
  /** It can be told to play. */
  playerReady: { readonly livePlayerContext: LivePlayerContext; readonly playerExport: P2PPlayer };
  /** It wants data now: begin to call `addChunk`. */
  playerStartPull: Record<never, never>;
  /** It wants no more data. */
  playerClose: { readonly error: { readonly code: CloseCode; readonly errMsg: string } };
  /** It cannot be used: the browser lacks something, or its element is gone until `reset()`. */
  playerError: { readonly error: { readonly code: 'WECHAT_SERVER_ERROR'; readonly errMsg: string } };
  statechange: { readonly code: StateCode; readonly message: string };
  /** There is room for data again after `addChunk` answered false. */
  writable: Record<never, never>;
  /** The browser refused sound, or wants a click even without it. */
  sound: { readonly sound: 'muted-by-browser' | 'blocked' };
}

/** Where a P2P player's life stands. `down`: its element was taken away, and only `reset()` helps. */
export type P2PPlayerState = 'preparing' | 'ready' | 'pulling' | 'waiting' | 'down' | 'failed' | 'destroyed';

const NEXT: Readonly<Record<P2PPlayerState, readonly P2PPlayerState[]>> = {
  preparing: ['ready', 'failed', 'destroyed'],
  ready: ['pulling', 'preparing', 'destroyed'],
  pulling: ['ready', 'waiting', 'down', 'preparing', 'destroyed'],
  waiting: ['pulling', 'ready', 'preparing', 'destroyed'],
  down: ['preparing', 'destroyed'],
  failed: ['preparing', 'destroyed'],
  destroyed: [],
};

/** What a P2P player knows of itself. */
export interface P2PPlayerStats {
  readonly state: P2PPlayerState;
  /** Pulls so far. */
  readonly pulls: number;
  /** Bytes that wait to be decoded, and those that were left out because too many did. */
  readonly queuedBytes: number;
  readonly droppedBytes: number;
}

/** Half of what may wait is when a page should stop sending. */
const HIGH_MARK = 0.5;

/** A player that is fed. */
export class P2PPlayer {
  readonly livePlayerContext: LivePlayerContext;
  readonly #options: ParsedP2PPlayerOptions;
  readonly #load: () => Promise<RunMaker>;
  readonly #emitter = new Emitter<P2PPlayerEvents>();
  readonly #reader = new FlvReader();
  readonly #queue = new TagQueue();
  readonly #until = new AbortController();
  #maker: RunMaker | undefined;
  #state: P2PPlayerState = 'preparing';
  #autoplay: boolean;
  #pull: Pull | undefined;
  #pulls = 0;
  #tries = 0;
  #timer: unknown;
  #headers: Readonly<Record<string, string>> = {};
  #room: 'enough' | 'wanted' = 'enough';
  /** It was told to play before it was ready. */
  #wanted: 'no' | 'yes' = 'no';

  /** Throws `options/invalid`. */
  constructor(options: P2PPlayerOptions, load: () => Promise<RunMaker> = loadRuns) {
    this.#options = parseP2PPlayerOptions(options);
    this.#load = load;
    this.#autoplay = this.#options.autoplay;
    this.#options.video.muted = this.#options.muted;
    this.livePlayerContext = new LivePlayerContext(this.#options.video, this);
    this.#emitter.hold();
    this.#watchElement();
    void this.#prepare();
  }

  get state(): P2PPlayerState {
    return this.#state;
  }

  get video(): HTMLVideoElement {
    return this.#options.video;
  }

  get stats(): P2PPlayerStats {
    const { bytes, dropped } = this.#queue;
    return { state: this.#state, pulls: this.#pulls, queuedBytes: bytes, droppedBytes: dropped };
  }

  /** Headers of the pull, as the page set them. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  get autoplay(): boolean {
    return this.#autoplay;
  }

  /** Setting it begins playback when the player is ready, or as soon as it is. */
  set autoplay(autoplay: boolean) {
    const before = this.#autoplay;
    this.#autoplay = autoplay;
    if (autoplay && !before && this.#state === 'ready') this.play();
  }

  /** Listens to an event; returns how to stop listening. */
  on<Name extends keyof P2PPlayerEvents>(name: Name, listener: (event: P2PPlayerEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  off<Name extends keyof P2PPlayerEvents>(name: Name, listener: (event: P2PPlayerEvents[Name]) => void): void {
    this.#emitter.off(name, listener);
  }

  /** Asks for a stream as soon as it is ready, unless it has one already. */
  play(): void {
    if (this.#state === 'preparing') this.#wanted = 'yes';
    if (this.#state === 'down') this.#say(2103, messageOf(-1004, 'reset() is needed'));
    if (this.#state !== 'ready') return;
    this.#wanted = 'no';
    this.#tries = 0;
    this.#open();
  }

  /** Wants no more data; the picture stands, or goes for good with `stop`. */
  pause(): void {
    this.#options.video.pause();
    this.#close('LIVE_PLAYER_CLOSED', 'paused');
  }

  /** The same as `play`: live video goes on where its source is. */
  resume(): void {
    this.play();
  }

  stop(): void {
    this.#wanted = 'no';
    this.#close('LIVE_PLAYER_CLOSED', 'stopped');
  }

  /**
   * Takes the next bytes of the stream, cut anywhere. Answers false when the page should stop sending until `writable`,
   * and when the bytes were of no use: the player is not pulling them, or they are no FLV.
   */
  addChunk(chunk: ArrayBuffer | ArrayBufferView): boolean {
    const bytes = bytesOf(chunk);
    if (bytes === undefined) throw new ShoalError('options/invalid', { detail: 'chunk: wanted an ArrayBuffer' });
    if (this.#state === 'destroyed' || this.#state === 'failed' || this.#state === 'down') return false;
    this.#pull?.heard();
    try {
      const read = this.#reader.push(bytes);
      this.#queue.put(read);
      if (read.header !== undefined && this.#state === 'pulling') this.#pull?.renew();
    } catch (error) {
      this.#broke(-1016, error instanceof ShoalError ? error.message : String(error));
      return false;
    }
    const { queueBytes } = this.#options;
    if (this.#pull === undefined && this.#queue.bytes > queueBytes) this.#queue.skip();
    this.#pull?.pump();
    const hasRoom = this.#queue.bytes < queueBytes * HIGH_MARK;
    if (!hasRoom) this.#room = 'wanted';
    return hasRoom && this.#pull !== undefined;
  }

  /** The stream has ended, with these last bytes if any; what waits is still shown. */
  finishMedia(chunk?: ArrayBuffer | ArrayBufferView): void {
    if (chunk !== undefined) this.addChunk(chunk);
    this.#pull?.finish();
  }

  /** The headers of the answer that the chunks come from; a content type that is no FLV breaks the pull. */
  setHeaders(headers: Readonly<Record<string, string>>): void {
    if (typeof headers !== 'object' || headers === null) throw new ShoalError('options/invalid', { detail: 'headers' });
    this.#headers = Object.fromEntries(
      Object.entries(headers)
        .slice(0, HEADERS_MAX)
        .map(([name, value]) => [name.toLowerCase(), String(value)]),
    );
    const type = this.#headers['content-type'];
    if (type !== undefined && !FLV_TYPES.test(type)) this.#broke(-1011, type.slice(0, 80));
  }

  /** Takes the element again after the browser or somebody else took it; resolves when it is ready. */
  async reset(): Promise<void> {
    this.#close('LIVE_PLAYER_CLOSED', 'reset');
    this.#options.clock.clearTimeout(this.#timer);
    if (!this.#enter('preparing')) return;
    freeElement(this.#options.video);
    this.#reader.reset();
    this.#queue.clear();
    await this.#prepare();
  }

  /** Ends everything at once; safe to call twice. */
  destroy(): void {
    if (this.#state === 'destroyed') return;
    this.#close('LIVE_PLAYER_CLOSED', 'destroyed');
    this.#enter('destroyed');
    this.#options.clock.clearTimeout(this.#timer);
    this.#until.abort();
    this.#queue.clear();
    this.#emitter.clear();
  }

  async #prepare(): Promise<void> {
    if (!detectSupport().mediaSource) {
      this.#fail(new ShoalError('support/no-media-source').message);
      return;
    }
    try {
      this.#maker = await this.#load();
    } catch (cause) {
      this.#fail(new ShoalError('media/playback-failed', { cause }).message);
      return;
    }
    if (this.#state !== 'preparing' || !this.#enter('ready')) return;
    this.#emitter.emit('playerReady', { livePlayerContext: this.livePlayerContext, playerExport: this });
    if ((this.#autoplay || this.#wanted === 'yes') && this.state === 'ready') this.play();
  }

  #fail(errMsg: string): void {
    if (this.#enter('failed')) this.#emitter.emit('playerError', { error: { code: 'WECHAT_SERVER_ERROR', errMsg } });
  }

  #open(): void {
    if (this.#maker === undefined || !this.#enter('pulling')) return;
    this.#pulls += 1;
    this.#headers = {};
    this.#pull = new Pull(this.#options, this.#maker, this.#queue, {
      connected: () => this.#say(2001, 'data comes'),
      moving: () => {
        this.#tries = 0;
        this.#say(2004, 'the picture moves');
      },
      stalled: () => this.#say(2007, 'waiting for data'),
      ended: () => {
        this.#say(2006, 'the stream has ended');
        this.#close('LIVE_PLAYER_CLOSED', 'ended');
      },
      stopped: () => this.#playElement(),
      broke: (fault, detail) => this.#broke(fault, detail),
      room: () => this.#hasRoom(),
    });
    this.#playElement();
    this.#emitter.emit('playerStartPull', {});
    this.#pull?.pump();
  }

  #hasRoom(): void {
    if (this.#room === 'enough' || this.#queue.bytes >= this.#options.queueBytes * HIGH_MARK) return;
    this.#room = 'enough';
    this.#emitter.emit('writable', {});
  }

  /** Ends the pull; the next one starts from a new file or from the next keyframe. */
  #close(code: CloseCode, errMsg: string): void {
    this.#options.clock.clearTimeout(this.#timer);
    const pull = this.#pull;
    this.#pull = undefined;
    if (this.#state === 'waiting') this.#enter('ready');
    if (pull === undefined) return;
    pull.close();
    this.#queue.clear();
    if (this.#state === 'pulling') this.#enter('ready');
    this.#emitter.emit('playerClose', { error: { code, errMsg } });
  }

  #broke(fault: PullFault, detail: string): void {
    if (this.#pull === undefined) return;
    const message = messageOf(fault, detail);
    this.#close('TRANSMISSION_ERROR', message);
    if (this.#state !== 'ready' || !this.#enter('pulling')) return;
    if (fault === -1004) this.#goDown(message);
    else this.#tryAgain(message);
  }

  #tryAgain(message: string): void {
    this.#tries += 1;
    if (this.#tries > this.#options.retries) {
      this.#enter('ready');
      this.#say(-2301, message);
      return;
    }
    this.#enter('waiting');
    this.#say(2103, message);
    if (this.#state !== 'waiting') return;
    this.#timer = this.#options.clock.setTimeout(() => this.#open(), this.#options.retryMs);
  }

  /** Nobody fights for an element: it is said as often as a live player would try, and then it is over. */
  #goDown(message: string): void {
    this.#enter('down');
    this.#emitter.emit('playerError', { error: { code: 'WECHAT_SERVER_ERROR', errMsg: message } });
    const again = (): void => {
      if (this.#state !== 'down') return;
      this.#tries += 1;
      this.#say(this.#tries > this.#options.retries ? -2301 : 2103, message);
      if (this.#tries <= this.#options.retries && this.state === 'down') {
        this.#timer = this.#options.clock.setTimeout(again, this.#options.retryMs);
      }
    };
    again();
  }

  #playElement(): void {
    const { video } = this.#options;
    video.play()?.catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError' || this.#state !== 'pulling') return;
      if (video.muted) {
        this.#emitter.emit('sound', { sound: 'blocked' });
        return;
      }
      video.muted = true;
      this.#emitter.emit('sound', { sound: 'muted-by-browser' });
      this.#playElement();
    });
  }

  #watchElement(): void {
    const { video } = this.#options;
    const { signal } = this.#until;
    const heed = (type: string, act: () => void): void =>
      video.addEventListener(type, () => this.#pull !== undefined && act(), { signal });
    heed('loadedmetadata', () => this.#say(2008, 'the decoder starts'));
    heed('loadeddata', () => this.#say(2003, 'the first picture is decoded'));
    heed('resize', () => this.#say(2009, `${video.videoWidth}x${video.videoHeight}`));
    document.addEventListener('visibilitychange', () => this.#seen(), { signal });
  }

  /** Browsers pause hidden muted video. */
  #seen(): void {
    const isSeen = document.visibilityState === 'visible';
    if (isSeen && this.#state === 'pulling' && this.#options.video.paused) this.#playElement();
  }

  #say(code: StateCode, message: string): void {
    this.#emitter.emit('statechange', { code, message });
  }

  #enter(state: P2PPlayerState): boolean {
    if (!NEXT[this.#state].includes(state)) return false;
    this.#state = state;
    return true;
  }
}

const HEADERS_MAX = 64;
const FLV_TYPES = /^(video\/(x-)?flv|application\/octet-stream|binary\/octet-stream)\b/i;

const bytesOf = (chunk: unknown): Uint8Array | undefined => {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return undefined;
};

/** Lets go of whatever an element plays. */
export const freeElement = (video: HTMLVideoElement): void => {
  video.srcObject = null;
  video.removeAttribute('src');
  video.load();
};
