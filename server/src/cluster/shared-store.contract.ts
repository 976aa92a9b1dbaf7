// What every shared store does, whatever it is made of.

import { expect, onTestFinished } from 'vitest';
import type { SharedStore, StoreState } from './shared-store.ts';

/** A store under test. */
export interface StoreUnderTest {
  /** One more process at the same store. */
  open(): Promise<SharedStore>;
  /** Lets time pass for what is kept. */
  pass(ms: number): Promise<void>;
  /** Takes the store away with all it held, or brings it back. */
  turn(state: StoreState): Promise<void>;
}

type Declare = (name: string, body: () => Promise<void>, timeoutMs?: number) => void;

const LIFE_MS = 100_000;

/** Declares the tests. */
export const sharedStoreContract = (name: string, declare: Declare, make: () => Promise<StoreUnderTest>): void => {
  const check = (what: string, body: (under: StoreUnderTest) => Promise<void>): void =>
    declare(`${name}: ${what}`, async () => body(await make()), 30_000);
  keys(check);
  hashes(check);
  channels(check);
  losses(check);
};

type Check = (what: string, body: (under: StoreUnderTest) => Promise<void>) => void;

const openAt = async (under: StoreUnderTest): Promise<SharedStore> => {
  const store = await under.open();
  onTestFinished(() => store.close());
  return store;
};

const pairAt = async (under: StoreUnderTest): Promise<[SharedStore, SharedStore]> => [
  await openAt(under),
  await openAt(under),
];

const keys = (check: Check): void => {
  check(
    'a key is taken by one, kept by taking it again, and free when it was dropped or has expired',
    async (under) => {
      const [a, b] = await pairAt(under);
      expect(await a.take('k', 'a', LIFE_MS)).toBe('a');
      expect(await b.take('k', 'b', LIFE_MS)).toBe('a');
      await under.pass(LIFE_MS - 10_000);
      expect(await a.take('k', 'a', LIFE_MS)).toBe('a');
      await under.pass(LIFE_MS - 10_000);
      expect(await b.take('k', 'b', LIFE_MS)).toBe('a');
      expect(await b.drop('k', 'b')).toBe(false);
      expect(await a.drop('k', 'a')).toBe(true);
      expect(await b.take('k', 'b', LIFE_MS)).toBe('b');
      await under.pass(LIFE_MS);
      expect(await b.read('k')).toBeUndefined();
      expect(await a.take('k', 'a', LIFE_MS)).toBe('a');
    },
  );

  check('of many who want a key at once one gets it', async (under) => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => openAt(under)));
    const held = await Promise.all(stores.map((store, at) => store.take('k', String(at), LIFE_MS)));
    expect(new Set(held).size).toBe(1);
  });

  check('a key is written whoever holds it, read by all, and prolonged only while it is there', async (under) => {
    const [a, b] = await pairAt(under);
    await a.write('one', '1', LIFE_MS);
    await b.write('one', 'ü "2" \u0000', LIFE_MS);
    expect(await a.read('one')).toBe('ü "2" \u0000');
    expect(await a.read('__proto__')).toBeUndefined();
    await a.prolong(['one', 'none'], 2 * LIFE_MS);
    await under.pass(LIFE_MS);
    expect(await b.read('one')).toBe('ü "2" \u0000');
    expect(await b.read('none')).toBeUndefined();
  });

  check('keys and hashes are found by how they begin', async (under) => {
    const store = await openAt(under);
    await store.write('room*:1', '', LIFE_MS);
    await store.putFields('room*:2', { a: '1' }, LIFE_MS);
    await store.write('roomy', '', LIFE_MS);
    expect([...(await store.keysFrom('room*'))].sort()).toEqual(['room*:1', 'room*:2']);
  });
};

const hashes = (check: Check): void => {
  check('fields of many are in one hash, which lives as long as somebody writes', async (under) => {
    const [a, b] = await pairAt(under);
    await a.putFields('h', { one: '1', two: '2' }, LIFE_MS);
    await under.pass(LIFE_MS - 10_000);
    await b.putFields('h', { two: 'II', three: '3' }, LIFE_MS);
    await under.pass(LIFE_MS - 10_000);
    await b.dropFields('h', ['one', 'none']);
    await b.dropFields('none', ['one']);
    expect(await a.readFields('h')).toEqual(
      new Map([
        ['two', 'II'],
        ['three', '3'],
      ]),
    );
    await under.pass(LIFE_MS);
    expect(await a.readFields('h')).toEqual(new Map());
  });

  check('numbers of many add up', async (under) => {
    const [a, b] = await pairAt(under);
    await Promise.all([
      a.addToFields('h', { bytes: 5_000_000_000, viewers: 1 }, LIFE_MS),
      b.addToFields('h', { bytes: 2 }, LIFE_MS),
    ]);
    expect(await a.readFields('h')).toEqual(
      new Map([
        ['bytes', '5000000002'],
        ['viewers', '1'],
      ]),
    );
  });
};

const channels = (check: Check): void => {
  check('what is said on a channel is heard by all who listen, in order, and by nobody else', async (under) => {
    const [a, b] = await pairAt(under);
    const heard: string[] = [];
    const stop = await a.listen('c', (text) => heard.push(`a ${text}`));
    await b.listen('c', (text) => heard.push(`b ${text}`));
    await b.listen('other', (text) => heard.push(`other ${text}`));
    expect(await a.publish('c', '1')).toBe(2);
    await a.publish('c', '2');
    await expect.poll(() => heard.toSorted()).toEqual(['a 1', 'a 2', 'b 1', 'b 2']);
    expect(heard.indexOf('b 1')).toBeLessThan(heard.indexOf('b 2'));
    stop();
    await expect.poll(() => b.publish('c', '3')).toBe(1);
    expect(await b.publish('nobody', '')).toBe(0);
  });
};

const losses = (check: Check): void => {
  check('a store that is away fails at once, says so, and is whole again when it is back', async (under) => {
    const [a, b] = await pairAt(under);
    const states: StoreState[] = [];
    const heard: string[] = [];
    a.watch((state) => states.push(state));
    await a.listen('c', (text) => heard.push(text));
    await a.write('k', 'v', LIFE_MS);
    await under.turn('lost');
    await expect.poll(() => a.state).toBe('lost');
    await expect(a.read('k')).rejects.toMatchObject({ code: 'server/store-lost' });
    await expect(a.putFields('h', { a: '1' }, LIFE_MS)).rejects.toMatchObject({ code: 'server/store-lost' });
    await expect(a.publish('c', '0')).rejects.toMatchObject({ code: 'server/store-lost' });
    await a.listen('late', (text) => heard.push(`late ${text}`));
    await under.turn('ready');
    await expect.poll(() => [a.state, b.state]).toEqual(['ready', 'ready']);
    expect(states).toEqual(['lost', 'ready']);
    expect(await a.read('k')).toBeUndefined();
    expect(await a.take('k', 'a', LIFE_MS)).toBe('a');
    await b.publish('c', '1');
    await b.publish('late', '2');
    await expect.poll(() => heard).toEqual(['1', 'late 2']);
  });
};
