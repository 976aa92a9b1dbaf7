/**
 * Throws broken input at a decoder: truncated, overlong, flipped, spliced and random bytes, all from one seed. A decoder
 * passes when every input ends in a value that encodes back to the same bytes, or in a fault with a known code.
 */
import { type Random, random } from '../../../wasm/testing/random.ts';
import { errorCodes, type Fault } from '../../errors.ts';
import { sameBytes, toHex } from '../bytes.ts';

/** A decoder and what is needed to judge it. */
export interface Target<T> {
  readonly name: string;
  readonly decode: (bytes: Uint8Array) => T | Fault;
  /** The bytes of an accepted value; undefined where a value does not say all its bytes. */
  readonly encode?: (value: T) => Uint8Array;
  /** Good messages to start from. */
  readonly samples: readonly Uint8Array[];
}

/** Runs so many cases; a sentence about the first bad one, or undefined. */
export const fuzz = <T>(target: Target<T>, seed: number, cases: number): string | undefined => {
  const dice = random(seed);
  for (let run = 0; run < cases; run++) {
    const input = mutate(dice, target.samples);
    const complaint = judge(target, input);
    if (complaint !== undefined) return `${target.name}, seed ${seed}, case ${run}, ${toHex(input)}: ${complaint}`;
  }
  return undefined;
};

/** Every proper prefix of every sample must be a fault; a sentence about the first that is not, or undefined. */
export const truncate = <T>(target: Target<T>): string | undefined => {
  for (const sample of target.samples) {
    for (let length = 0; length < sample.length; length++) {
      const complaint = judge(target, sample.subarray(0, length));
      if (complaint !== undefined) return `${target.name}, first ${length} bytes: ${complaint}`;
      const value: unknown = target.decode(sample.subarray(0, length));
      if (!isFault(value)) return `${target.name}, first ${length} bytes of ${toHex(sample)} were accepted`;
    }
  }
  return undefined;
};

/** Whether a decoder's answer is a fault with a code of the table. */
export const isFault = (value: unknown): value is Fault =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'fault';

const judge = <T>(target: Target<T>, input: Uint8Array): string | undefined => {
  const before = toHex(input);
  let value: T | Fault;
  try {
    value = target.decode(input);
  } catch (error) {
    return `threw ${String(error)}`;
  }
  if (toHex(input) !== before) return 'changed its input';
  if (typeof value !== 'object' || value === null) return `gave ${String(value)}`;
  if (isFault(value)) return errorCodes.includes(value.code) ? undefined : `fault of unknown code ${value.code}`;
  if (target.encode === undefined) return undefined;
  const again = target.encode(value as T);
  return sameBytes(again, input) ? undefined : `accepted, but encodes to ${toHex(again)}`;
};

const mutate = (dice: Random, samples: readonly Uint8Array[]): Uint8Array => {
  const sample = samples[dice.below(samples.length)] ?? new Uint8Array(0);
  switch (dice.below(6)) {
    case 0:
      return sample.slice(0, dice.below(sample.length + 1));
    case 1:
      return joined(sample, anyBytes(dice, 1 + dice.below(40)));
    case 2:
      return flipped(dice, sample, 1);
    case 3:
      return flipped(dice, sample, 1 + dice.below(8));
    case 4: {
      const other = samples[dice.below(samples.length)] ?? sample;
      return joined(sample.subarray(0, dice.below(sample.length + 1)), other.subarray(dice.below(other.length + 1)));
    }
    default: {
      const noise = anyBytes(dice, dice.below(300));
      const first = sample[0];
      if (first !== undefined && noise.length > 0 && dice.below(2) === 0) noise[0] = first;
      return noise;
    }
  }
};

const anyBytes = (dice: Random, length: number): Uint8Array => Uint8Array.from({ length }, () => dice.below(256));

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
};

const flipped = (dice: Random, sample: Uint8Array, bits: number): Uint8Array => {
  const copy = sample.slice();
  for (let count = 0; count < bits && copy.length > 0; count++) {
    const at = dice.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << dice.below(8));
  }
  return copy;
};
