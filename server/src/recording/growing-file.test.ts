import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ShoalError } from '../../../src/errors.ts';
import { freshFolder } from '../testing/folders.ts';
import { diskError, GrowingFile } from './growing-file.ts';

const stage = (path = join(freshFolder('growing'), 'file')) => {
  const errors: ShoalError[] = [];
  let open: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { path, errors, open, file: new GrowingFile(path, { ready, failed: (error) => errors.push(error) }) };
};

test('what is appended before, while and after it is opened is there, in order, with what was patched', async () => {
  const { file, open, path, errors } = stage();
  for (let n = 0; n < 100; n++) file.append(Buffer.from(`${n},`));
  open();
  await file.sync();
  for (let n = 100; n < 200; n++) file.append(Buffer.from(`${n},`));
  file.patch(0, Buffer.from('x'));
  file.append(Buffer.from('end'));
  await file.sync();
  await file.close();
  const text = `${Array.from({ length: 200 }, (_, n) => `${n},`).join('')}end`;
  expect(readFileSync(path, 'utf8')).toBe(text.replace('0', 'x'));
  expect(file.length).toBe(text.length);
  expect(errors).toEqual([]);
});

test('a file that cannot be made is told once, and what comes after goes nowhere', async () => {
  const { file, open, errors } = stage('/nowhere/file');
  open();
  file.append(Buffer.from('a'));
  await expect(file.sync()).rejects.toMatchObject({ code: 'record/failed', detail: 'ENOENT' });
  file.append(Buffer.from('b'));
  await file.close();
  expect(errors.map(({ detail }) => detail)).toEqual(['ENOENT']);
});

test('a file that is there is not written over', async () => {
  const first = stage();
  first.open();
  first.file.append(Buffer.from('kept'));
  await first.file.sync();
  await first.file.close();
  const second = stage(first.path);
  second.open();
  second.file.append(Buffer.from('lost'));
  await expect(second.file.sync()).rejects.toMatchObject({ detail: 'EEXIST' });
  expect(readFileSync(first.path, 'utf8')).toBe('kept');
});

test('a disk that is full says so, as the device made for it does', async () => {
  expect(diskError(Object.assign(new Error(), { code: 'ENOSPC' })).code).toBe('record/disk-full');
  expect(diskError(Object.assign(new Error(), { code: 'EDQUOT' })).code).toBe('record/disk-full');
  expect(diskError(Object.assign(new Error(), { code: 'EIO' })).code).toBe('record/failed');
  const known = new ShoalError('record/failed');
  expect(diskError(known)).toBe(known);
});

test('a disk that is too slow is given up before memory is full', async () => {
  const { file, errors } = stage();
  const megabyte = Buffer.alloc(1024 * 1024);
  for (let n = 0; n < 65; n++) file.append(megabyte);
  expect(errors.map(({ detail }) => detail)).toEqual(['the disk is too slow']);
});
