/**
 * The attributes of the element, and the options of a player that follow from them. Values are checked where all options
 * are, so that a wrong one is named the same way everywhere.
 */
import type { PlayerOptions, Sharing } from '../player/options.ts';

/** Attributes that name another stream, or another way to it: a change starts afresh. */
const AFRESH = ['src', 'service', 'code-url', 'latency', 'neighbours', 'memory', 'metered', 'when-hidden'] as const;

/** Attributes that are heeded in mid-play. */
const IN_PLAY = ['sharing', 'upload-cap', 'muted', 'autoplay', 'controls', 'poster', 'aria-label'] as const;

/** An attribute the element looks at. */
export type Attribute = (typeof AFRESH)[number] | (typeof IN_PLAY)[number];

/** All of them. */
export const observedAttributes: readonly Attribute[] = [...AFRESH, ...IN_PLAY];

/** Whether a change of this attribute means another start. */
export const startsAfresh = (name: string): boolean => (AFRESH as readonly string[]).includes(name);

/** Options a page sets by the property `options`, since no attribute can hold them. */
export type ElementOptions = Pick<
  PlayerOptions,
  'code' | 'tokenProvider' | 'originKeys' | 'consent' | 'iceServers' | 'debug' | 'log'
>;

/** The part of an element that is read. */
export interface AttributeFace {
  getAttribute(name: string): string | null;
}

/** The options of a player on this element; undefined without an address. */
export const optionsOf = (
  element: AttributeFace,
  video: HTMLVideoElement,
  more: ElementOptions,
): PlayerOptions | undefined => {
  const url = element.getAttribute('src')?.trim();
  if (url === undefined || url === '') return undefined;
  const text = (name: Attribute): string | undefined => element.getAttribute(name) ?? undefined;
  return {
    ...more,
    ...defined({
      service: text('service'),
      codeUrl: text('code-url'),
      latencyMs: numberOf(text('latency')),
      neighbours: numberOf(text('neighbours')),
      memoryMb: numberOf(text('memory')),
      metered: text('metered') as PlayerOptions['metered'],
      whenHidden: text('when-hidden') as PlayerOptions['whenHidden'],
      sharing: text('sharing') as Sharing | undefined,
      uploadCapKbps: capOf(text('upload-cap')),
    }),
    url,
    video,
    autoplay: true,
  };
};

/** A cap in kilobits a second; undefined for none. */
export const capOf = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text);

/** No number becomes NaN, which the check of options refuses by name. */
const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

const defined = <T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
