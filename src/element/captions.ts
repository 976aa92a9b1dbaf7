/**
 * Captions: `<track>` children of the element are copied onto its video, and one button shows or hides them all.
 */

/** The captions of one element. */
export class Captions {
  readonly #host: HTMLElement;
  readonly #video: HTMLVideoElement;
  readonly #changed: () => void;
  readonly #watch: MutationObserver;
  readonly #copies = new Map<HTMLTrackElement, HTMLTrackElement>();

  constructor(host: HTMLElement, video: HTMLVideoElement, changed: () => void) {
    this.#host = host;
    this.#video = video;
    this.#changed = changed;
    this.#watch = new MutationObserver(() => this.#copy());
    for (const type of ['addtrack', 'removetrack', 'change']) video.textTracks.addEventListener(type, changed);
  }

  /** There is something to show. */
  get isThere(): boolean {
    return this.#tracks().length > 0;
  }

  get isShowing(): boolean {
    return this.#tracks().some(({ mode }) => mode === 'showing');
  }

  /** Looks at the element's children from now on. */
  connect(): void {
    this.#watch.observe(this.#host, { childList: true, subtree: true, attributes: true });
    this.#copy();
  }

  disconnect(): void {
    this.#watch.disconnect();
  }

  /** Shows one track, that of the person's language if there is one, or hides all. */
  toggle(): void {
    const tracks = this.#tracks();
    if (this.isShowing) {
      for (const track of tracks) track.mode = 'disabled';
      return;
    }
    const speaks = (track: TextTrack): boolean =>
      navigator.languages.some((language) => language.split('-')[0] === track.language.split('-')[0]);
    const chosen = tracks.find(speaks) ?? tracks[0];
    if (chosen !== undefined) chosen.mode = 'showing';
  }

  #tracks(): TextTrack[] {
    return [...this.#video.textTracks].filter(({ kind }) => kind === 'captions' || kind === 'subtitles');
  }

  #copy(): void {
    const originals = new Set(this.#host.querySelectorAll<HTMLTrackElement>(':scope > track'));
    for (const [original, copy] of this.#copies) {
      if (originals.has(original) && copy.isEqualNode(original)) continue;
      copy.remove();
      this.#copies.delete(original);
    }
    for (const original of originals) {
      if (this.#copies.has(original)) continue;
      const copy = original.cloneNode() as HTMLTrackElement;
      this.#copies.set(original, copy);
      this.#video.append(copy);
    }
    this.#changed();
  }
}
