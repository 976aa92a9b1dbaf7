// The files the server reads at run time. They lie beside the bundle when it is installed, and in the rooms that make
// them when it runs from source.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ShoalError } from '../../src/errors.ts';

const find = (what: string, places: readonly string[]): string => {
  const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined)
    throw new ShoalError('server/bad-config', { detail: `${what} is missing; run npm run build` });
  return found;
};

/** The byte core's WebAssembly. */
export const readByteCore = (): Promise<Uint8Array<ArrayBuffer>> =>
  readFile(find('the byte core', ['./shoal.wasm', '../../wasm/dist/shoal.wasm'])) as Promise<Uint8Array<ArrayBuffer>>;

/** The bundled sample stream. */
export const samplePath = (): string => find('the sample', ['./media/sample.flv', '../media/sample.flv']);
