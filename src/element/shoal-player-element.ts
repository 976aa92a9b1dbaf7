/**
 * `<shoal-player>`: a live stream as an element of HTML. It makes a player when it is to play, ends it when it leaves the
 * document, and draws the controls; all state of playing is the player's own.
 */
import type { ShoalError } from '../errors.ts';
import type { PlayerEvents } from '../player/events.ts';
import type { Player } from '../player/face.ts';
import { capOf, type ElementOptions, observedAttributes, optionsOf, startsAfresh } from './attributes.ts';
import { Captions } from './captions.ts';
import { Gestures, type Wishes } from './gestures.ts';
import { type ElementLabels, englishLabels } from './labels.ts';
import { REFLECTED, ReflectingElement } from './reflecting-element.ts';
import { Seat, type SeatState, type SoundState } from './seat.ts';
import { buildShell, type Shell } from './shell.ts';
import { styleSheet } from './style.ts';
import { isStanding, show } from './view.ts';

/** What the element says besides the events of its player, which have the same names and details. */
export interface OwnEvents {
  /** The browser refused sound, or wants a click even without it; or neither any more. */
  sound: { readonly sound: SoundState };
  volumechange: { readonly volume: number; readonly muted: boolean };
}

/** Everything the element says, as the `detail` of an event of that name. */
export type ElementEvents = PlayerEvents & OwnEvents;

const ASK_EVERY_MS = 2000;

/** The element. */
export class ShoalPlayerElement extends ReflectingElement {
  static readonly observedAttributes = observedAttributes;

  readonly #shell: Shell;
  readonly #seat: Seat;
  readonly #captions: Captions;
  readonly #gestures: Gestures;
  readonly #internals: ElementInternals;
  readonly #lookAgain = (): void => this.#show();
  #options: ElementOptions = {};
  #labels: ElementLabels = englishLabels;
  /** The person, the page or `autoplay` asked for the stream. */
  #wanted: 'no' | 'yes' = 'no';
  #planned: 'nothing' | 'start' = 'nothing';
  #why: readonly string[] | undefined;
  #reasons: readonly string[] = [];
  #asking: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    root.adoptedStyleSheets = [styleSheet()];
    this.#internals = this.attachInternals();
    this.#shell = buildShell(root);
    this.#seat = new Seat(this.#shell.video, {
      changed: () => this.#changed(),
      said: (name, event) => this.#send(name, event),
      soundChanged: (sound) => this.#say('sound', { sound }),
    });
    this.#captions = new Captions(this, this.#shell.video, this.#lookAgain);
    this.#gestures = new Gestures(this, this.#shell, this.#wishes());
    this.#shell.video.addEventListener('volumechange', () => {
      const { volume, muted } = this.#shell.video;
      if (!muted && this.#seat.sound === 'muted-by-browser') this.#seat.unmute();
      this.#show();
      this.#say('volumechange', { volume, muted });
    });
  }

  /** The player, while there is one: everything an attribute cannot say is asked of it. */
  get player(): Player | undefined {
    return this.#seat.player;
  }

  /** The element inside, for everything of a video that is not ours. */
  get video(): HTMLVideoElement {
    return this.#shell.video;
  }

  /** Where its life stands: a player's states, and `idle` before the first play. */
  get state(): SeatState {
    return this.#seat.state;
  }

  get paused(): boolean {
    return isStanding(this.#seat);
  }

  /** Why it failed, or undefined. */
  get error(): ShoalError | undefined {
    return this.#seat.error;
  }

  /** Whether the browser lets it sound. */
  get sound(): SoundState {
    return this.#seat.sound;
  }

  /** Options that no attribute can hold; setting them starts afresh. */
  get options(): ElementOptions {
    return this.#options;
  }

  set options(options: ElementOptions) {
    this.#options = options;
    this.#plan();
  }

  /** Texts in another language; what is left out stays English. */
  get labels(): ElementLabels {
    return this.#labels;
  }

  set labels(labels: Partial<ElementLabels>) {
    this.#labels = { ...englishLabels, ...labels };
    this.#show();
  }

  /** Whether it is silent now; the attribute says how it begins. */
  get muted(): boolean {
    return this.#shell.video.muted;
  }

  set muted(muted: boolean) {
    this.#shell.video.muted = muted;
  }

  get volume(): number {
    return this.#shell.video.volume;
  }

  set volume(volume: number) {
    this.#shell.video.volume = volume;
  }

  get textTracks(): TextTrackList {
    return this.#shell.video.textTracks;
  }

  /** Listens to an event's detail; returns how to stop listening. */
  on<Name extends keyof ElementEvents>(name: Name, listener: (detail: ElementEvents[Name]) => void): () => void {
    const hear = (event: Event): void => listener((event as CustomEvent<ElementEvents[Name]>).detail);
    this.addEventListener(name, hear);
    return () => this.removeEventListener(name, hear);
  }

  /** Plays, or plays on at the live edge. */
  play(): void {
    if (this.#wanted === 'no' || this.#seat.state === 'failed' || this.#seat.state === 'ended') this.#start();
    else this.#seat.play();
    this.#gestures.wake();
  }

  pause(): void {
    this.#seat.player?.pause();
  }

  /** Starts afresh, as after a change of `src`. */
  reconnect(): void {
    this.#start();
  }

  /** Adds captions by hand, as for cues that come live. */
  addTextTrack(kind: TextTrackKind, label?: string, language?: string): TextTrack {
    return this.#shell.video.addTextTrack(kind, label, language);
  }

  connectedCallback(): void {
    for (const name of UPGRADED) this.#upgrade(name);
    this.#captions.connect();
    document.addEventListener('fullscreenchange', this.#lookAgain);
    if (this.#seat.state === 'idle' && (this.hasAttribute('autoplay') || this.#wanted === 'yes')) this.#plan('start');
    this.#gestures.wake();
    this.#show();
  }

  /** An element that only moves within the document plays on; one that is left out of it ends. */
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#captions.disconnect();
      document.removeEventListener('fullscreenchange', this.#lookAgain);
      this.#closeWhy();
      this.#seat.stop();
      this.#gestures.stop();
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (startsAfresh(name)) this.#plan();
    const { player } = this.#seat;
    switch (name) {
      case 'sharing':
        this.#heed(() => player?.setSharing((after ?? 'on') as Parameters<Player['setSharing']>[0]));
        break;
      case 'upload-cap':
        this.#heed(() => player?.setUploadCap(capOf(after ?? undefined)));
        break;
      case 'muted':
        this.#shell.video.muted = after !== null;
        break;
      case 'autoplay':
        if (after !== null && this.isConnected && this.#wanted === 'no') this.#plan('start');
        break;
      case 'poster':
        this.#shell.poster.src = after ?? '';
    }
    this.#show();
  }

  override addEventListener(...given: Parameters<HTMLElement['addEventListener']>): void {
    if (given[0] === 'stats') this.#seat.tellStats();
    super.addEventListener(...given);
  }

  /** Several changes in one task make one start. */
  #plan(what: 'start' | 'again' = 'again'): void {
    if (what === 'again' && this.#wanted === 'no') return;
    if (this.#planned === 'start') return;
    this.#planned = 'start';
    queueMicrotask(() => {
      this.#planned = 'nothing';
      if (this.isConnected) this.#start();
    });
  }

  #start(): void {
    this.#wanted = 'yes';
    this.#reasons = [];
    this.#closeWhy();
    const options = optionsOf(this, this.#shell.video, this.#options);
    if (options === undefined) this.#seat.stop();
    else this.#seat.start(options);
  }

  /** A wrong value in mid-play fails like one at the start. */
  #heed(act: () => void): void {
    try {
      act();
    } catch {
      this.#plan();
    }
  }

  #wishes(): Wishes {
    const { video } = this.#shell;
    return {
      togglePlay: () => (isStanding(this.#seat) ? this.play() : this.pause()),
      toggleMute: () => (video.muted || video.volume === 0 ? this.#unmute() : this.#mute()),
      unmute: () => this.#unmute(),
      setVolume: (volume) => {
        video.volume = volume;
        if (volume > 0) this.#seat.unmute();
      },
      toggleCaptions: () => this.#captions.toggle(),
      togglePip: () => void this.#togglePip().catch(ignoreRefusal),
      toggleFullscreen: () => void this.#toggleFullscreen().catch(ignoreRefusal),
      toggleWhy: () => (this.#why === undefined ? this.#openWhy() : this.#closeWhy()),
      dismiss: () => this.#closeWhy(),
      retry: () => this.#start(),
      mayRest: () => this.#seat.state === 'playing' && this.#why === undefined && this.#seat.sound !== 'blocked',
    };
  }

  #unmute(): void {
    if (this.#shell.video.volume === 0) this.#shell.video.volume = 0.5;
    this.#seat.unmute();
  }

  #mute(): void {
    this.#shell.video.muted = true;
  }

  async #togglePip(): Promise<void> {
    if (document.pictureInPictureElement === this) await document.exitPictureInPicture();
    else await this.#shell.video.requestPictureInPicture();
  }

  async #toggleFullscreen(): Promise<void> {
    const { video } = this.#shell;
    if (document.fullscreenElement === this) await document.exitFullscreen();
    else if (document.fullscreenEnabled) await this.requestFullscreen();
    else (video as { webkitEnterFullscreen?(): void }).webkitEnterFullscreen?.();
  }

  #openWhy(): void {
    this.#why = [];
    this.#shell.why.setAttribute('aria-expanded', 'true');
    this.#asking = setInterval(() => void this.#askWhy(), ASK_EVERY_MS);
    void this.#askWhy();
    this.#show();
    this.#shell.panel.close.focus();
  }

  #closeWhy(): void {
    if (this.#why === undefined) return;
    this.#why = undefined;
    this.#shell.why.setAttribute('aria-expanded', 'false');
    clearInterval(this.#asking);
    if (this.shadowRoot?.activeElement === this.#shell.panel.close) this.#shell.why.focus();
    this.#show();
  }

  async #askWhy(): Promise<void> {
    const said = (await this.#seat.player?.explain()) ?? [];
    if (this.#why === undefined) return;
    this.#why = said;
    this.#show();
  }

  async #askReasons(player: Player): Promise<void> {
    const said = await player.explain();
    if (player !== this.#seat.player) return;
    this.#reasons = said;
    this.#show();
  }

  #changed(): void {
    const { player, state, trouble } = this.#seat;
    if (player !== undefined && (state === 'failed' || trouble !== undefined)) void this.#askReasons(player);
    if (!this.#shell.stage.dataset.rest || state !== 'playing') this.#gestures.wake();
    this.#show();
  }

  #say<Name extends keyof ElementEvents>(name: Name, detail: ElementEvents[Name]): void {
    this.#send(name, detail);
  }

  #send(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #show(): void {
    this.#showState();
    show(this.#shell, {
      seat: this.#seat,
      captions: this.#captions,
      labels: this.#labels,
      host: this,
      why: this.#why,
      reasons: this.#reasons,
    });
  }

  /** For style sheets: `shoal-player:state(playing)`. */
  #showState(): void {
    const { states } = this.#internals;
    if (states === undefined || states.has(this.#seat.state)) return;
    states.clear();
    states.add(this.#seat.state);
  }

  /** A property that was set before the element was defined hides the accessor of the class. */
  #upgrade(name: (typeof UPGRADED)[number]): void {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    Reflect.deleteProperty(this, name);
    Object.assign(this, { [name]: value });
  }
}

const UPGRADED = [...REFLECTED, 'options', 'labels', 'volume', 'muted'] as const;

/** A browser that refuses full screen or its small window leaves the picture where it is. */
const ignoreRefusal = (): void => undefined;
