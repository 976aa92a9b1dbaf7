// What is known of a recording, in a file beside its media: written before there is anything to know of it, so that a server
// that was killed finishes it at its next start.

import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { asRecord, parseJson } from '../../../src/wire/json.ts';
import type { StreamFacts } from '../bypass/push-events.ts';
import type { FinishedFile } from './format-writer.ts';
import type { PartFacts } from './tape.ts';

/** A part of a recording. */
export interface RecordedPart extends PartFacts {
  readonly name: string;
  /** Formats that were asked for of this part: a sum of bits. */
  readonly formats: number;
  /** Undefined while it is being written. */
  readonly files: readonly FinishedFile[] | undefined;
  /** Formats whose files the customer's server has been told of. */
  readonly told: readonly string[];
}

/** A recording. */
export interface RecordSheet {
  readonly task: string;
  readonly bizid: number;
  readonly facts: StreamFacts;
  readonly formats: number;
  readonly how: 'auto' | 'manual';
  readonly isReported: boolean;
  /** Unix time, ms. */
  readonly beganMs: number;
  readonly endedMs: number | undefined;
  readonly state: 'recording' | 'blocked' | 'finishing' | 'finished';
  /** What went wrong last, in words. */
  readonly trouble: string | undefined;
  readonly parts: readonly RecordedPart[];
}

const FILE = 'recording.json';

/** Writes a sheet, whole or not at all. */
export const writeSheet = async (dir: string, sheet: RecordSheet): Promise<void> => {
  const path = join(dir, FILE);
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(JSON.stringify(sheet));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
};

/** The sheet of a folder; undefined where there is none that makes sense. */
export const readSheet = (dir: string): RecordSheet | undefined => {
  let text: string;
  try {
    text = readFileSync(join(dir, FILE), 'utf8');
  } catch {
    return undefined;
  }
  const fields = asRecord(parseJson(text));
  // We wrote it ourselves, whole or not at all.
  return typeof fields?.task === 'string' && Array.isArray(fields.parts)
    ? (fields as unknown as RecordSheet)
    : undefined;
};
