/**
 * Changes the rate of a signal: a windowed sinc in as many phases as the ratio of the two rates has, so that every output
 * sample is the filtered input at exactly its time. What the lower rate cannot hold is filtered out instead of folding back.
 */

/** Decibels by which the filter keeps out what does not fit. */
const STOP_DB = 84;
/** Where its edge lies between the highest frequency that is kept whole and the one that is gone, of the lower rate. */
const KEPT = 0.45;
const GONE = 0.5;
/** A ratio of rates that no sound card has would take a table of its own for each sample. */
const PHASES_MAX = 1024;

/** True for rates between which this can convert. */
export const canResample = (from: number, to: number): boolean => {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from <= 0 || to <= 0) return false;
  return to / divisorOf(from, to) <= PHASES_MAX;
};

/** Converts one stream of samples, given in blocks of any length. */
export class Resampler {
  /** Output time advances by `#step` phases of `#phases.length` to the input sample. */
  readonly #phases: readonly Float32Array[];
  readonly #step: number;
  readonly #taps: number;
  #input: Float32Array<ArrayBuffer>;
  /** Samples in `#input`, and the place of the next output among them, in phases. */
  #filled: number;
  #at = 0;

  /** The rates must fit: see `canResample`. */
  constructor(from: number, to: number) {
    const divisor = divisorOf(from, to);
    const [phases, step] = [to / divisor, from / divisor];
    const edge = Math.min(from, to);
    const taps = 2 * Math.ceil(halfLength(from, edge)) + 1;
    this.#phases = Array.from({ length: phases }, (_, phase) => tapsOf({ from, edge, taps, shift: phase / phases }));
    this.#step = step;
    this.#taps = taps;
    // The first output belongs to the first input: what came before is silence.
    this.#filled = (taps - 1) / 2;
    this.#input = new Float32Array(Math.max(4096, 4 * taps));
  }

  /** Input samples an output has to wait for. */
  get delay(): number {
    return (this.#taps - 1) / 2;
  }

  /** Takes a block and returns the samples that are ready. */
  push(block: Float32Array): Float32Array {
    this.#append(block);
    return this.#drain();
  }

  /** Returns what is left: the input has ended, and silence follows. */
  flush(): Float32Array {
    return this.push(new Float32Array(this.delay));
  }

  #append(block: Float32Array): void {
    const needed = this.#filled + block.length;
    if (needed > this.#input.length) {
      const larger = new Float32Array(2 * needed);
      larger.set(this.#input.subarray(0, this.#filled));
      this.#input = larger;
    }
    this.#input.set(block, this.#filled);
    this.#filled = needed;
  }

  #drain(): Float32Array {
    const phases = this.#phases.length;
    const last = this.#filled - this.#taps;
    const count = Math.max(0, Math.floor(((last + 1) * phases - 1 - this.#at) / this.#step) + 1);
    const output = new Float32Array(count);
    for (let index = 0; index < count; index++) {
      output[index] = this.#filtered(Math.floor(this.#at / phases), this.#phases[this.#at % phases]);
      this.#at += this.#step;
    }
    const used = Math.min(Math.floor(this.#at / phases), this.#filled);
    this.#input.copyWithin(0, used, this.#filled);
    this.#filled -= used;
    this.#at -= used * phases;
    return output;
  }

  #filtered(from: number, taps: Float32Array | undefined): number {
    const input = this.#input;
    let sum = 0;
    if (taps === undefined) return sum;
    for (let tap = 0; tap < taps.length; tap++) sum += (taps[tap] as number) * (input[from + tap] as number);
    return sum;
  }
}

interface TapsWish {
  readonly from: number;
  readonly edge: number;
  readonly taps: number;
  /** Part of an input sample by which the output lies behind the middle tap. */
  readonly shift: number;
}

/** Kaiser's window and length for a stop band of `STOP_DB` (Kaiser 1974, in Oppenheim and Schafer). */
const BETA = 0.1102 * (STOP_DB - 8.7);

const halfLength = (from: number, edge: number): number => {
  const width = (2 * Math.PI * (GONE - KEPT) * edge) / from;
  return (STOP_DB - 8) / (2.285 * width) / 2;
};

const tapsOf = ({ from, edge, taps, shift }: TapsWish): Float32Array => {
  const half = (taps - 1) / 2;
  const cutoff = ((KEPT + GONE) / 2) * (edge / from);
  const values = Float64Array.from({ length: taps }, (_, tap) => {
    const time = tap - half - shift;
    return 2 * cutoff * sinc(2 * cutoff * time) * kaiser(time / (half + 1));
  });
  // A constant stays what it is, in every phase alike.
  const sum = values.reduce((total, value) => total + value, 0);
  return Float32Array.from(values, (value) => value / sum);
};

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const kaiser = (x: number): number => (Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA));

/** Modified Bessel function of the first kind, order zero, by its series. */
const bessel = (x: number): number => {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
};

const divisorOf = (a: number, b: number): number => (b === 0 ? a : divisorOf(b, a % b));
