/**
 * The decoder's record of H.264, put right where an encoder writes it wrongly. Firefox (153) writes the first byte of every
 * parameter set twice and leaves out the reserved bits; no player makes sense of that.
 */

const HEAD_BYTES = 6;
const SPS_TYPE = 7;
const COUNT_MASK = 0x1f;
/** All ones before the size of lengths, and before the count of sequence parameter sets. */
const RESERVED = { size: 0xfc, count: 0xe0 } as const;

interface ParameterSets {
  readonly sequence: readonly Uint8Array[];
  readonly picture: readonly Uint8Array[];
  /** What follows them. */
  readonly rest: Uint8Array;
}

/** The record as it has to be: the same bytes where they are right, or where they make no sense at all. */
export const mendAvcRecord = (record: Uint8Array): Uint8Array => {
  const sets = setsOf(record);
  const [first] = sets?.sequence ?? [];
  if (sets === undefined || first === undefined || !beginsTwice(first)) return record;
  const once = (set: Uint8Array): Uint8Array => set.subarray(1);
  const [size = 0, count = 0] = record.subarray(HEAD_BYTES - 2);
  return Uint8Array.from([
    ...record.subarray(0, HEAD_BYTES - 2),
    size | RESERVED.size,
    count | RESERVED.count,
    ...sets.sequence.flatMap((set) => written(once(set))),
    sets.picture.length,
    ...sets.picture.flatMap((set) => written(once(set))),
    ...sets.rest,
  ]);
};

/** A profile stands second; none has the number of a sequence parameter set's first byte. */
const beginsTwice = ([header = 0, profile]: Uint8Array): boolean =>
  (header & COUNT_MASK) === SPS_TYPE && header === profile;

const written = (set: Uint8Array): number[] => [set.length >> 8, set.length & 0xff, ...set];

const setsOf = (record: Uint8Array): ParameterSets | undefined => {
  const sequence = readSets(record, HEAD_BYTES, (record[HEAD_BYTES - 1] ?? 0) & COUNT_MASK);
  const count = sequence === undefined ? undefined : record[sequence.end];
  if (sequence === undefined || count === undefined) return undefined;
  const picture = readSets(record, sequence.end + 1, count);
  if (picture === undefined) return undefined;
  return { sequence: sequence.sets, picture: picture.sets, rest: record.subarray(picture.end) };
};

const readSets = (
  record: Uint8Array,
  from: number,
  count: number,
): { readonly sets: readonly Uint8Array[]; readonly end: number } | undefined => {
  const sets: Uint8Array[] = [];
  let at = from;
  for (let left = count; left > 0; left -= 1) {
    const [high, low] = record.subarray(at, at + 2);
    if (high === undefined || low === undefined) return undefined;
    const end = at + 2 + high * 256 + low;
    if (end > record.length) return undefined;
    sets.push(record.subarray(at + 2, end));
    at = end;
  }
  return { sets, end: at };
};
