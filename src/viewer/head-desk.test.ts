import { expect, test } from 'vitest';
import { concat } from '../../wasm/testing/flv-maker.ts';
import { Random } from '../core/kit/random.ts';
import { SwarmView } from '../core/viewer/swarm-view.ts';
import { encodeHeadBody, HEAD_CONTEXT, type Head, sealHead } from '../wire/head.ts';
import { counting, headFields } from '../wire/testing/samples.ts';
import { HeadDesk } from './head-desk.ts';
import { core } from './testing/core.ts';

const SEED = counting(32, 1);
const publicKey = core.publicKey(SEED);

const sealed = (revision: number): Uint8Array<ArrayBuffer> => {
  const body = encodeHeadBody({ ...headFields, publicKey, revision });
  return sealHead(body, core.sign(SEED, concat(HEAD_CONTEXT, body)));
};

const newDesk = () => {
  const policy = { mode: 'on', uploadBytesPerSec: 1, neighbours: 1 } as const;
  const view = new SwarmView({ out: { put: () => undefined }, random: new Random(1), policy, windowCapacity: 64 });
  return { view, desk: new HeadDesk(core, [publicKey], view) };
};

/** What the engine does with a head that it takes. */
const takes = (view: SwarmView, head: ReturnType<HeadDesk['look']>): void => {
  if (head.kind === 'head') view.head = head satisfies Head;
};

test('the head that was taken is passed on in the bytes it came in', () => {
  const { desk, view } = newDesk();
  expect(desk.bytes()).toBeUndefined();
  const bytes = sealed(1);
  takes(view, desk.look(bytes, 'origin'));
  expect(desk.bytes()).toBe(bytes);
});

test('a head that was not taken is not passed on, nor does it displace the one that was', () => {
  const { desk, view } = newDesk();
  desk.look(sealed(2), 'origin');
  expect(desk.bytes()).toBeUndefined();
  const taken = sealed(3);
  takes(view, desk.look(taken, 'origin'));
  expect(desk.look(sealed(1), 7)).toMatchObject({ kind: 'head', revision: 1 });
  expect(desk.bytes()).toBe(taken);
});

test('one that is not believed changes nothing', () => {
  const { desk, view } = newDesk();
  const taken = sealed(3);
  takes(view, desk.look(taken, 'origin'));
  const bent = sealed(4);
  bent[50] = (bent[50] ?? 0) ^ 1;
  expect(desk.look(bent, 'origin')).toMatchObject({ kind: 'fault', code: 'origin/bad-head' });
  expect(desk.bytes()).toBe(taken);
});
