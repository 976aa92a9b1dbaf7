/**
 * What a person does to the element: presses, clicks, keys, and the pointer that wakes the controls.
 */
import { actionOf, type KeyAction } from './keyboard.ts';
import type { Shell } from './shell.ts';

/** What a gesture asks for. */
export interface Wishes {
  togglePlay(): void;
  toggleMute(): void;
  unmute(): void;
  setVolume(volume: number): void;
  toggleCaptions(): void;
  togglePip(): void;
  toggleFullscreen(): void;
  toggleWhy(): void;
  dismiss(): void;
  retry(): void;
  /** Whether the controls may hide while nobody moves. */
  mayRest(): boolean;
}

/** The controls hide after so long without a motion. */
const REST_AFTER_MS = 2600;

/** Listens to the nodes of one element, for as long as they live. */
export class Gestures {
  readonly #shell: Shell;
  readonly #wishes: Wishes;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, shell: Shell, wishes: Wishes) {
    this.#shell = shell;
    this.#wishes = wishes;
    this.#listenToButtons();
    host.addEventListener('keydown', (event) => this.#key(host, event));
    for (const type of ['pointermove', 'pointerdown', 'keydown', 'focusin']) {
      host.addEventListener(type, () => this.wake());
    }
    host.addEventListener('pointerleave', () => this.#rest());
  }

  /** Shows the controls, for a while if nothing else keeps them. */
  wake(): void {
    this.#shell.stage.dataset.rest = 'false';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest(), REST_AFTER_MS);
  }

  /** Nothing is left to wait for. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #rest(): void {
    if (this.#wishes.mayRest()) this.#shell.stage.dataset.rest = 'true';
  }

  #listenToButtons(): void {
    const { play, bigPlay, mute, unmute, captions, pip, fullscreen, why, volume, video, panel } = this.#shell;
    const wishes = this.#wishes;
    const clicks: readonly (readonly [HTMLElement, () => void])[] = [
      [play, () => wishes.togglePlay()],
      [bigPlay, () => wishes.togglePlay()],
      [mute, () => wishes.toggleMute()],
      [unmute, () => wishes.unmute()],
      [captions, () => wishes.toggleCaptions()],
      [pip, () => wishes.togglePip()],
      [fullscreen, () => wishes.toggleFullscreen()],
      [why, () => wishes.toggleWhy()],
      [panel.close, () => wishes.dismiss()],
      [panel.retry, () => wishes.retry()],
    ];
    for (const [node, act] of clicks) node.addEventListener('click', act);
    volume.addEventListener('input', () => wishes.setVolume(Number(volume.value)));
    // A finger wakes the controls; only a mouse, which has woken them already, plays and pauses by the picture.
    video.addEventListener('click', (event) => {
      if ((event as PointerEvent).pointerType !== 'touch' && !this.#shell.controls.hidden) wishes.togglePlay();
    });
    video.addEventListener('dblclick', () => wishes.toggleFullscreen());
  }

  #key(host: HTMLElement, event: KeyboardEvent): void {
    if (!host.hasAttribute('controls')) return;
    const focused = host.shadowRoot?.activeElement?.localName ?? '';
    const action = actionOf(event, focused);
    if (action === undefined || event.defaultPrevented) return;
    event.preventDefault();
    this.#act(action);
  }

  #act(action: KeyAction): void {
    const { video } = this.#shell;
    switch (action.kind) {
      case 'toggle-play':
        return this.#wishes.togglePlay();
      case 'toggle-mute':
        return this.#wishes.toggleMute();
      case 'toggle-fullscreen':
        return this.#wishes.toggleFullscreen();
      case 'toggle-captions':
        return this.#wishes.toggleCaptions();
      case 'toggle-why':
        return this.#wishes.toggleWhy();
      case 'dismiss':
        return this.#wishes.dismiss();
      case 'volume':
        return this.#wishes.setVolume(Math.min(1, Math.max(0, (video.muted ? 0 : video.volume) + action.by)));
    }
  }
}
