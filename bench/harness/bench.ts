/**
 * What a benchmark is: a name, options with defaults, a run that ends in figures, and goals the figures are held to.
 */

/** What a benchmark found; names are those of its documentation. */
export type Figures = Readonly<Record<string, number | string | boolean>>;

/** A bound that a figure must keep. */
export interface Goal {
  readonly figure: string;
  readonly is: 'at least' | 'at most';
  readonly value: number;
}

/** What a benchmark is given. */
export interface Run {
  /** The value of an option as a number; the default where it was not given. */
  number(name: string): number;
  /** Progress for whoever watches; never part of the result. */
  say(text: string): void;
}

/** One benchmark. */
export interface Bench {
  readonly about: string;
  /** Option names and their defaults. */
  readonly options: Readonly<Record<string, number>>;
  run(run: Run): Promise<Figures>;
  goals(figures: Figures): readonly Goal[];
}

/** The goals that the figures miss, in words; a figure that is absent or no number misses its goal. */
export const missedGoals = (figures: Figures, goals: readonly Goal[]): string[] =>
  goals.flatMap(({ figure, is, value }) => {
    const found = figures[figure];
    const kept = typeof found === 'number' && (is === 'at least' ? found >= value : found <= value);
    return kept ? [] : [`${figure} is ${found ?? 'absent'}, should be ${is} ${value}`];
  });

/** Rounds for reading: four significant digits below a thousand, whole numbers above. */
export const tidy = (value: number): number =>
  Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
