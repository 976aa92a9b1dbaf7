// The few words of vitest that the contract suites use, for running them inside a page or a worker. Suites are collected
// when their file runs, and each test reports by name.

/** One test that has run. */
export interface Outcome {
  readonly name: string;
  /** Why it failed; undefined when it passed. */
  readonly failure: string | undefined;
}

interface Test {
  readonly name: string;
  readonly run: () => unknown;
  readonly after: readonly (() => unknown)[];
}

const tests: Test[] = [];
let names: string[] = [];
let hooks: (() => unknown)[] = [];

export const describe = (name: string, define: () => void): void => {
  const outer = { names, hooks };
  names = [...names, name];
  hooks = [...hooks];
  define();
  ({ names, hooks } = outer);
};

export const afterEach = (hook: () => unknown): void => {
  hooks.push(hook);
};

export const it = (name: string, run: () => unknown): void => {
  tests.push({ name: [...names, name].join(' > '), run, after: hooks });
};

const shown = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (ArrayBuffer.isView(inner) ? [...(inner as Uint8Array)] : inner)) ??
  'undefined';

const check = (holds: boolean, text: string): void => {
  if (!holds) throw new Error(text);
};

export const expect = (value: unknown) => ({
  toBe: (wanted: unknown) => check(Object.is(value, wanted), `${shown(value)} is not ${shown(wanted)}`),
  toEqual: (wanted: unknown) =>
    check(shown(value) === shown(wanted), `${shown(value)} does not equal ${shown(wanted)}`),
  toBeLessThanOrEqual: (most: number) => check(Number(value) <= most, `${shown(value)} is above ${most}`),
  not: { toEqual: (other: unknown) => check(shown(value) !== shown(other), `${shown(value)} equals ${shown(other)}`) },
});

const WITHIN_MS = 15_000;

/** Runs everything that was collected. */
export const runAll = async (): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  for (const { name, run, after } of tests) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing within ${WITHIN_MS} ms`)), WITHIN_MS);
    });
    const ran = await Promise.race([Promise.resolve().then(run), late]).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    clearTimeout(timer);
    for (const hook of after) await hook();
    outcomes.push({ name, failure: ran });
  }
  return outcomes;
};
