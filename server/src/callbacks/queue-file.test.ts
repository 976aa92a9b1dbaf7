import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshFolder } from '../testing/folders.ts';
import { QueueFile, replay } from './queue-file.ts';
import { pushEvent } from './testing/events.ts';

const fresh = (): string => freshFolder('queue');
const event = pushEvent();

test('what waits comes back after the file was opened anew, in its order and with its failures', async () => {
  const dir = fresh();
  const { file } = await QueueFile.open(dir);
  await Promise.all([
    file.append({ put: 1, bizid: 8, event, dueMs: 5 }),
    file.append({ put: 2, bizid: 8, event, dueMs: 6 }),
    file.append({ put: 3, bizid: 9, event, dueMs: 7 }),
  ]);
  await file.append({ failed: 2, failures: 4, dueMs: 99 });
  await file.append({ gone: 1 });
  // Not closed: as after a crash.
  const again = await QueueFile.open(dir);
  expect(again.waiting).toEqual([
    { id: 2, bizid: 8, event, failures: 4, dueMs: 99 },
    { id: 3, bizid: 9, event, failures: 0, dueMs: 7 },
  ]);
  await file.close();
  await again.file.close();
});

test('every crash in the middle of a write leaves all lines before it', async () => {
  const dir = fresh();
  const { file } = await QueueFile.open(dir);
  for (let id = 1; id <= 3; id++) await file.append({ put: id, bizid: 8, event, dueMs: id });
  await file.close();
  const whole = readFileSync(join(dir, 'callbacks.jsonl'));
  const ends = [...whole.keys()].filter((at) => whole[at] === 0x0a);
  for (let length = 0; length <= whole.length; length++) {
    // A line counts with its last character; the line feed may be missing.
    const complete = ends.filter((end) => end <= length).length;
    expect(replay(whole.subarray(0, length).toString('utf8')).waiting.length).toBe(complete);
  }
});

test('a torn last line does not spoil what is written behind it', async () => {
  const dir = fresh();
  writeFileSync(join(dir, 'callbacks.jsonl'), `${JSON.stringify({ put: 1, bizid: 8, event, dueMs: 1 })}\n{"put":2,"bi`);
  const { file, waiting } = await QueueFile.open(dir);
  expect(waiting.map(({ id }) => id)).toEqual([1]);
  await file.append({ put: 3, bizid: 8, event, dueMs: 3 });
  await file.close();
  const again = await QueueFile.open(dir);
  expect(again.waiting.map(({ id }) => id)).toEqual([1, 3]);
  await again.file.close();
});

test('lines that say nothing known are left out', () => {
  const lines = [
    'null',
    '[]',
    '{"put":"1"}',
    '{"put":1,"bizid":1,"dueMs":1,"event":{}}',
    '{"failed":7,"failures":1,"dueMs":2}',
  ];
  expect(replay(lines.join('\n'))).toEqual({ waiting: [], wills: [] });
});

test('history does not grow without end, and nothing that waits is lost when it is shortened', async () => {
  const dir = fresh();
  const { file } = await QueueFile.open(dir);
  await file.append({ put: 1, bizid: 8, event, dueMs: 1 });
  const work: Promise<void>[] = [];
  for (let id = 2; id <= 3000; id++) {
    work.push(file.append({ put: id, bizid: 8, event, dueMs: id }));
    if (id < 3000) work.push(file.append({ gone: id }));
    if (id % 100 === 0) await Promise.all(work);
  }
  await Promise.all(work);
  await file.close();
  const lines = readFileSync(join(dir, 'callbacks.jsonl'), 'utf8').trimEnd().split('\n').length;
  expect(lines).toBeLessThan(2500);
  const again = await QueueFile.open(dir);
  expect(again.waiting.map(({ id }) => id)).toEqual([1, 3000]);
  await again.file.close();
});

test('a directory that cannot be made is said in a sentence', async () => {
  const dir = fresh();
  writeFileSync(join(dir, 'file'), '');
  await expect(QueueFile.open(join(dir, 'file', 'deeper'))).rejects.toMatchObject({ code: 'server/bad-config' });
});

test('a will is there after a crash, and gone once it is revoked', async () => {
  const dir = fresh();
  const { file } = await QueueFile.open(dir);
  await file.append({ will: 1, bizid: 8, event });
  await file.append({ will: 2, bizid: 8, event });
  await file.append({ revoked: 1 });
  const again = await QueueFile.open(dir);
  expect(again.wills).toEqual([{ id: 2, bizid: 8, event }]);
  expect(again.waiting).toEqual([]);
  await file.close();
  await again.file.close();
});

test('after a write that failed the file is written anew, so that nothing stands behind half a line', async () => {
  const dir = fresh();
  const { file } = await QueueFile.open(dir);
  await file.append({ put: 1, bizid: 8, event, dueMs: 1 });
  // The disk takes nothing any more.
  await file.close();
  await expect(file.append({ put: 2, bizid: 8, event, dueMs: 2 })).rejects.toThrow();
  writeFileSync(join(dir, 'callbacks.jsonl'), '{"put":1,"bizid":8,"event":{"stre', { flag: 'w' });
  await file.append({ put: 3, bizid: 8, event, dueMs: 3 }).catch(() => undefined);
  const again = await QueueFile.open(dir);
  expect(again.waiting.map(({ id }) => id)).toEqual([1, 2, 3]);
  await again.file.close();
});
