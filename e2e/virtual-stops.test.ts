// The browser stops Service Workers when it likes: what players on a virtual URL notice of it.

import { describe, expect } from 'vitest';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { NativePage } from './fixtures/native-page.ts';
import { it, type Stage } from './fixtures/stage.ts';

/** Opens a page whose stream has started. */
async function started(stage: Stage, name: string): Promise<{ native: NativePage; url: string }> {
  await stage.serve();
  const native = await NativePage.load(stage, name);
  const { url } = await native.start(stage.url(name));
  return { native, url };
}

describe('a Service Worker that is stopped', () => {
  it('while idle, answers the next request as if nothing had been', async ({ stage }) => {
    const { native, url } = await started(stage, 'idle');
    const before = await native.readSome(url, 100_000);
    expect(before).toMatchObject({ status: 200, type: 'video/x-flv', head: [0x46, 0x4c, 0x56] });
    await native.stopServiceWorker();
    expect(await native.readSome(url, 100_000)).toMatchObject({ status: 200, head: [0x46, 0x4c, 0x56] });
    await native.watch(url);
    await native.paints(25);
  });

  it('in mid-response, ends the response, and our loader goes on where it stood', async ({ stage }) => {
    const { native, url } = await started(stage, 'loader');
    const requests = native.countRequests(url);
    const seat = await native.watch(url, { kind: 'loader' });
    await expectPictureWithinASecond(native, seat);
    expect(requests()).toBe(2);
    // The player behind it noticed nothing.
    expect(await native.watched(seat)).toMatchObject({ opened: 1, ended: 0, failed: 0 });
  });

  it('in mid-response, ends the response, and the five-line retry of a foreign player begins anew', async ({
    stage,
  }) => {
    const { native, url } = await started(stage, 'retry');
    const requests = native.countRequests(url);
    const seat = await native.watch(url, { kind: 'retry' });
    await expectPictureWithinASecond(native, seat);
    expect(requests()).toBe(2);
    expect((await native.watched(seat)).opened).toBe(2);
  });

  it('in mid-response, is made good by our own player on the same address', async ({ stage }) => {
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    const { native, url } = await started(stage, 'player');
    const seat = await native.watch(url, { kind: 'player' });
    await expectPictureWithinASecond(native, seat);
  });
});

/** Stops the Service Worker under a player; what the machine itself takes is known from the two seconds before. */
async function expectPictureWithinASecond(native: NativePage, seat: number): Promise<void> {
  await native.paints(25, seat);
  const usual = await native.longestGapAround(seat, () => Promise.resolve());
  const gap = await native.longestGapAround(seat, () => native.stopServiceWorker());
  console.info(`${native.name}: longest pause ${gap.toFixed(0)} ms, before it ${usual.toFixed(0)} ms`);
  expect(gap).toBeLessThan(1000 + 3 * usual);
}
