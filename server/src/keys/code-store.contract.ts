// What every code store does, whatever it is made of.

import { expect, test } from 'vitest';
import type { CodeStore } from './code-store.ts';

/** A store under test, and a way to let time pass for it. */
export interface StoreUnderTest {
  readonly store: CodeStore;
  readonly pass: (ms: number) => Promise<void>;
}

/** Declares the tests. */
export const codeStoreContract = (name: string, make: () => Promise<StoreUnderTest>): void => {
  test(`${name}: a code that was put is found`, async () => {
    const { store } = await make();
    expect(await store.put('one', 'key-one', 1000)).toBe(true);
    expect(await store.put('two', 'key-two', 1000)).toBe(true);
    expect(await store.get('one')).toBe('key-one');
    expect(await store.get('two')).toBe('key-two');
  });

  test(`${name}: a code that was never put is unknown`, async () => {
    const { store } = await make();
    expect(await store.get('one')).toBeUndefined();
    expect(await store.get('__proto__')).toBeUndefined();
  });

  test(`${name}: a code is gone when its life is over`, async () => {
    const { store, pass } = await make();
    await store.put('one', 'key-one', 1000);
    await pass(999);
    expect(await store.get('one')).toBe('key-one');
    await pass(1);
    expect(await store.get('one')).toBeUndefined();
  });
};
