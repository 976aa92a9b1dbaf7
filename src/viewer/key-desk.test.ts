import { expect, test, vi } from 'vitest';
import { type ErrorCode, ShoalError } from '../errors.ts';
import type { Head } from '../wire/head.ts';
import { counting, headFields } from '../wire/testing/samples.ts';
import { KeyDesk } from './key-desk.ts';
import { PieceShelf } from './piece-shelf.ts';
import type { CodePort } from './ports.ts';
import { core } from './testing/core.ts';

const head: Head = { kind: 'head', version: 1, ...headFields, encrypted: true, generation: 5 };
const clearKey = (generation: number, nextInMs = 0) =>
  ({ kind: 'key', generation, wrapped: false, nextInMs, key: counting(32, 90) }) as const;

const newDesk = (codes?: CodePort) => {
  const asked: number[] = [];
  const shelf = new PieceShelf(core, 1_000_000);
  const clock = { now: () => 0, wallMs: () => 0, wakeAt: () => undefined, cancel: () => undefined };
  const random = (length: number) => new Uint8Array(length);
  const world = { core, clock, random, ...(codes === undefined ? {} : { codes }) };
  return { asked, shelf, desk: new KeyDesk({ world, shelf, ask: (generation) => asked.push(generation) }) };
};

/** Waits for a code, or for why there is none. */
const codeOf = (desk: KeyDesk): Promise<string | undefined> =>
  new Promise((use, failed) => desk.withCode(use, (code: ErrorCode) => failed(new ShoalError(code))));

test('where nobody gives codes the connection is opened without one, at once', () => {
  const use = vi.fn();
  newDesk().desk.withCode(use, () => expect.fail('no code is needed'));
  expect(use.mock.calls).toEqual([[undefined]]);
});

test('a code is fetched once, and again when it was refused', async () => {
  let fetched = 0;
  const { desk } = newDesk({ fetch: async () => ({ code: `code ${++fetched}`, key: counting(40, 3) }) });
  expect(await codeOf(desk)).toBe('code 1');
  expect(await codeOf(desk)).toBe('code 1');
  desk.forgetCode();
  expect(await codeOf(desk)).toBe('code 2');
});

test('why there is no code is said', async () => {
  const { desk } = newDesk({ fetch: () => Promise.reject(new ShoalError('key/service-unreachable')) });
  await expect(codeOf(desk)).rejects.toMatchObject({ code: 'key/service-unreachable' });
});

test('whoever had a key of the epoch before asks for one of the next at once; the first is sent unasked', () => {
  const { asked, desk, shelf } = newDesk();
  shelf.enterEpoch(head);
  desk.enterEpoch(head);
  expect(asked).toEqual([]);
  expect(desk.came(clearKey(5), head)).toBeUndefined();
  desk.enterEpoch({ ...head, generation: 9 });
  expect(asked).toEqual([9]);
  // The keys of that epoch have not come yet.
  desk.enterEpoch({ ...head, generation: 11 });
  expect(asked).toEqual([9]);
});

test('a stream that is not encrypted needs no key', () => {
  const { asked, desk, shelf } = newDesk();
  shelf.enterEpoch(head);
  desk.came(clearKey(5), head);
  desk.enterEpoch({ ...head, encrypted: false });
  expect(asked).toEqual([]);
});

test('a key that is none is a fault, and one that comes before there is a head is nothing', () => {
  const { desk, shelf } = newDesk();
  expect(desk.came({ ...clearKey(5), key: counting(31) }, undefined)).toBeUndefined();
  shelf.enterEpoch(head);
  expect(desk.came({ ...clearKey(5), key: counting(31) }, head)).toMatchObject({ kind: 'fault', code: 'key/wrong' });
});

test('the next generation is asked for in good time', () => {
  const { asked, desk, shelf } = newDesk();
  shelf.enterEpoch(head);
  desk.came(clearKey(5, 10_000), head);
  desk.tick(4_000, undefined);
  expect(asked).toEqual([]);
  expect(desk.askAt).toBe(5_000);
  desk.tick(5_000, undefined);
  expect(asked).toEqual([6]);
});
