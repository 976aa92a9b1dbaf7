// The origin's signing key in a file: made once, readable by its owner only.

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { ShoalError } from '../../../src/errors.ts';
import { fromHex, toHex } from '../../../src/wire/bytes.ts';

const SEED_BYTES = 32;

/** The seed in a file (64 hexadecimal digits); a fresh one when there is no file, kept in it if it is named. */
export const readSeed = async (path: string | undefined): Promise<Uint8Array<ArrayBuffer>> => {
  if (path === undefined) return new Uint8Array(randomBytes(SEED_BYTES));
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return makeSeed(path);
  const seed = fromHex(text.trim());
  if (seed?.length === SEED_BYTES) return seed;
  throw new ShoalError('server/bad-config', { detail: '--seed-file holds no 64 hexadecimal digits' });
};

const makeSeed = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
  const seed = new Uint8Array(randomBytes(SEED_BYTES));
  try {
    await writeFile(path, `${toHex(seed)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new ShoalError('server/bad-config', { detail: '--seed-file can be neither read nor written', cause });
  }
  return seed;
};
