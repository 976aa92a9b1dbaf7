import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTree } from '../testing/tree.ts';
import { whileLocked } from './lock.ts';

it('lets one work at a time and leaves nothing behind', async () => {
  const file = join(makeTree({}), 'build/lock');
  const order: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${name} ends`);
  };
  await Promise.all([whileLocked(file, work('first')), whileLocked(file, work('second'))]);
  expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  expect(existsSync(file)).toBe(false);
});

it('frees the lock when the work fails', async () => {
  const file = join(makeTree({}), 'lock');
  const failure = new Error('broken');
  await expect(whileLocked(file, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(await whileLocked(file, async () => 'works again')).toBe('works again');
});

it('does not wait for a process that is gone', async () => {
  const file = join(makeTree({}), 'lock');
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(file, String(gone));
  expect(await whileLocked(file, async () => 'works')).toBe('works');
});
