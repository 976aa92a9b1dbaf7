import { afterEach, expect, test, vi } from 'vitest';
import { watchLine } from './page-life.ts';

afterEach(() => vi.unstubAllGlobals());

/** A page with this connection; many browsers have none. */
const page = (connection?: EventTarget & { type?: string }) => {
  const window = new EventTarget();
  vi.stubGlobal('window', window);
  vi.stubGlobal('navigator', { connection });
  const told: string[] = [];
  const unwatch = watchLine({ changed: () => told.push('changed'), hinted: () => told.push('hinted') });
  return { window, told, unwatch };
};

test('a line that comes back has changed', () => {
  const { window, told, unwatch } = page();
  window.dispatchEvent(new Event('online'));
  unwatch();
  window.dispatchEvent(new Event('online'));
  expect(told).toEqual(['changed']);
});

test('another kind of line is a change, another guess at its speed a hint', () => {
  const connection: EventTarget & { type?: string } = new EventTarget();
  connection.type = 'wifi';
  const { told, unwatch } = page(connection);
  connection.dispatchEvent(new Event('change'));
  connection.type = 'cellular';
  connection.dispatchEvent(new Event('change'));
  connection.dispatchEvent(new Event('change'));
  unwatch();
  connection.dispatchEvent(new Event('change'));
  expect(told).toEqual(['hinted', 'changed', 'hinted']);
});
