/**
 * The properties of the element that are attributes under another name, for pages and frameworks that set properties.
 */
import type { Attribute } from './attributes.ts';

/** Where there are no elements, as on a server, the class can still be named. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** An element whose properties are its attributes. */
export class ReflectingElement extends Base {
  /** Address of the stream. */
  get src(): string {
    return this.#text('src');
  }

  set src(address: string) {
    this.#setText('src', address);
  }

  /** Address of the Shoal description, when it is not on the stream's own host. */
  get service(): string {
    return this.#text('service');
  }

  set service(address: string) {
    this.#setText('service', address);
  }

  get codeUrl(): string {
    return this.#text('code-url');
  }

  set codeUrl(address: string) {
    this.#setText('code-url', address);
  }

  get poster(): string {
    return this.#text('poster');
  }

  set poster(address: string) {
    this.#setText('poster', address);
  }

  /** `on`, `download-only` or `off`. */
  get sharing(): string {
    return this.#text('sharing') || 'on';
  }

  set sharing(sharing: string) {
    this.#setText('sharing', sharing);
  }

  /** Kilobits a second; undefined for no cap. */
  get uploadCap(): number | undefined {
    return this.#number('upload-cap');
  }

  set uploadCap(kbps: number | undefined) {
    this.#setNumber('upload-cap', kbps);
  }

  /** Distance to the live edge to aim at, ms; undefined for the default. */
  get latency(): number | undefined {
    return this.#number('latency');
  }

  set latency(ms: number | undefined) {
    this.#setNumber('latency', ms);
  }

  get autoplay(): boolean {
    return this.hasAttribute('autoplay');
  }

  set autoplay(wanted: boolean) {
    this.toggleAttribute('autoplay', wanted);
  }

  get controls(): boolean {
    return this.hasAttribute('controls');
  }

  set controls(wanted: boolean) {
    this.toggleAttribute('controls', wanted);
  }

  #text(name: Attribute): string {
    return this.getAttribute(name) ?? '';
  }

  #setText(name: Attribute, value: string | null | undefined): void {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  #number(name: Attribute): number | undefined {
    const text = this.getAttribute(name);
    return text === null || text === '' ? undefined : Number(text);
  }

  #setNumber(name: Attribute, value: number | null | undefined): void {
    this.#setText(name, value === null || value === undefined ? undefined : String(value));
  }
}

/** Properties that a page may have set before the element was defined. */
export const REFLECTED = [
  'src',
  'service',
  'codeUrl',
  'poster',
  'sharing',
  'uploadCap',
  'latency',
  'autoplay',
  'controls',
] as const;
