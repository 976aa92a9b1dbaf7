// What a stream says of its own bitrate, in the metadata of its prelude.

import { asRecord } from '../../../src/wire/json.ts';
import { decodeAmf } from './amf.ts';
import { readTags, SCRIPT_TAG } from './tags.ts';

const KBPS_MAX = 1_000_000;

const kbps = (value: unknown): number => (typeof value === 'number' && value > 0 && value < KBPS_MAX ? value : 0);

/** Bytes a second, or undefined when the metadata does not say. */
export const declaredByteRate = (prelude: Uint8Array): number | undefined => {
  const file = Buffer.from(prelude.buffer, prelude.byteOffset, prelude.byteLength);
  const script = readTags(file).find((tag) => tag.type === SCRIPT_TAG);
  if (script === undefined) return undefined;
  const fields = decodeAmf(script.data)
    .map(asRecord)
    .find((value) => value !== undefined);
  const sum = kbps(fields?.videodatarate) + kbps(fields?.audiodatarate);
  return sum === 0 ? undefined : Math.round((sum * 1000) / 8);
};
