/**
 * The parts of the page that show numbers: tiles under the picture, the table of neighbours, the explanation.
 */
import type { PlayerStats, ViewerStats } from 'shoal';

/** An element that the page has. */
export const element = <E extends HTMLElement>(id: string, kind: new () => E): E => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${kind.name} #${id}`);
  return found;
};

/** Bytes for people. */
export const sizeOf = (bytes: number): string =>
  bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

const millis = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value)} ms`);

/** Fills the tiles. */
export const showTiles = (stats: PlayerStats): void => {
  const { viewer } = stats;
  const facts: readonly (readonly [string, string])[] = [
    ['state', stats.state],
    ['behind live', millis(viewer?.latencyMs)],
    ['buffered ahead', millis(stats.bufferAheadMs)],
    ['first picture', millis(stats.startupMs)],
    ['stalls', String(stats.stalls)],
    ['mesh lag p95', millis(viewer?.lagMsP95)],
    ['substreams from neighbours', viewer === undefined ? '–' : `${viewer.fromNeighbours} of ${viewer.substreams}`],
    ['repaired', viewer === undefined ? '–' : `${viewer.repairsFromNeighbours} + ${viewer.repairsFromOrigin}`],
  ];
  element('tiles', HTMLElement).replaceChildren(...facts.map(([name, value]) => tile(name, value)));
};

const tile = (name: string, value: string): HTMLElement => {
  const box = document.createElement('div');
  const term = document.createElement('dt');
  const fact = document.createElement('dd');
  term.textContent = name;
  fact.textContent = value;
  box.append(term, fact);
  return box;
};

/** Fills the table of neighbours and the shares above the chart. */
export const showNeighbours = (viewer: ViewerStats): void => {
  const { neighbours, neighbourBytes, originBytes, uploadedBytes, substreams } = viewer;
  const all = Math.max(1, neighbourBytes + originBytes);
  element('share-neighbours', HTMLElement).textContent = `${Math.round((100 * neighbourBytes) / all)} %`;
  element('share-origin', HTMLElement).textContent = `${Math.round((100 * originBytes) / all)} %`;
  element('share-uploaded', HTMLElement).textContent = sizeOf(uploadedBytes);
  element('alone', HTMLElement).hidden = neighbours.length > 0;
  element('neighbours', HTMLElement).replaceChildren(...neighbours.map((neighbour) => row(neighbour, substreams)));
};

const row = (neighbour: ViewerStats['neighbours'][number], substreams: number): HTMLTableRowElement => {
  const line = document.createElement('tr');
  const cells = document.createElement('span');
  cells.className = 'cells';
  for (let substream = 0; substream < substreams; substream++) {
    const cell = document.createElement('span');
    if (neighbour.parentOf.includes(substream)) cell.className = 'parent';
    else if (neighbour.childOf.includes(substream)) cell.className = 'child';
    cell.title = `substream ${substream}`;
    cells.append(cell);
  }
  const texts = [
    neighbour.viewer.slice(0, 6),
    millis(neighbour.rttMs),
    sizeOf(neighbour.bytesIn),
    sizeOf(neighbour.bytesOut),
  ];
  for (const text of texts) line.insertCell().textContent = text;
  line.insertCell().append(cells);
  return line;
};

/** Fills the explanation. */
export const showExplanation = (sentences: readonly string[]): void => {
  const items = sentences.map((sentence) => {
    const item = document.createElement('li');
    item.textContent = sentence;
    return item;
  });
  element('explain', HTMLElement).replaceChildren(...items);
};
