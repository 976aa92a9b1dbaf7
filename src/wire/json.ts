/**
 * Guards for the JSON half of the protocol. A guard takes an unknown value and returns a checked one or undefined, so
 * nothing past this room ever sees an unchecked field.
 */

/** An object with unknown members, or undefined for anything else. */
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;

/** A text of at most `most` characters. */
export const asText = (value: unknown, most: number): string | undefined =>
  typeof value === 'string' && value.length <= most ? value : undefined;

/** A finite number within bounds. */
export const asNumber = (value: unknown, least: number, most: number): number | undefined =>
  typeof value === 'number' && value >= least && value <= most ? value : undefined;

/** A whole number within bounds. */
export const asWhole = (value: unknown, least: number, most: number): number | undefined =>
  Number.isSafeInteger(value) ? asNumber(value, least, most) : undefined;

/** A list of at most `most` members, each passing the guard. */
export const asList = <T>(value: unknown, most: number, guard: (member: unknown) => T | undefined): T[] | undefined => {
  if (!Array.isArray(value) || value.length > most) return undefined;
  const list: T[] = [];
  for (const member of value) {
    const checked = guard(member);
    if (checked === undefined) return undefined;
    list.push(checked);
  }
  return list;
};

/** The value of a JSON text, or undefined when it is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
