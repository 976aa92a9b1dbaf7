import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import type { CallPeer } from '../../src/carrier/device-call.ts';
import { ByteCore } from '../../wasm/abi.ts';
import { ManualClock } from '../src/testing/manual-clock.ts';
import { CallDesk } from './call-desk.ts';
import { DeviceIdentity } from './device-identity.ts';

let core: ByteCore;
beforeAll(async () => {
  core = await ByteCore.load(await readFile(new URL('../../wasm/dist/shoal.wasm', import.meta.url)));
});

/** A connection that never comes about: nobody answers on the other side. */
const nobody = (): CallPeer => ({
  _pc: null,
  offerOptions: {},
  on: () => undefined,
  signal: () => undefined,
  negotiate: () => undefined,
  destroy: () => undefined,
});

test('a caller that does not come within 15 seconds leaves its place, and is told', () => {
  const clock = new ManualClock();
  const identity = new DeviceIdentity(core, new Uint8Array(32).fill(1), { productId: 'cam', deviceName: 'door' });
  const said: string[] = [];
  const left: number[] = [];
  const desk = new CallDesk(
    {
      identity,
      createPeer: nobody,
      callersMax: 1,
      clock,
      serve: async () => undefined,
      left: ({ id }) => left.push(id),
    },
    {
      signal: () => undefined,
      refuse: (call, code) => said.push(`refuse ${call} ${code}`),
      hangUp: (call) => said.push(`hang up ${call}`),
    },
  );
  const info = identity.issue({ meeting: 'ws://127.0.0.1/devices', lifeMs: 60_000, rights: ['live'] }, clock.wall());
  desk.called(1, info, []);
  desk.called(2, info, []);
  expect([desk.callers, said]).toEqual([1, ['refuse 2 device/busy']]);
  clock.advance(14_999);
  expect(desk.callers).toBe(1);
  clock.advance(1);
  expect([desk.callers, left, said.at(-1)]).toEqual([0, [1], 'hang up 1']);
  clock.advance(60_000);
  expect(left).toEqual([1]);
});
