// One segment from somebody else's server, no larger than it may be.

/** What a name stands for. */
export interface SegmentTarget {
  readonly name: string;
  readonly address: string;
  readonly range: { readonly first: number; readonly last: number } | undefined;
}

const WITHIN_MS = 15_000;
const PARTIAL = 206;

/** The segment, or undefined where there is none. Rejects when the server cannot be reached. */
export const fetchSegment = async (
  { address, range }: SegmentTarget,
  most: number,
  stop: AbortSignal,
): Promise<Uint8Array | undefined> => {
  const headers = range === undefined ? {} : { range: `bytes=${range.first}-${range.last}` };
  const signal = AbortSignal.any([stop, AbortSignal.timeout(WITHIN_MS)]);
  // A host that sends us elsewhere would choose whom we ask.
  const response = await fetch(address, { headers, signal, redirect: 'error' });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    return undefined;
  }
  const body = await readAll(response.body, most);
  if (body === undefined || range === undefined) return body;
  const bytes = response.status === PARTIAL ? body : body.subarray(range.first, range.last + 1);
  return bytes.length === range.last - range.first + 1 ? bytes : undefined;
};

/** All of it; undefined when it is larger than it may be. */
const readAll = async (body: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array | undefined> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.length;
    if (length > most) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(next.value);
  }
  return Buffer.concat(chunks);
};
