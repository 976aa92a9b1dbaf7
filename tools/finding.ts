// What every check returns: a list of findings, empty when all is well.

/** One thing that breaks a rule of the house. */
export interface Finding {
  /** Path from the project root, with `:line` where a line is known. */
  readonly where: string;
  /** What is wrong, and what to do about it. */
  readonly what: string;
}

/** A rule of the house: given the project root, everything that breaks it. */
export type Check = (root: string) => Promise<readonly Finding[]> | readonly Finding[];
