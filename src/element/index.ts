/**
 * `shoal/element`: a live stream as an element of HTML.
 *
 * @example
 * defineShoalPlayer();
 * document.body.innerHTML = '<shoal-player src="https://live.example/live/demo.flv" autoplay controls></shoal-player>';
 */

/** Options that no attribute can hold. */
export type { ElementOptions } from './attributes.ts';
/** Defines the element; importing does nothing by itself. */
export { defineShoalPlayer } from './define.ts';
/** The texts of the element. */
export { type ElementLabels, englishLabels } from './labels.ts';
/** Where an element's life stands, and whether the browser lets it sound. */
export type { SeatState, SoundState } from './seat.ts';
/** The class behind the element, and what it says. */
export { type ElementEvents, type OwnEvents, ShoalPlayerElement } from './shoal-player-element.ts';
