/**
 * What a customer would write: a player on a video element, and a page that shows what it does. `?url=` plays another
 * stream than the server's sample.
 */
import { createPlayer, type PlayerStats, type Sharing } from 'shoal';
import { ByteChart } from './byte-chart.ts';
import { element, showExplanation, showNeighbours, showTiles } from './panels.ts';

const query = new URLSearchParams(location.search);
const url = query.get('url') ?? '/live/demo.flv';
const video = element('video', HTMLVideoElement);

const player = createPlayer({ url, video });

element('stream', HTMLElement).textContent = new URL(url, location.href).href;
element('another', HTMLAnchorElement).href = location.href;

const banner = element('banner', HTMLElement);
const log = element('log', HTMLOListElement);
const note = (line: string): void => {
  const item = document.createElement('li');
  item.textContent = `${new Date().toLocaleTimeString()}  ${line}`;
  log.prepend(item);
  while (log.children.length > 100) log.lastElementChild?.remove();
};

const BANNERS: Partial<Record<PlayerStats['state'], string>> = {
  starting: 'Starting…',
  stalled: 'Waiting for data…',
  'source-outage': 'The source is silent; playback goes on when it returns.',
  ended: 'The stream has ended.',
  failed: 'This stream cannot be played; see below.',
};

player.on('state', ({ state }) => {
  const text = BANNERS[state];
  banner.hidden = text === undefined;
  banner.textContent = text ?? '';
});
player.on('started', ({ mode, startupMs }) => note(`first picture after ${Math.round(startupMs)} ms (${mode})`));
player.on('stalled', () => note('stalled'));
player.on('resumed', ({ stalledMs }) => note(`goes on after ${Math.round(stalledMs)} ms`));
player.on('epoch', ({ epoch }) => note(`epoch ${epoch}`));
player.on('error', ({ code, message }) => note(`${code}: ${message}`));
player.on('fellBack', ({ to, reason }) => note(`fell back to ${to}: ${reason}`));
player.on('ended', () => note('ended'));

const chart = new ByteChart(element('chart', HTMLCanvasElement));
player.on('stats', (stats) => {
  showTiles(stats);
  if (stats.viewer === undefined) return;
  chart.add(performance.now(), stats.viewer);
  showNeighbours(stats.viewer);
});
setInterval(() => void player.explain().then(showExplanation), 2000);

const sharing = element('sharing', HTMLSelectElement);
sharing.addEventListener('change', () => player.setSharing(sharing.value as Sharing));
const cap = element('cap', HTMLInputElement);
cap.addEventListener('change', () => player.setUploadCap(cap.value === '' ? undefined : Number(cap.value)));
element('controls', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());

// For the console, and for whoever drives this page.
Object.assign(window, { player });
