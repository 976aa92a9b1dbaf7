import { expect, it, vi } from 'vitest';
import { logToConsole } from './console.ts';
import { createLog, type LogEntry } from './log.ts';

it('keeps the last entries in order and counts them all', () => {
  const log = createLog({ keep: 3, wallMs: () => 0 });
  const writer = log.writer('player');
  for (const text of ['one', 'two', 'three', 'four', 'five']) writer.info(text);
  expect(log.entries().map(({ number, text }) => [number, text])).toEqual([
    [3, 'three'],
    [4, 'four'],
    [5, 'five'],
  ]);
  expect(log.text().split('\n')[0]).toBe('1970-01-01T00:00:00.000Z INFO  [player] three');
  log.clear();
  expect(log.entries()).toEqual([]);
});

it('keeps and tells nothing below its level, which can change', () => {
  const log = createLog({ level: 'warn' });
  const heard: string[] = [];
  log.subscribe(({ text }) => void heard.push(text));
  const writer = log.writer('a');
  writer.info('no');
  writer.error('yes');
  log.level = 'debug';
  writer.debug('now');
  log.level = 'off';
  writer.error('never');
  expect(heard).toEqual(['yes', 'now']);
});

it('tells a subscriber down to its own level, until it leaves', () => {
  const log = createLog({ level: 'debug' });
  const heard: LogEntry[] = [];
  const leave = log.subscribe((entry) => void heard.push(entry), 'warn');
  const writer = log.writer('a');
  writer.info('no');
  writer.warn('yes');
  leave();
  writer.warn('no more');
  expect(heard.map(({ text }) => text)).toEqual(['yes']);
});

it('shows a secret to nobody: neither in its entries nor to a subscriber', () => {
  const log = createLog();
  log.keepSecret('hunter2!');
  const heard: string[] = [];
  log.subscribe(({ text }) => void heard.push(text));
  log.writer('a').info('opens https://x.example/a.flv?tag=me with hunter2!');
  expect([...heard, log.text()].join()).not.toMatch(/hunter2|=me/);
});

it('cuts an endless text', () => {
  const log = createLog();
  log.writer('a').info('x'.repeat(10_000));
  expect(log.entries()[0]?.text.length).toBeLessThan(2100);
});

it('tells the next subscriber although one throws, and lets the page hear of it', () => {
  vi.useFakeTimers();
  const log = createLog();
  const heard: string[] = [];
  log.subscribe(() => {
    throw new TypeError('mine');
  });
  log.subscribe(({ text }) => void heard.push(text));
  log.writer('a').info('on');
  expect(heard).toEqual(['on']);
  expect(() => vi.runAllTimers()).toThrow('mine');
  vi.useRealTimers();
});

it('goes to the console for as long as it is wanted', () => {
  const info = vi.spyOn(console, 'info').mockReturnValue(undefined);
  const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
  const log = createLog();
  const stop = logToConsole(log);
  log.writer('a').info('fine');
  log.writer('a').error('bad');
  stop();
  log.writer('a').info('unheard');
  expect(info.mock.calls.map(([line]) => String(line).slice(25))).toEqual(['INFO  [a] fine']);
  expect(warn.mock.calls.map(([line]) => String(line).slice(25))).toEqual(['ERROR [a] bad']);
  vi.restoreAllMocks();
});
