// What an option is, and the kinds of which there are many.

import { readText, readWebUrl, readWhole } from './option-values.ts';

/** One option. */
export interface Option<T> {
  /** Long flag first. */
  readonly flags: readonly string[];
  /** What stands for the value in the help; a switch has none. */
  readonly value?: string;
  readonly help: string;
  readonly fallback: T;
  /** What is expected, for the sentence of an error. */
  readonly wants: string;
  /** True when the flag may be given several times; `read` then gets a list. */
  readonly many?: boolean;
  /** Takes a flag's text or a value of the configuration file; undefined when it cannot be used. */
  readonly read: (value: unknown) => T | undefined;
}

/** An option; its type follows from what it reads. */
export const option = <T>(shape: Option<T>): Option<T> => shape;

/** A text that may be absent. */
export const text = (flags: readonly string[], value: string, help: string): Option<string | undefined> =>
  option<string | undefined>({ flags, value, help, fallback: undefined, wants: 'a text', read: readText });

/** A whole number within bounds. */
export interface WholeShape {
  readonly value: string;
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
}

/** A web address that may be absent. */
export const webUrl = (flags: readonly string[], value: string, help: string): Option<string | undefined> =>
  option<string | undefined>({ flags, value, help, fallback: undefined, wants: 'an http(s) URL', read: readWebUrl });

/** A whole number. */
export const whole = (flags: readonly string[], help: string, shape: WholeShape): Option<number> =>
  option({
    flags,
    value: shape.value,
    help,
    fallback: shape.fallback,
    wants: `a whole number from ${shape.least} to ${shape.most}`,
    read: readWhole(shape.least, shape.most),
  });
