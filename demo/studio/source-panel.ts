/**
 * One source, camera or screen: its preview, its buttons and its figures.
 */
import type { Publisher, PublisherFigures } from 'shoal/publisher';

/** What the panel wants to be done. */
export interface SourceActions {
  start(): Promise<Publisher>;
  failed(error: unknown): void;
  changed(): void;
}

const STATES = { connecting: 'connecting', live: 'live', reconnecting: 'reconnecting', ended: 'off' } as const;

/** See above. */
export class SourcePanel {
  readonly #root: HTMLElement;
  readonly #actions: SourceActions;
  #publisher: Publisher | undefined;

  constructor(
    readonly track: 'main' | 'aux',
    actions: SourceActions,
  ) {
    const root = document.querySelector<HTMLElement>(`.source[data-track="${track}"]`);
    if (root === null) throw new TypeError(`the page has no source ${track}`);
    this.#root = root;
    this.#actions = actions;
    this.#button('start').addEventListener('click', () => void this.#start());
    this.#button('stop').addEventListener('click', () => void this.#publisher?.stop());
  }

  get isLive(): boolean {
    return this.#publisher !== undefined;
  }

  /** Whether it may be started at all. */
  setEnabled(enabled: boolean): void {
    this.#button('start').disabled = !enabled;
  }

  async #start(): Promise<void> {
    this.#show('connecting');
    this.#button('start').disabled = true;
    try {
      const publisher = await this.#actions.start();
      this.#publisher = publisher;
      this.#video().srcObject = publisher.stream;
      publisher.on('state', ({ state }) => this.#show(state));
      publisher.on('stats', (figures) => this.#figures(figures));
      publisher.on('ended', ({ error }) => this.#ended(error));
      this.#show(publisher.state);
    } catch (error) {
      this.#ended(error);
    }
    this.#actions.changed();
  }

  #ended(error: unknown): void {
    this.#publisher = undefined;
    this.#video().srcObject = null;
    this.#root.querySelector('dl')?.replaceChildren();
    this.#show('ended');
    this.#button('start').disabled = false;
    if (error !== undefined) this.#actions.failed(error);
    this.#actions.changed();
  }

  #show(state: keyof typeof STATES): void {
    const badge = this.#root.querySelector<HTMLElement>('.badge');
    if (badge !== null) {
      badge.textContent = STATES[state];
      badge.dataset.state = state;
    }
    const isOn = state === 'live' || state === 'reconnecting';
    this.#button('start').hidden = isOn;
    this.#button('stop').hidden = !isOn;
    const empty = this.#root.querySelector<HTMLElement>('.empty');
    if (empty !== null) empty.hidden = isOn;
  }

  #figures(figures: PublisherFigures): void {
    const { width, height, bitsPerSec, lagMs, droppedFrames, reconnects } = figures;
    const facts = [
      ['picture', `${width} × ${height}`],
      ['bitrate', `${(bitsPerSec / 1e6).toFixed(2)} Mbit/s`],
      ['in flight', lagMs === undefined ? '–' : `${Math.round(lagMs)} ms`],
      ['dropped', String(droppedFrames)],
      ['reconnects', String(reconnects)],
    ] as const;
    const tiles = facts.map(([name, value]) => {
      const box = document.createElement('div');
      const term = document.createElement('dt');
      const fact = document.createElement('dd');
      term.textContent = name;
      fact.textContent = value;
      box.append(term, fact);
      return box;
    });
    this.#root.querySelector('dl')?.replaceChildren(...tiles);
  }

  #button(name: 'start' | 'stop'): HTMLButtonElement {
    const button = this.#root.querySelector<HTMLButtonElement>(`.${name}`);
    if (button === null) throw new TypeError(`the source has no button ${name}`);
    return button;
  }

  #video(): HTMLVideoElement {
    const video = this.#root.querySelector('video');
    if (video === null) throw new TypeError('the source has no preview');
    return video;
  }
}
