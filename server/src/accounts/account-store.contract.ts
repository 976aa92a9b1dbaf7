// What every store of accounts does, whatever it is made of.

import { expect } from 'vitest';
import { HOUR_MS } from './account-entry.ts';
import type { AccountStore } from './account-store.ts';

/** A place for accounts under test; opened twice it holds the same. */
export interface AccountsUnderTest {
  open(): Promise<AccountStore>;
}

const hour = 450_000 * HOUR_MS;
const key = { app: 'shop', stream: '/live/a', hour };

/** Declares the tests. */
export const accountStoreContract = (
  name: string,
  test: (title: string, body: () => Promise<void>) => void,
  make: () => Promise<AccountsUnderTest>,
): void => {
  test(`${name}: what is added to an entry is summed`, async () => {
    const store = await (await make()).open();
    await store.add([{ key, amounts: { originBytes: 10, viewers: 1, minute7: 3 } }]);
    await store.add([{ key, amounts: { originBytes: 5, neighbourBytes: 7, minute7: 1, minute59: 2 } }]);
    const sum = { originBytes: 15, neighbourBytes: 7, viewers: 1, minute7: 4, minute59: 2 };
    expect(await store.read({ from: hour, to: hour + HOUR_MS })).toEqual([{ key, amounts: sum }]);
  });

  test(`${name}: apps, streams and hours are kept apart and come in order`, async () => {
    const store = await (await make()).open();
    const keys = [key, { ...key, stream: '/live/b' }, { ...key, app: 'tour' }, { ...key, hour: hour + HOUR_MS }];
    await store.add([...keys].reverse().map((each) => ({ key: each, amounts: { viewers: 1 } })));
    expect((await store.read({ from: hour, to: hour + 2 * HOUR_MS })).map((entry) => entry.key)).toEqual(keys);
    expect(await store.read({ from: hour + HOUR_MS, to: hour + 2 * HOUR_MS })).toHaveLength(1);
    expect(await store.read({ from: hour - HOUR_MS, to: hour })).toEqual([]);
  });

  test(`${name}: what was added is there after a restart, and goes on from there`, async () => {
    const place = await make();
    const before = await place.open();
    await before.add([{ key, amounts: { originBytes: 10 } }]);
    await before.close();
    const after = await place.open();
    await after.add([{ key, amounts: { originBytes: 1 } }]);
    expect(await after.read({ from: hour, to: hour + HOUR_MS })).toEqual([{ key, amounts: { originBytes: 11 } }]);
  });
};
