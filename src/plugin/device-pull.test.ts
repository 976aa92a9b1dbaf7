import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceStream } from '../device/device.ts';
import { FILE_HEADER, rowOf, tagOf } from '../player/testing/flv-bytes.ts';
import { DevicePull, type Elsewhere } from './device-pull.ts';
import type { PullEvents, RunningPull } from './pull.ts';

let heard: string[];
let stopped: string[];
let feed: ReadableStreamDefaultController<Uint8Array>;
let followed: PullEvents | undefined;
let answer: Promise<DeviceStream | Elsewhere>;

beforeEach(() => {
  vi.useFakeTimers();
  heard = [];
  stopped = [];
  followed = undefined;
});
afterEach(() => vi.useRealTimers());

const stream = (status = 200): DeviceStream => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      feed = controller;
    },
  });
  return { status, headers: {}, body, stop: () => void stopped.push('stream') };
};

const events: PullEvents = {
  notify: (subtype) => void heard.push(subtype),
  data: (flv) => void heard.push(`${flv.byteLength} bytes`),
  over: () => void heard.push('over'),
};

const follow = (_address: URL, given: PullEvents): RunningPull => {
  followed = given;
  given.notify('request');
  return { start: async () => given.notify('parsed'), close: () => given.notify('close') };
};

const pullOf = (silentAfterMs?: number): DevicePull =>
  new DevicePull({ ask: () => answer, follow, silentAfterMs }, events);
const codeOf = async (started: Promise<void>): Promise<unknown> => started.catch(({ errcode }) => errcode);
const flv = new Uint8Array(rowOf(FILE_HEADER, tagOf('video', 1)));

describe('a pull from a device', () => {
  it('hands on whole tags only, and resolves with the first', async () => {
    answer = Promise.resolve(stream());
    const started = codeOf(pullOf(1000).start());
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual(['request', 'parsed']);
    feed.enqueue(flv.subarray(0, 20));
    feed.enqueue(flv.subarray(20));
    await started;
    await vi.advanceTimersByTimeAsync(0);
    const sizes = heard.slice(2).map((line) => Number.parseInt(line, 10));
    expect(sizes).toEqual([FILE_HEADER.byteLength, flv.length - FILE_HEADER.byteLength]);
  });

  it('is over when live data stays away, and not while a recording is paused', async () => {
    for (const [silentAfterMs, end] of [
      [5000, 'disconnect'],
      [undefined, undefined],
    ] as const) {
      heard.length = 0;
      answer = Promise.resolve(stream());
      const pull = pullOf(silentAfterMs);
      const started = pull.start();
      await vi.advanceTimersByTimeAsync(0);
      feed.enqueue(flv);
      await started;
      await vi.advanceTimersByTimeAsync(4000);
      expect(heard.at(-1)).toMatch(/bytes/);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(heard.find((line) => line === 'disconnect')).toBe(end);
      pull.close();
      expect(heard.at(-1)).toBe('over');
    }
  });

  it('is refused when nothing comes at all, and leaves no request behind', async () => {
    answer = Promise.resolve(stream());
    const started = codeOf(pullOf().start());
    await vi.advanceTimersByTimeAsync(13_000);
    expect(await started).toBe(-2402);
    expect(heard).toEqual(['request', 'parsed', 'disconnect', 'over']);
    expect(stopped).toEqual(['stream']);
  });

  it('that is closed while the device is being asked takes nothing of its answer', async () => {
    let say: (answered: DeviceStream) => void = () => undefined;
    answer = new Promise((resolve) => {
      say = resolve;
    });
    const pull = pullOf();
    const started = codeOf(pull.start());
    pull.close();
    expect(await started).toBe(-2402);
    say(stream());
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual(['request', 'close', 'over']);
    expect(stopped).toEqual(['stream']);
  });

  it('closed from within its own notification says nothing more', async () => {
    answer = Promise.resolve(stream());
    const pull: DevicePull = new DevicePull(
      { ask: () => answer, follow, silentAfterMs: undefined },
      {
        ...events,
        notify(subtype) {
          events.notify(subtype);
          if (subtype === 'parsed') pull.close();
        },
      },
    );
    expect(await codeOf(pull.start())).toBe(-2402);
    expect(heard).toEqual(['request', 'parsed', 'close', 'over']);
  });

  it('goes on elsewhere without saying request twice, and lets go of the device at the end', async () => {
    answer = Promise.resolve({ address: new URL('https://a.example/x.flv'), leave: () => void stopped.push('share') });
    const pull = pullOf();
    await pull.start();
    followed?.data(new ArrayBuffer(3));
    pull.close();
    followed?.over();
    expect(heard).toEqual(['request', 'parsed', '3 bytes', 'close', 'over']);
    expect(stopped).toEqual(['share']);
  });
});
