/**
 * Gives the element its name. Until this is called nothing has happened to the page.
 */
import { ShoalPlayerElement } from './shoal-player-element.ts';

declare global {
  interface HTMLElementTagNameMap {
    'shoal-player': ShoalPlayerElement;
  }
}

/** Defines `<shoal-player>`, or the same under another name; does nothing where it is defined already, or on a server. */
export const defineShoalPlayer = (name = 'shoal-player'): void => {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return;
  // One class has one name; another name gets a class of its own.
  const isTaken = customElements.getName?.(ShoalPlayerElement) != null;
  customElements.define(name, isTaken ? class extends ShoalPlayerElement {} : ShoalPlayerElement);
};
