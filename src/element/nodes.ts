/**
 * Nodes by hand: a page's policy may forbid parsed markup and inline styles, but not these.
 */

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element; `text` is an attribute of its own. */
export const make = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly Node[] = [],
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') element.textContent = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

/** Makes an icon from the paths of a 24 by 24 grid; each is shown only in the mode it is named for. */
export const icon = (paths: Readonly<Record<string, string>>): SVGSVGElement => {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  for (const [mode, data] of Object.entries(paths)) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('class', mode);
    path.setAttribute('d', data);
    svg.append(path);
  }
  return svg;
};
