/**
 * The recordings of a day on a line from midnight to midnight, or as close as they are together; a click plays from there.
 */
import { element } from '../panels.ts';

/** A recorded span, Unix seconds. */
export interface Recorded {
  readonly from: number;
  readonly to: number;
}

const HOUR_S = 3600;
/** Recordings of minutes would be hairs on a whole day. */
const LEAST_SHOWN_S = 2 * HOUR_S;
const LABEL_GAP_PX = 10;

/** See above. */
export class Timeline {
  readonly #canvas = element('timeline', HTMLCanvasElement);
  #recorded: readonly Recorded[] = [];
  #from = 0;
  #to = 1;
  #head: number | undefined;

  constructor(chosen: (at: number, recorded: Recorded) => void) {
    this.#canvas.addEventListener('click', ({ offsetX }) => {
      const at = this.#from + (offsetX / this.#canvas.clientWidth) * (this.#to - this.#from);
      const hit = nearest(this.#recorded, at);
      if (hit !== undefined) chosen(Math.min(Math.max(at, hit.from), hit.to - 5), hit);
    });
    new ResizeObserver(() => this.#draw()).observe(this.#canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  show(day: Date, recorded: readonly Recorded[]): void {
    this.#recorded = recorded;
    this.#head = undefined;
    const start = day.getTime() / 1000;
    const first = Math.min(...recorded.map(({ from }) => from), start + 24 * HOUR_S);
    const last = Math.max(...recorded.map(({ to }) => to), start);
    const spare = Math.max(0, LEAST_SHOWN_S - (last - first)) / 2;
    this.#from = Math.max(start, first - spare - HOUR_S / 6);
    this.#to = Math.min(start + 24 * HOUR_S, last + spare + HOUR_S / 6);
    this.#draw();
  }

  /** Where the recording begins that has this moment. */
  startOf(at: number): number {
    return this.#recorded.find(({ from, to }) => from <= at && at < to)?.from ?? at;
  }

  /** Where playback is; undefined for nowhere. */
  mark(at: number | undefined): void {
    this.#head = at;
    this.#draw();
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = devicePixelRatio;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    const paint = this.#canvas.getContext('2d');
    if (paint === null) return;
    paint.scale(scale, scale);
    const style = getComputedStyle(this.#canvas);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const x = (at: number): number => ((at - this.#from) / (this.#to - this.#from)) * width;
    paint.fillStyle = colour('--line');
    paint.fillRect(0, 8, width, 30);
    paint.fillStyle = colour('--neighbours');
    for (const { from, to } of this.#recorded) paint.fillRect(x(from), 8, Math.max(2, x(to) - x(from)), 30);
    this.#ticks(paint, x, colour('--quiet'));
    if (this.#head === undefined) return;
    paint.fillStyle = colour('--origin');
    paint.fillRect(x(this.#head) - 1, 2, 3, 42);
  }

  #ticks(paint: CanvasRenderingContext2D, x: (at: number) => number, colour: string): void {
    const step = [HOUR_S / 4, HOUR_S / 2, HOUR_S, 2 * HOUR_S, 4 * HOUR_S].find((s) => (this.#to - this.#from) / s <= 8);
    const every = step ?? 6 * HOUR_S;
    paint.fillStyle = colour;
    paint.font = '11px system-ui, sans-serif';
    paint.textAlign = 'center';
    let free = 0;
    for (let at = Math.ceil(this.#from / every) * every; at < this.#to; at += every) {
      paint.fillRect(x(at), 38, 1, 5);
      const text = new Date(at * 1000).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
      const half = paint.measureText(text).width / 2;
      // A time that would stand on another one, or beside its mark, is left out.
      if (x(at) - half < free || x(at) + half > this.#canvas.clientWidth) continue;
      paint.fillText(text, x(at), 58);
      free = x(at) + half + LABEL_GAP_PX;
    }
  }
}

const nearest = (recorded: readonly Recorded[], at: number): Recorded | undefined =>
  [...recorded].sort((a, b) => distance(a, at) - distance(b, at))[0];

const distance = ({ from, to }: Recorded, at: number): number => Math.max(from - at, at - to, 0);
