import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Recordings } from './recordings.ts';

const NAME = '1700000000-1700000060.mp4';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-recordings-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wholeOf = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Buffer[] = [];
  // What is yielded is overwritten by what follows.
  for await (const piece of pieces) parts.push(Buffer.from(piece));
  return Buffer.concat(parts);
};

describe('a file', () => {
  test.each([
    [0, 1],
    [0, 512_000],
    [0, 1_500_000],
    [700_001, 1_500_000],
    [511_999, 512_001],
    [1_500_000, 1_500_000],
  ])('is read from %i to %i', async (from, to) => {
    const bytes = randomBytes(1_500_000);
    writeFileSync(join(folder, NAME), bytes);
    const read = await wholeOf(new Recordings(folder).read(NAME, from, to));
    expect(read.equals(bytes.subarray(from, to))).toBe(true);
  });

  test('that grows meanwhile is read as far as was said', async () => {
    const bytes = randomBytes(600_000);
    writeFileSync(join(folder, NAME), bytes);
    const reading = new Recordings(folder).read(NAME, 0, 600_000);
    const first = Buffer.from((await reading.next()).value as Uint8Array);
    appendFileSync(join(folder, NAME), randomBytes(5000));
    expect(Buffer.concat([first, await wholeOf(reading)]).equals(bytes)).toBe(true);
  });

  test('that is shorter than was said ends there', async () => {
    writeFileSync(join(folder, NAME), randomBytes(1000));
    expect((await wholeOf(new Recordings(folder).read(NAME, 0, 2000))).length).toBe(1000);
  });

  test('of another name is none', async () => {
    writeFileSync(join(folder, 'secret.txt'), 'x');
    const recordings = new Recordings(folder);
    for (const name of ['secret.txt', `../${NAME}`, `${NAME}/..`])
      expect(await wholeOf(recordings.read(name, 0, 9))).toHaveLength(0);
  });
});
