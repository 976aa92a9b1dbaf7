// The way to a server in the test's hands: what is sent when, what is dropped, and how it comes back.

import { expect, it } from 'vitest';
import { MemorySockets, type SocketSide } from '../../carrier/testing/memory-sockets.ts';
import type { ErrorCode } from '../../errors.ts';
import { encodePublish, type PublishAnswer } from '../../wire/publish.ts';
import { ManualTiming } from '../testing/manual-timing.ts';
import { Uplink, type UplinkState } from './uplink.ts';

const SESSION = 'AAAAAAAAAAAAAAAAAAAAAA';
/** Preludes are named by these lengths, tags by theirs. */
const WITH_HEADER = 7;
const WITHOUT_HEADER = 5;
const TAG = 20_000;

const setUp = (configured = true) => {
  const sockets = new MemorySockets();
  const timing = new ManualTiming();
  const states: UplinkState[] = [];
  const ends: (ErrorCode | undefined)[] = [];
  let keyframes = 0;
  const known = { configured, version: 0 };
  const uplink = new Uplink({
    open: sockets.open,
    address: 'ws://host/publish/live/a?key=secret',
    session: SESSION,
    timing,
    random: () => 1,
    prelude: (header) =>
      known.configured ? new Uint8Array(header ? WITH_HEADER : WITHOUT_HEADER).fill(known.version) : undefined,
    events: {
      state: (state) => void states.push(state),
      keyframeWanted: () => {
        keyframes += 1;
      },
      over: (code) => void ends.push(code),
    },
  });
  const accept = async (): Promise<SocketSide> => {
    const side = await sockets.accepted();
    say(side, { kind: 'accepted' });
    await settled();
    return side;
  };
  return { uplink, sockets, timing, states, ends, known, accept, keyframes: () => keyframes };
};

const say = (side: SocketSide, answer: PublishAnswer): void => side.send(encodePublish(answer));

/** Everything that was sent by a timer of 0 has arrived. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(() => setTimeout(resolve)));

const offer = (uplink: Uplink, ms: number, renews = false): void =>
  uplink.offer({ ms, bytes: new Uint8Array(TAG), startsGroup: ms % 1000 === 0, renews });

const hear = async (side: SocketSide, count: number): Promise<number[]> => {
  const sizes: number[] = [];
  for (let n = 0; n < count; n++) sizes.push((await side.heard()).length);
  return sizes;
};

it('begins with header and prelude, sends what comes, and says where it may be known again', async () => {
  const { uplink, accept, states, known } = setUp();
  offer(uplink, 0, true);
  const side = await accept();
  expect(new URL(side.address).searchParams.get('session')).toBe(SESSION);
  expect(new URL(side.address).searchParams.get('key')).toBe('secret');
  offer(uplink, 100);
  expect(await hear(side, 3)).toEqual([WITH_HEADER, TAG, TAG]);
  say(side, { kind: 'received', bytes: uplink.figures.sentBytes });
  await settled();
  // What is announced as new and is not is not said again.
  offer(uplink, 1000, true);
  expect(await hear(side, 1)).toEqual([TAG]);
  say(side, { kind: 'received', bytes: uplink.figures.sentBytes });
  await settled();
  known.version = 1;
  offer(uplink, 2000, true);
  expect(await hear(side, 2)).toEqual([WITHOUT_HEADER, TAG]);
  expect(states).toEqual(['sending']);
});

it('sends nothing before all codecs are known', async () => {
  const { uplink, accept, known } = setUp(false);
  offer(uplink, 0);
  const side = await accept();
  expect(uplink.figures.sentBytes).toBe(0);
  known.configured = true;
  offer(uplink, 100);
  expect(await hear(side, 3)).toEqual([WITH_HEADER, TAG, TAG]);
});

it('waits for what is under way, drops whole groups when too much waits, and asks for a keyframe', async () => {
  const { uplink, accept, keyframes } = setUp();
  const side = await accept();
  const asked = keyframes();
  for (let ms = 0; ms <= 6000; ms += 100) offer(uplink, ms);
  // One second under way, the group that has begun, and what came after the last drop.
  const { sentBytes, queuedMs, droppedGroups, droppedFrames } = uplink.figures;
  expect(sentBytes).toBe(WITH_HEADER + 10 * TAG);
  expect(queuedMs).toBeLessThanOrEqual(2000);
  // At 3,100 ms two seconds wait: the groups of 1,000 and 2,000, and all of the one of 3,000.
  expect([droppedGroups, droppedFrames]).toEqual([3, 30]);
  expect(keyframes()).toBeGreaterThan(asked);
  say(side, { kind: 'received', bytes: sentBytes });
  await settled();
  expect(uplink.figures.sentBytes).toBeGreaterThan(sentBytes);
  expect(uplink.figures.lagMs).toBe(6000 - 900);
});

it('comes back by itself, a little later each time, and begins anew with a whole group', async () => {
  const { uplink, accept, sockets, timing, states } = setUp();
  const first = await accept();
  offer(uplink, 0);
  offer(uplink, 100);
  await hear(first, 3);
  first.close(1006, '');
  await settled();
  expect(states.at(-1)).toBe('reconnecting');
  offer(uplink, 200);
  expect(timing.nextInMs).toBe(500);
  timing.turn(500);
  (await sockets.accepted()).close(1006, '');
  await settled();
  expect(timing.nextInMs).toBe(1000);
  timing.turn(1000);
  const again = await accept();
  expect(states).toEqual(['sending', 'reconnecting', 'sending']);
  offer(uplink, 300);
  offer(uplink, 1000);
  expect(await hear(again, 2)).toEqual([WITH_HEADER, TAG]);
  expect(uplink.figures).toMatchObject({ reconnects: 2, droppedFrames: 2 });
});

it('ends with the reason of a refusal: at the beginning any, later one that will not pass', async () => {
  for (const [accepted, code, ends] of [
    [false, 'publish/taken', true],
    [false, 'publish/refused', true],
    [true, 'publish/silent', false],
    [true, 'publish/taken-over', true],
  ] as const) {
    const one = setUp();
    const side = accepted ? await one.accept() : await one.sockets.accepted();
    say(side, { kind: 'refused', code });
    side.close(1001, '0');
    await settled();
    expect(one.ends).toEqual(ends ? [code] : []);
    expect(one.states.at(-1)).toBe(ends ? 'over' : 'reconnecting');
    one.uplink.close();
  }
});

it('a server that cannot be reached at first, or talks nonsense, ends it', async () => {
  const unreachable = setUp();
  (await unreachable.sockets.accepted()).close(1006, '');
  await settled();
  expect(unreachable.ends).toEqual(['publish/unreachable']);
  const nonsense = setUp();
  (await nonsense.sockets.accepted()).send('hello');
  await settled();
  expect(nonsense.ends).toEqual(['publish/bad-message']);
});

it('finishes by sending what waits and then the end, and does not wait for ever', async () => {
  const good = setUp();
  const side = await good.accept();
  for (let ms = 0; ms < 1500; ms += 100) offer(good.uplink, ms);
  good.uplink.finish();
  offer(good.uplink, 1500);
  const sent = await hear(side, 11);
  say(side, { kind: 'received', bytes: sent.reduce((sum, size) => sum + size) });
  await hear(side, 5);
  expect(await side.heard()).toBe('{"kind":"finish"}');
  side.close(1001, '0');
  await settled();
  expect(good.ends).toEqual([undefined]);
  const hung = setUp();
  await hung.accept();
  hung.uplink.finish();
  expect(hung.ends).toEqual([]);
  hung.timing.turn(3000);
  expect(hung.ends).toEqual([undefined]);
});
