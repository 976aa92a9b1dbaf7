// What every code store does, whatever it is made of.

import { expect, test } from 'vitest';
import type { CodeStore } from './code-store.ts';

/** A store under test, and a way to let time pass for it. */
export interface StoreUnderTest {
  readonly store: CodeStore;
  readonly pass: (ms: number) => Promise<void>;
}

const LIFE_MS = 100_000;
/** Short enough of the end for a store whose clock runs on by itself. */
const NEARLY_MS = 90_000;

type Declare = (name: string, body: () => Promise<void>) => void;

/** Declares the tests. */
export const codeStoreContract = (name: string, make: () => Promise<StoreUnderTest>, declare: Declare = test): void => {
  declare(`${name}: a code that was put is found`, async () => {
    const { store } = await make();
    expect(await store.put('one', 'key-one', LIFE_MS)).toBe(true);
    expect(await store.put('two', 'key-two', LIFE_MS)).toBe(true);
    expect(await store.get('one')).toBe('key-one');
    expect(await store.get('two')).toBe('key-two');
  });

  declare(`${name}: a code that was never put is unknown`, async () => {
    const { store } = await make();
    expect(await store.get('one')).toBeUndefined();
    expect(await store.get('__proto__')).toBeUndefined();
  });

  declare(`${name}: a code is gone when its life is over`, async () => {
    const { store, pass } = await make();
    await store.put('one', 'key-one', LIFE_MS);
    await pass(NEARLY_MS);
    expect(await store.get('one')).toBe('key-one');
    await pass(LIFE_MS - NEARLY_MS);
    expect(await store.get('one')).toBeUndefined();
  });
};
