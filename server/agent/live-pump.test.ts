import { expect, test } from 'vitest';
import { ManualClock } from '../src/testing/manual-clock.ts';
import type { LiveFeed, LiveViewer } from './live-feed.ts';
import { type LiveExchange, pumpLive } from './live-pump.ts';

/** A feed that the test fills by hand. */
class HandFeed {
  readonly viewers = new Set<LiveViewer>();
  skips = 0;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  join(viewer: LiveViewer): () => void {
    this.viewers.add(viewer);
    viewer.tags(Buffer.from(`[${this.#name}]`));
    return () => this.viewers.delete(viewer);
  }

  skip(): void {
    this.skips += 1;
  }

  say(text: string): void {
    for (const viewer of this.viewers) viewer.tags(Buffer.from(text));
  }
}

const start = () => {
  const clock = new ManualClock();
  const [high, low] = [new HandFeed('high'), new HandFeed('low')];
  const written: string[] = [];
  let line: 'open' | 'stuck' = 'open';
  let free: () => void = () => undefined;
  let hangUp: () => void = () => undefined;
  const exchange: LiveExchange = {
    over: new Promise<void>((resolve) => {
      hangUp = resolve;
    }),
    async write(bytes) {
      if (line === 'stuck') await new Promise<void>((resolve) => (free = resolve));
      written.push(Buffer.from(bytes).toString());
    },
    end: () => written.push('end'),
    cancel: () => written.push('cancel'),
  };
  const over = pumpLive([high, low] as unknown as [LiveFeed, LiveFeed], exchange, clock);
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    clock,
    high,
    low,
    over,
    settle,
    hangUp: () => hangUp(),
    said: () => written.join(''),
    stick: () => {
      line = 'stuck';
    },
    unstick: () => {
      line = 'open';
      free();
    },
  };
};

test('a line that takes nothing for two seconds gets the lower quality, and the better one again when it has been calm', async () => {
  const { clock, high, low, over, settle, hangUp, said, stick, unstick } = start();
  await settle();
  stick();
  high.say('a');
  await settle();
  for (let second = 0; second < 3; second++) {
    high.say('b');
    clock.advance(1_100);
  }
  high.say('c');
  expect([high.viewers.size, low.viewers.size]).toEqual([0, 1]);
  unstick();
  await settle();
  expect(said()).toBe('[high]a[low]');
  for (let second = 0; second < 17; second++) {
    low.say('.');
    await settle();
    clock.advance(1_000);
  }
  low.say('!');
  await settle();
  expect([high.viewers.size, low.viewers.size]).toEqual([1, 0]);
  expect(said()).toMatch(/^\[high\]a\[low\]\.+!?\[high\]$/);
  hangUp();
  await over;
  expect([high.viewers.size, low.viewers.size], 'nobody is left behind').toEqual([0, 0]);
});

test('at the lowest quality it goes on at the next keyframe, as often as need be', async () => {
  const { clock, high, low, over, settle, hangUp, stick, unstick } = start();
  await settle();
  stick();
  high.say('a');
  await settle();
  for (let second = 0; second < 12; second++) {
    for (const feed of [high, low]) feed.say('b');
    clock.advance(1_100);
  }
  expect(low.viewers.size).toBe(1);
  expect(low.skips).toBeGreaterThan(1);
  unstick();
  hangUp();
  await over;
});

test('the end of the source ends the exchange, its failure breaks it off', async () => {
  for (const [why, word] of [
    ['ended', 'end'],
    ['failed', 'cancel'],
  ] as const) {
    const { high, over, settle, said } = start();
    await settle();
    for (const viewer of high.viewers) viewer.ended(why);
    await over;
    expect(said()).toBe(`[high]${word}`);
  }
});
