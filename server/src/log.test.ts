import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileSink, type LineSink, makeLog } from './log.ts';

const newDir = (): string => join(mkdtempSync(join(tmpdir(), 'shoal-')), 'logs');

test('writes one JSON object a line, and debug only when verbose', async () => {
  const lines: string[] = [];
  const sink: LineSink = { line: (text) => lines.push(text), close: async () => undefined };
  makeLog(sink, false, () => 0).write('debug', 'hidden');
  makeLog(sink, true, () => 0).write('debug', 'shown', { stream: '/a"b', count: 2 });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { at: '1970-01-01T00:00:00.000Z', level: 'debug', event: 'shown', stream: '/a"b', count: 2 },
  ]);
  expect(lines[0]?.endsWith('\n')).toBe(true);
});

test('keeps three files of bounded size', async () => {
  const dir = newDir();
  for (let n = 0; n < 10; n++) {
    const sink = new FileSink(dir, 200);
    sink.line(`${String(n).repeat(149)}\n`);
    await sink.close();
  }
  expect(readdirSync(dir).sort()).toEqual(['shoal-server.log', 'shoal-server.log.1', 'shoal-server.log.2']);
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).size).toBeLessThanOrEqual(200);
  expect(readFileSync(join(dir, 'shoal-server.log'), 'utf8')[0]).toBe('9');
  expect(readFileSync(join(dir, 'shoal-server.log.2'), 'utf8')[0]).toBe('7');
});

test('says how many lines it had to drop', async () => {
  const dir = newDir();
  const sink = new FileSink(dir);
  for (let n = 0; n < 3; n++) sink.line(`${'x'.repeat(500_000)}\n`);
  await sink.close();
  expect(readFileSync(join(dir, 'shoal-server.log'), 'utf8')).toContain('"log-lines-dropped","count":1');
});

test('a log that cannot be written does not stop anything', async () => {
  const sink = new FileSink('/dev/null/nowhere');
  const written: unknown[] = [];
  const write = process.stderr.write;
  process.stderr.write = ((text: unknown) => written.push(text) > 0) as typeof write;
  try {
    sink.line('lost\n');
    await sink.close();
  } finally {
    process.stderr.write = write;
  }
  expect(written).toEqual(['lost\n']);
});
