/**
 * A chart of the last two minutes: what came from neighbours and from the origin, stacked, and what was given on, as a
 * line, all in kilobits a second.
 */
import type { ViewerStats } from 'shoal';

interface Sample {
  readonly atMs: number;
  readonly neighbours: number;
  readonly origin: number;
  readonly uploaded: number;
}

interface Totals {
  readonly atMs: number;
  readonly stats: Pick<ViewerStats, 'neighbourBytes' | 'originBytes' | 'uploadedBytes'>;
}

const SPAN_MS = 120_000;
const AXIS_PX = 46;

/** The chart on one canvas. */
export class ByteChart {
  readonly #canvas: HTMLCanvasElement;
  readonly #samples: Sample[] = [];
  #last: Totals | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#draw()).observe(canvas);
  }

  /** Takes a snapshot; totals that fell mean a fresh worker and start the count anew. */
  add(atMs: number, stats: ViewerStats): void {
    const last = this.#last;
    this.#last = { atMs, stats };
    if (last === undefined || stats.originBytes < last.stats.originBytes) return;
    const kbitPerSec = (now: number, before: number): number => ((now - before) * 8) / (atMs - last.atMs);
    this.#samples.push({
      atMs,
      neighbours: kbitPerSec(stats.neighbourBytes, last.stats.neighbourBytes),
      origin: kbitPerSec(stats.originBytes, last.stats.originBytes),
      uploaded: kbitPerSec(stats.uploadedBytes, last.stats.uploadedBytes),
    });
    while ((this.#samples[0]?.atMs ?? atMs) < atMs - SPAN_MS) this.#samples.shift();
    this.#draw();
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = devicePixelRatio;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    const pen = this.#canvas.getContext('2d');
    const newest = this.#samples.at(-1)?.atMs;
    if (pen === null || newest === undefined) return;
    pen.scale(scale, scale);
    const top = niceTop(
      Math.max(...this.#samples.map((sample) => Math.max(sample.neighbours + sample.origin, sample.uploaded))),
    );
    const xOf = (atMs: number): number => width - ((newest - atMs) / SPAN_MS) * (width - AXIS_PX);
    const yOf = (value: number): number => height - 6 - (value / top) * (height - 16);
    this.#drawAxis(pen, { width, top, yOf });
    const bottom = this.#samples.map(() => 0);
    const middle = this.#samples.map((sample) => sample.neighbours);
    const upper = this.#samples.map((sample) => sample.neighbours + sample.origin);
    const place = { xOf, yOf };
    this.#fill(pen, { ...place, from: bottom, to: middle, colour: '--neighbours' });
    this.#fill(pen, { ...place, from: middle, to: upper, colour: '--origin' });
    this.#line(pen, place);
  }

  #drawAxis(pen: CanvasRenderingContext2D, at: { width: number; top: number; yOf: (value: number) => number }): void {
    pen.font = '11px system-ui, sans-serif';
    pen.lineWidth = 1;
    for (const share of [0, 0.5, 1]) {
      const y = Math.round(at.yOf(at.top * share)) + 0.5;
      pen.strokeStyle = colourOf('--line');
      pen.beginPath();
      pen.moveTo(AXIS_PX, y);
      pen.lineTo(at.width, y);
      pen.stroke();
      pen.fillStyle = colourOf('--quiet');
      pen.fillText(rateText(at.top * share), 0, y + 4);
    }
  }

  #fill(
    pen: CanvasRenderingContext2D,
    band: {
      readonly xOf: (atMs: number) => number;
      readonly yOf: (value: number) => number;
      readonly from: readonly number[];
      readonly to: readonly number[];
      readonly colour: string;
    },
  ): void {
    pen.beginPath();
    for (const [index, sample] of this.#samples.entries())
      pen.lineTo(band.xOf(sample.atMs), band.yOf(band.to[index] ?? 0));
    for (const [index, sample] of [...this.#samples.entries()].reverse()) {
      pen.lineTo(band.xOf(sample.atMs), band.yOf(band.from[index] ?? 0));
    }
    pen.closePath();
    pen.fillStyle = colourOf(band.colour);
    pen.fill();
  }

  #line(pen: CanvasRenderingContext2D, place: { xOf: (atMs: number) => number; yOf: (value: number) => number }): void {
    pen.beginPath();
    for (const sample of this.#samples) pen.lineTo(place.xOf(sample.atMs), place.yOf(sample.uploaded));
    pen.strokeStyle = colourOf('--uploaded');
    pen.lineWidth = 2;
    pen.stroke();
  }
}

const colourOf = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name);

const rateText = (kbit: number): string => (kbit < 1000 ? `${Math.round(kbit)} k` : `${(kbit / 1000).toFixed(1)} M`);

/** The next round number above the highest value. */
const niceTop = (value: number): number => {
  const step = 10 ** Math.floor(Math.log10(Math.max(value, 100)));
  return Math.ceil(value / step) * step || 100;
};
