// Names of the forms of a stream that are made from it: `<path>~aac` with AAC sound, `<path>~<rate>` in another rate.

/** What is added to the path of a stream for its form with AAC sound. */
export const AAC_FORM = '~aac';

/** Path and form of a derived stream, or undefined for a path that names none. */
export const splitDerived = (path: string): { readonly base: string; readonly form: string } | undefined => {
  const [, base, form] = /^(.+)~([\w-]+)$/.exec(path) ?? [];
  return base === undefined || form === undefined || base.includes('~') ? undefined : { base, form };
};
